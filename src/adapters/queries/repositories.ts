import type { Selectable } from 'kysely';
import type { Repository, RepositoryQueries } from '../../ports/storage.ts';
import { compiled } from './compiled.ts';
import { toDomain } from './domains.ts';
import { hasPrefix } from './prefix.ts';
import type { Database, RepositoriesTable } from './schema.ts';
import { tidyContents } from './tidy-contents.ts';
import { topologyQueries } from './topology.ts';
import { inTransaction } from './transaction.ts';

/** Repositories, on any engine. */
export function repositoryQueries(db: Database): RepositoryQueries {
  return {
    ...topologyQueries(db),

    async insert(repository) {
      const result = await db
        .insertInto('repositories')
        .values({
          id: repository.id,
          domain_id: repository.domainId,
          name: repository.name,
          administrator_account: repository.administratorAccount,
          description: repository.description,
          created_at: repository.createdAt,
        })
        .onConflict((conflict) => conflict.columns(['domain_id', 'name']).doNothing())
        .executeTakeFirstOrThrow();
      return result.numInsertedOrUpdatedRows === 1n;
    },

    async find(domainId, name) {
      const [row] = await findRow(db, { domainId, name });
      return row && toRepository(row);
    },

    async get(id) {
      const [row] = await getRow(db, { id });
      return row && toRepository(row);
    },

    async locate(owner, region, domain, repository) {
      const [row] = await locateRow(db, { owner, region, domain, repository });
      if (row === undefined) return undefined;
      return { domain: toDomain(row), repository: toJoinedRepository(row) };
    },

    async listInDomain(domainId, { prefix, administratorAccount }, { after, limit }) {
      let query = db.selectFrom('repositories').selectAll().where('domain_id', '=', domainId);
      if (administratorAccount !== undefined) query = query.where('administrator_account', '=', administratorAccount);
      if (prefix !== undefined) query = query.where((eb) => hasPrefix(eb.ref('name'), prefix, after));
      if (after !== undefined) query = query.where('name', '>', after);
      return (await query.orderBy('name').limit(limit).execute()).map(toRepository);
    },

    async listByAdministrator(account, region, { prefix }, { after, limit }) {
      let query = db
        .selectFrom('repositories')
        .innerJoin('domains', 'domains.id', 'repositories.domain_id')
        .selectAll('domains')
        .select(repositoryColumns)
        .where('repositories.administrator_account', '=', account)
        .where('domains.region', '=', region);
      if (prefix !== undefined)
        query = query.where((eb) => hasPrefix(eb.ref('repositories.name'), prefix, after?.name));
      if (after !== undefined) {
        query = query
          // Implied by the next condition; said because it is what an index can use.
          .where('repositories.name', '>=', after.name)
          .where((eb) =>
            eb(
              eb.refTuple('repositories.name', 'domains.owner', 'domains.name'),
              '>',
              eb.tuple(after.name, after.owner, after.domain),
            ),
          );
      }
      const rows = await query
        .orderBy('repositories.name')
        .orderBy('domains.owner')
        .orderBy('domains.name')
        .limit(limit)
        .execute();
      return rows.flatMap((row) => {
        const repository = toJoinedRepository(row);
        return repository === undefined ? [] : [{ domain: toDomain(row), repository }];
      });
    },

    async setDescription(repositoryId, description) {
      await db.updateTable('repositories').set({ description }).where('id', '=', repositoryId).execute();
    },

    async delete(repositoryId) {
      await inTransaction(db, async (db) => {
        while (await deleteSomeVersions(db, repositoryId));
        await db.deleteFrom('repositories').where('id', '=', repositoryId).execute();
      });
    },
  };
}

/** Deletes some of a repository's references, and the contents that nobody else refers to. Returns whether there were any. */
async function deleteSomeVersions(db: Database, repositoryId: string): Promise<boolean> {
  const some = await db
    .selectFrom('repository_versions')
    .select(['package_id', 'version', 'version_id'])
    .where('repository_id', '=', repositoryId)
    .orderBy('package_id')
    .orderBy('version')
    .limit(500)
    .execute();
  const last = some.at(-1);
  if (last === undefined) return false;
  await db
    .deleteFrom('repository_versions')
    .where('repository_id', '=', repositoryId)
    .where((eb) => eb(eb.refTuple('package_id', 'version'), '<=', eb.tuple(last.package_id, last.version)))
    .execute();
  await tidyContents(
    db,
    some.map((row) => row.version_id),
  );
  return true;
}

/** A repository's columns beside those of its domain. */
const repositoryColumns = [
  'repositories.id as repository_id',
  'repositories.name as repository_name',
  'repositories.administrator_account as administrator_account',
  'repositories.description as description',
  'repositories.created_at as repository_created_at',
] as const;

const findRow = compiled((db, { domainId, name }: { domainId: string; name: string }) =>
  db.selectFrom('repositories').selectAll().where('domain_id', '=', domainId).where('name', '=', name),
);

const getRow = compiled((db, { id }: { id: string }) => db.selectFrom('repositories').selectAll().where('id', '=', id));

const locateRow = compiled(
  (db, { owner, region, domain, repository }: { owner: string; region: string; domain: string; repository: string }) =>
    db
      .selectFrom('domains')
      .leftJoin('repositories', (join) =>
        join.onRef('repositories.domain_id', '=', 'domains.id').on('repositories.name', '=', repository),
      )
      .selectAll('domains')
      .select(repositoryColumns)
      .where('domains.owner', '=', owner)
      .where('domains.region', '=', region)
      .where('domains.name', '=', domain),
);

interface JoinedRepository {
  /** The domain's. */
  readonly id: string;
  readonly repository_id: string | null;
  readonly repository_name: string | null;
  readonly administrator_account: string | null;
  readonly description: string | null;
  readonly repository_created_at: number | null;
}

function toJoinedRepository(row: JoinedRepository): Repository | undefined {
  if (row.repository_id === null) return undefined;
  return {
    id: row.repository_id,
    domainId: row.id,
    name: row.repository_name ?? '',
    administratorAccount: row.administrator_account ?? '',
    description: row.description,
    createdAt: row.repository_created_at ?? 0,
  };
}

function toRepository(row: Selectable<RepositoriesTable>): Repository {
  return {
    id: row.id,
    domainId: row.domain_id,
    name: row.name,
    administratorAccount: row.administrator_account,
    description: row.description,
    createdAt: row.created_at,
  };
}
