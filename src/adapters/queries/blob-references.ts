import type { BlobReferenceQueries } from '../../ports/storage.ts';
import type { Database } from './schema.ts';
import { chunks } from './transaction.ts';

/** Who refers to stored bytes, on any engine. */
export function blobReferenceQueries(db: Database): BlobReferenceQueries {
  return {
    async unreferenced(sha256s) {
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
    },
  };
}
