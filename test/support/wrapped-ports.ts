import type { Ports } from '../../src/core/core-ports.ts';
import type { Blobs, StagedBlob } from '../../src/ports/blobs.ts';
import type { Queries, Storage } from '../../src/ports/storage.ts';

/** What a test puts before, after or instead of what an adapter does; all of it may be left out. */
export interface Around {
  write?(inner: () => Promise<void>): Promise<void>;
  commit?(inner: () => Promise<void>): Promise<void>;
  delete?(inner: () => Promise<void>): Promise<void>;
  /** `inner` runs the whole transaction. */
  transaction?<T>(inner: () => Promise<T>): Promise<T>;
  /** Runs within each transaction, when its work is done. What waits here is for PostgreSQL only. */
  beforeCommit?(): void | Promise<void>;
}

/** Puts `around` around the blob store and the database; what it does may change while the server runs. */
export function wrapPorts(around: Around): (ports: Ports) => Ports {
  return (ports) => ({ ...ports, blobs: wrapBlobs(ports.blobs, around), storage: wrapStorage(ports.storage, around) });
}

function wrapBlobs(blobs: Blobs, around: Around): Blobs {
  return {
    ...blobs,
    stage: async () => wrapStaged(await blobs.stage(), around),
    delete: (sha256) => (around.delete ?? run)(() => blobs.delete(sha256)),
  };
}

function wrapStaged(staged: StagedBlob, around: Around): StagedBlob {
  return {
    write: (chunk) => (around.write ?? run)(() => staged.write(chunk)),
    read: (range) => staged.read(range),
    commit: (sha256) => (around.commit ?? run)(() => staged.commit(sha256)),
    release: () => staged.release(),
  };
}

function wrapStorage(storage: Storage, around: Around): Storage {
  const transaction = <T>(work: (queries: Queries) => Promise<T>): Promise<T> => {
    const inner = () =>
      storage.transaction(async (queries) => {
        const result = await work(queries);
        await around.beforeCommit?.();
        return result;
      });
    return around.transaction === undefined ? inner() : around.transaction(inner);
  };
  return { ...storage, transaction };
}

function run<T>(inner: () => Promise<T>): Promise<T> {
  return inner();
}
