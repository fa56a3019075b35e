import type { BlobReferenceQueries } from '../../ports/storage.ts';
import { compiled } from './compiled.ts';
import type { Database } from './schema.ts';
import { chunks, inTransaction } from './transaction.ts';

/** Who refers to stored bytes, on any engine. */
export function blobReferenceQueries(db: Database): BlobReferenceQueries {
  return {
    unreferenced: (sha256s) => unreferenced(db, sha256s),

    async keep(sha256s) {
      if (sha256s.length === 0) return [];
      // Nearly always nothing is condemned, and a look costs no lock.
      if ((await findCondemned(db, { sha256s })).length === 0) return [];
      await db
        .deleteFrom('condemned_blobs')
        .where('sha256', 'in', sha256s)
        .where('deleting_since', 'is', null)
        .execute();
      return (await findCondemned(db, { sha256s })).map((row) => row.sha256);
    },

    async condemn(sha256s, now) {
      for (const some of chunks(sha256s, 100)) {
        await db
          .insertInto('condemned_blobs')
          .values(some.map((sha256) => ({ sha256, condemned_at: now, deleting_since: null })))
          .onConflict((conflict) => conflict.column('sha256').doNothing())
          .execute();
      }
    },

    async takeForDeletion(sha256s, condemnedBefore, now) {
      if (sha256s.length === 0) return [];
      return inTransaction(db, async (db) => {
        const condemned = await db
          .selectFrom('condemned_blobs')
          .select(['sha256', 'condemned_at'])
          .where('sha256', 'in', sha256s)
          .where('condemned_at', '<', condemnedBefore)
          .where('deleting_since', 'is', null)
          .execute();
        // Looked at after the marks were read: who referred to one before has committed by now, who does so from here
        // on takes away its mark, and the update below waits for them and then finds nothing.
        const free = new Set(
          await unreferenced(
            db,
            condemned.map(({ sha256 }) => sha256),
          ),
        );
        const taken: string[] = [];
        for (const { sha256, condemned_at } of condemned) {
          if (!free.has(sha256)) continue;
          const { numUpdatedRows } = await db
            .updateTable('condemned_blobs')
            .set({ deleting_since: now })
            .where('sha256', '=', sha256)
            .where('condemned_at', '=', condemned_at)
            .where('deleting_since', 'is', null)
            .executeTakeFirstOrThrow();
          if (numUpdatedRows === 1n) taken.push(sha256);
        }
        const referred = condemned.map(({ sha256 }) => sha256).filter((sha256) => !free.has(sha256));
        if (referred.length > 0) {
          await db
            .deleteFrom('condemned_blobs')
            .where('sha256', 'in', referred)
            .where('deleting_since', 'is', null)
            .execute();
        }
        return taken;
      });
    },

    async takeOverDeletions(takenBefore, now) {
      const rows = await db
        .updateTable('condemned_blobs')
        .set({ deleting_since: now })
        .where('deleting_since', '<', takenBefore)
        .returning('sha256')
        .execute();
      return rows.map(({ sha256 }) => sha256);
    },

    async forget(sha256s) {
      for (const some of chunks(sha256s, 500)) {
        await db
          .deleteFrom('condemned_blobs')
          .where('sha256', 'in', some)
          .where('deleting_since', 'is not', null)
          .execute();
      }
    },
  };
}

const findCondemned = compiled((db, { sha256s }: { sha256s: readonly string[] }) =>
  db.selectFrom('condemned_blobs').select('sha256').where('sha256', 'in', sha256s),
);

async function unreferenced(db: Database, sha256s: readonly string[]): Promise<string[]> {
  const referenced = new Set<string>();
  for (const some of chunks(sha256s, 500)) {
    const rows = await db
      .selectFrom('assets')
      .select('sha256')
      .where('sha256', 'in', some)
      .union(
        db
          .selectFrom('upstream_metadata')
          .select((eb) => eb.ref('document_sha256').$castTo<string>().as('sha256'))
          .where('document_sha256', 'in', some),
      )
      .execute();
    for (const row of rows) referenced.add(row.sha256);
  }
  return sha256s.filter((sha256) => !referenced.has(sha256));
}
