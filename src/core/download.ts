import { Readable } from 'node:stream';
import type { Blobs, ByteRange, StagedBlob } from '../ports/blobs.ts';
import type { AssetHashes } from '../ports/storage.ts';
import type { Upstream } from '../ports/upstream.ts';
import { PackyardError } from './errors.ts';
import { AssetReceiver } from './receive-asset.ts';
import type { RemoteAsset } from './remote-document.ts';

/** A reader gets the last bytes only after the whole asset was verified and stored. */
const heldBackBytes = 16 * 1024;

export interface DownloadedAsset {
  readonly size: number;
  readonly hashes: AssetHashes;
}

/**
 * One asset on its way from a public registry to the blob store. Any number of readers follow it while it comes in,
 * each at its own pace: a slow or vanished reader neither stalls nor ends it.
 */
export class Download {
  /** The size the registry announced; undefined when it did not. */
  readonly size: number | undefined;
  /** Resolves when the bytes are verified and durable; rejects when they never will be. */
  readonly done: Promise<DownloadedAsset>;
  readonly #blobs: Blobs;
  readonly #staged: StagedBlob;
  #sha256 = '';
  #written = 0;
  #state: 'running' | 'stored' | 'failed' = 'running';
  #readers = 0;
  #waiting: (() => void)[] = [];
  readonly #held: Promise<unknown>[] = [];

  constructor(blobs: Blobs, receiver: AssetReceiver, source: Readable, size: number | undefined, asset: RemoteAsset) {
    this.size = size;
    this.#blobs = blobs;
    this.#staged = receiver.staged;
    this.done = this.#run(receiver, source, asset);
    this.done.catch(() => undefined);
  }

  /** Keeps the download joinable until `work` has settled: until then its bytes are not found in the store. */
  hold(work: Promise<unknown>): void {
    this.#held.push(work);
  }

  /** Resolves when the download is over and nothing holds it any more. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.done]);
    while (this.#held.length > 0) await Promise.allSettled(this.#held.splice(0));
  }

  /**
   * The bytes from the start. Fails, rather than ending, when the download fails, so that a client never takes a part
   * for the whole. The last bytes come after `released` has resolved.
   */
  read(released: Promise<unknown>): Readable {
    this.#readers += 1;
    const stream = Readable.from(this.#follow(released), { objectMode: false });
    // Counted by the stream: a generator that is never asked for anything never ends.
    stream.once('close', () => {
      this.#readers -= 1;
      void this.#releaseWhenUnused();
    });
    return stream;
  }

  async *#follow(released: Promise<unknown>): AsyncGenerator<Uint8Array> {
    let position = 0;
    for (;;) {
      const readable = this.#state === 'stored' ? this.#written : Math.max(0, this.#written - heldBackBytes);
      if (position < readable) {
        for await (const chunk of this.#open({ start: position, end: readable - 1 })) {
          yield chunk;
          position += chunk.length;
        }
      } else if (this.#state === 'running') {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      } else {
        break;
      }
      if (this.#state === 'stored') await released;
    }
    await this.done;
    await released;
  }

  #open(range: ByteRange): Readable {
    return this.#state === 'stored' ? this.#blobs.open(this.#sha256, range) : this.#staged.read(range);
  }

  async #run(receiver: AssetReceiver, source: Readable, asset: RemoteAsset): Promise<DownloadedAsset> {
    try {
      for await (const chunk of source) {
        await receiver.write(chunk);
        this.#written = receiver.size;
        this.#wake();
      }
      const received = receiver.finish();
      verify(asset, this.size, received);
      await receiver.staged.commit(received.hashes.sha256);
      this.#sha256 = received.hashes.sha256;
      this.#state = 'stored';
      return { size: received.size, hashes: received.hashes };
    } catch (error) {
      this.#state = 'failed';
      source.destroy();
      throw error;
    } finally {
      this.#wake();
      await this.#releaseWhenUnused();
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  async #releaseWhenUnused(): Promise<void> {
    if (this.#readers === 0 && this.#state !== 'running') await this.#staged.release();
  }
}

/** Throws when the bytes are not those the registry's metadata promised. */
function verify(asset: RemoteAsset, announced: number | undefined, received: DownloadedAsset): void {
  const expected: Record<string, string | number | undefined> = {
    size: announced,
    sha512: asset.hashes.sha512,
    sha256: asset.hashes.sha256,
    sha1: asset.hashes.sha1,
  };
  const actual: Record<string, string | number> = { size: received.size, ...received.hashes };
  for (const [what, value] of Object.entries(expected)) {
    if (value === undefined || value === actual[what]) continue;
    throw new PackyardError(
      'BadGatewayException',
      `The public registry sent other bytes for '${asset.name}' than its metadata promises: ${what} is ` +
        `${actual[what]}, expected ${value}. Nothing was stored; try again later.`,
    );
  }
}

/** All downloads under way in this process: one per address, however many clients ask for it. */
export class Downloads {
  readonly #blobs: Blobs;
  readonly #upstream: Upstream;
  readonly #running = new Map<string, Promise<Download>>();
  readonly #closing = new AbortController();

  constructor(blobs: Blobs, upstream: Upstream) {
    this.#blobs = blobs;
    this.#upstream = upstream;
  }

  /**
   * Starts fetching an asset, or joins the fetch that is under way. Resolves when the registry's answer has begun.
   * Throws BadGatewayException when the registry cannot be reached or refuses, ResourceNotFoundException on its 404.
   */
  fetch(asset: RemoteAsset): Promise<Download> {
    // Not by the address alone: two versions that name the same one with different hashes are two questions.
    const key = JSON.stringify([asset.url, asset.hashes]);
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const started = this.#start(asset);
    this.#running.set(key, started);
    const forget = () => this.#running.delete(key);
    started.then(async (download) => {
      await download.settled();
      forget();
    }, forget);
    return started;
  }

  /** Breaks off what is under way; resolves when nothing is. */
  async close(): Promise<void> {
    this.#closing.abort();
    const running = [...this.#running.values()].map((download) => download.then((one) => one.settled()));
    await Promise.allSettled(running);
  }

  async #start(asset: RemoteAsset): Promise<Download> {
    const response = await this.#upstream
      .get({ url: asset.url, headers: { accept: '*/*' }, wantsRawBytes: true, signal: this.#closing.signal })
      .catch((cause: unknown) => {
        throw unavailable(asset, 'cannot be reached', cause);
      });
    if (response.status !== 200) {
      response.discard();
      if (response.status === 404 || response.status === 410) {
        throw new PackyardError(
          'ResourceNotFoundException',
          `The public registry has no asset '${asset.name}' any more.`,
          {
            resourceType: 'asset',
            resourceId: asset.name,
          },
        );
      }
      throw unavailable(asset, `answered ${response.status}`);
    }
    const length = response.headers['content-length'];
    const size =
      length === undefined || response.headers['content-encoding'] !== undefined ? undefined : Number(length);
    try {
      return new Download(this.#blobs, await AssetReceiver.start(this.#blobs), response.body, size, asset);
    } catch (error) {
      response.discard();
      throw error;
    }
  }
}

function unavailable(asset: RemoteAsset, what: string, cause?: unknown): PackyardError {
  const message = `The public registry ${what} for '${asset.name}', which is not stored here yet. Try again later.`;
  return new PackyardError('BadGatewayException', message, { cause });
}
