import { Readable } from 'node:stream';
import type { Blobs } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import { checkSha256 } from '../files/paths.ts';
import { BlobTable } from './blob-table.ts';
import { GatheredBlob } from './gathered-blob.ts';

/** Most packages are smaller. What a file of this size costs is mostly its making, syncing and opening. */
const maxSmallBytes = 64 * 1024;
const pageSize = 1_000;

/**
 * Keeps small blobs as rows of an SQLite file and leaves the others to `large`: a publish of a small package then needs
 * no files of its own, and those that come at the same time share one sync of the disk. Measured in docs/storage.md.
 *
 * @param file of the small blobs; made when it is new
 */
export function withSmallBlobs(large: Blobs, file: string, clock: Clock): Blobs {
  const small = new BlobTable(file);
  return {
    ...large,

    async stage() {
      return new GatheredBlob({
        maxBytes: maxSmallBytes,
        async keep(sha256, bytes) {
          checkSha256(sha256);
          await small.put(sha256, bytes, clock.now());
        },
        spill: large.stage,
      });
    },

    async size(sha256) {
      checkSha256(sha256);
      return small.size(sha256) ?? large.size(sha256);
    },

    open(sha256, range) {
      checkSha256(sha256);
      const bytes = small.get(sha256);
      if (bytes === undefined) return large.open(sha256, range);
      return Readable.from([range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)], {
        objectMode: false,
      });
    },

    async send(sha256, to, range) {
      checkSha256(sha256);
      const bytes = small.get(sha256);
      if (bytes === undefined) await large.send(sha256, to, range);
      else to.end(bytes.subarray(range.start, range.end + 1));
    },

    async delete(sha256) {
      checkSha256(sha256);
      await small.delete(sha256);
      await large.delete(sha256);
    },

    async *list() {
      let after = '';
      for (let page = small.page(after, pageSize); page.length > 0; page = small.page(after, pageSize)) {
        yield* page;
        after = page.at(-1)?.sha256 ?? '';
      }
      yield* large.list();
    },

    async close() {
      await small.close();
      await large.close();
    },
  };
}
