import { GroupCommit } from '../sqlite/group-commit.ts';
import { SqliteFile } from '../sqlite/sqlite-file.ts';
import { WalSync } from '../sqlite/wal-sync.ts';

/** Two pages hold a typical blob: fewer are written for it than of SQLite's own size. */
const pragmas = ['page_size = 8192', 'busy_timeout = 5000', 'cache_size = -8000'];

/** Blobs as rows of an SQLite file of their own. Several processes may have it open. */
export class BlobTable {
  readonly #writer: SqliteFile;
  readonly #reader: SqliteFile;
  readonly #commits: GroupCommit;

  /** Opens `file`, made when it is new. What `put` has resolved for survives power loss (WAL, synced by `WalSync`). */
  constructor(file: string) {
    this.#writer = new SqliteFile(file, [...pragmas, 'journal_mode = wal', 'synchronous = normal']);
    this.#writer.run(
      'create table if not exists blobs (sha256 blob primary key not null, stored_at integer not null, bytes blob not null)',
    );
    this.#writer.run('pragma busy_timeout = 0');
    this.#reader = new SqliteFile(file, [...pragmas, 'query_only = on']);
    this.#commits = new GroupCommit(this.#writer, new WalSync(file));
  }

  /** Stores a blob; one that is there already stays. Puts that come at the same time share one sync of the disk. */
  async put(sha256: string, bytes: Buffer, now: number): Promise<void> {
    const sql = 'insert into blobs (sha256, stored_at, bytes) values (?, ?, ?) on conflict do nothing';
    await this.#write(sql, [keyOf(sha256), now, bytes]);
  }

  get(sha256: string): Buffer | undefined {
    const bytes = this.#read<{ bytes: Uint8Array }>('select bytes from blobs where sha256 = ?', sha256)?.bytes;
    return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  size(sha256: string): number | undefined {
    return this.#read<{ size: number }>('select length(bytes) as size from blobs where sha256 = ?', sha256)?.size;
  }

  async delete(sha256: string): Promise<void> {
    await this.#write('delete from blobs where sha256 = ?', [keyOf(sha256)]);
  }

  /** Some blobs by key, those after `after`. */
  page(after: string, limit: number): { sha256: string; storedAt: number }[] {
    const sql = 'select sha256, stored_at from blobs where sha256 > ? order by sha256 limit ?';
    const parameters = [Buffer.from(after, 'hex'), limit];
    const { rows } = this.#reader.execute<{ sha256: Uint8Array; stored_at: number }>({ sql, parameters });
    return rows.map((row) => ({ sha256: Buffer.from(row.sha256).toString('hex'), storedAt: row.stored_at }));
  }

  async close(): Promise<void> {
    await this.#commits.close();
    this.#reader.close();
    this.#writer.close();
  }

  #read<Row>(sql: string, sha256: string): Row | undefined {
    return this.#reader.execute<Row>({ sql, parameters: [keyOf(sha256)] }).rows[0];
  }

  async #write(sql: string, parameters: readonly unknown[]): Promise<void> {
    const member = await this.#commits.begin();
    try {
      this.#writer.execute({ sql, parameters });
    } catch (error) {
      member.rollback();
      throw error;
    }
    await member.commit();
  }
}

function keyOf(sha256: string): Buffer {
  return Buffer.from(sha256, 'hex');
}
