import type { PolicyQueries } from '../../ports/storage.ts';
import { compiled } from './compiled.ts';
import type { Database } from './schema.ts';

/** Policies that hang on domains and repositories, on any engine. */
export function policyQueries(db: Database): PolicyQueries {
  return {
    async find({ kind, id }) {
      const [row] = await (kind === 'domain' ? findOfDomain(db, { id }) : findOfRepository(db, { id }));
      return row;
    },

    async set({ kind, id }, { revision, document }) {
      if (kind === 'domain') {
        await db
          .insertInto('domain_policies')
          .values({ domain_id: id, revision, document })
          .onConflict((conflict) => conflict.column('domain_id').doUpdateSet({ revision, document }))
          .execute();
      } else {
        await db
          .insertInto('repository_policies')
          .values({ repository_id: id, revision, document })
          .onConflict((conflict) => conflict.column('repository_id').doUpdateSet({ revision, document }))
          .execute();
      }
    },

    async delete({ kind, id }) {
      if (kind === 'domain') await db.deleteFrom('domain_policies').where('domain_id', '=', id).execute();
      else await db.deleteFrom('repository_policies').where('repository_id', '=', id).execute();
    },
  };
}

const findOfDomain = compiled((db, { id }: { id: string }) =>
  db.selectFrom('domain_policies').select(['revision', 'document']).where('domain_id', '=', id),
);

const findOfRepository = compiled((db, { id }: { id: string }) =>
  db.selectFrom('repository_policies').select(['revision', 'document']).where('repository_id', '=', id),
);
