import { sql } from 'kysely';
import type { Database } from '../queries/schema.ts';
import { movedTables } from './tables.ts';

/** A blob that rows refer to. */
export interface ReferencedBlob {
  readonly sha256: string;
  /** What the rows say of its size; undefined when they say nothing. */
  readonly size: number | undefined;
}

const pageSize = 500;

/** Every blob that moved rows refer to, once for each table that does. */
export async function* referencedBlobs(db: Database): AsyncGenerator<ReferencedBlob> {
  for (const { name, blob } of movedTables) {
    if (blob === undefined) continue;
    const [table, sha256] = [sql.table(name), sql.ref(blob.sha256)];
    const size = blob.size === undefined ? sql`null` : sql`max(${sql.ref(blob.size)})`;
    // Never greater than '', the null of rows without a blob is left out as well.
    for (let last = ''; ; ) {
      const { rows } = await sql<{ sha256: string; size: number | null }>`
        select ${sha256} as sha256, ${size} as size from ${table} where ${sha256} > ${last}
        group by ${sha256} order by ${sha256} limit ${pageSize}`.execute(db);
      for (const row of rows) yield { sha256: row.sha256, size: row.size ?? undefined };
      const end = rows.at(-1);
      if (end === undefined || rows.length < pageSize) break;
      last = end.sha256;
    }
  }
}

/** How many blobs moved rows refer to, and how many bytes the rows say these have. */
export async function countBlobs(db: Database): Promise<{ blobs: number; bytes: number }> {
  const total = { blobs: 0, bytes: 0 };
  for (const { name, blob } of movedTables) {
    if (blob === undefined) continue;
    const [table, sha256] = [sql.table(name), sql.ref(blob.sha256)];
    const size = blob.size === undefined ? sql`0` : sql.ref(blob.size);
    const { rows } = await sql<{ blobs: number; bytes: number | string | null }>`
      select count(*) as blobs, sum(size) as bytes
      from (select distinct ${sha256} as sha256, ${size} as size from ${table} where ${sha256} > '') as blobs`.execute(
      db,
    );
    total.blobs += rows[0]?.blobs ?? 0;
    // PostgreSQL sums into a numeric, which comes as text.
    total.bytes += Number(rows[0]?.bytes ?? 0);
  }
  return total;
}
