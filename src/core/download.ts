import { Readable } from 'node:stream';
import type { StagedBlob } from '../ports/blobs.ts';
import type { Ports } from './core-ports.ts';
import { PackyardError } from './errors.ts';
import { readWhole } from './read-all.ts';
import { AssetReceiver, type ReceivedAsset } from './receive-asset.ts';
import type { RemoteAsset } from './remote-document.ts';
import type { Turn, Turns } from './turns.ts';

/** A reader gets the last bytes only after the whole asset was verified and kept. */
const heldBackBytes = 16 * 1024;

/**
 * One asset on its way from a public registry. Any number of readers follow it while it comes in, each at its own pace:
 * a slow or vanished reader neither stalls nor ends it. Its bytes wait in a staged blob until nobody needs them.
 */
export class Download {
  /** The size the registry announced; undefined when it did not. */
  readonly size: number | undefined;
  /** When the registry says it was last changed (ms since epoch); null when it does not say. */
  readonly lastModified: number | null;
  /** Resolves when the bytes are complete and verified; rejects when they never will be. */
  readonly done: Promise<ReceivedAsset>;
  readonly #staged: StagedBlob;
  #written = 0;
  #isOver = false;
  #readers = 0;
  #isForgotten = false;
  #waiting: (() => void)[] = [];
  readonly #kept = new Map<string, Promise<void>>();

  constructor(
    receiver: AssetReceiver,
    source: Readable,
    { size, lastModified }: Pick<Download, 'size' | 'lastModified'>,
    asset: RemoteAsset,
  ) {
    this.size = size;
    this.lastModified = lastModified;
    this.#staged = receiver.staged;
    this.done = this.#run(receiver, source, asset);
    this.done.catch(() => undefined);
  }

  /**
   * Runs `keep` when the bytes are complete, once per `keeper` however many of its clients wait. The download stays
   * joinable until then: before, its bytes are not found in the store.
   */
  keptFor(keeper: string, keep: (received: ReceivedAsset) => Promise<void>): Promise<void> {
    const kept = this.#kept.get(keeper) ?? this.done.then(keep);
    this.#kept.set(keeper, kept);
    return kept;
  }

  /** Resolves when the download is over and nothing holds it any more. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.done]);
    for (let seen = -1; seen < this.#kept.size; ) {
      seen = this.#kept.size;
      await Promise.allSettled(this.#kept.values());
    }
  }

  /** Nobody joins any more: the staged bytes go when the last reader has gone. */
  async forget(): Promise<void> {
    this.#isForgotten = true;
    await this.#releaseWhenUnused();
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

  /** All bytes at once, after `released` has resolved: for what is so small that its reader would wait for that anyway. */
  async whole(released: Promise<unknown>): Promise<Buffer> {
    const { size } = await this.done;
    // Begun before the staged bytes can be given back.
    const bytes = readWhole(this.#staged.read({ start: 0, end: size - 1 }));
    bytes.catch(() => undefined);
    await released;
    return bytes;
  }

  async *#follow(released: Promise<unknown>): AsyncGenerator<Uint8Array> {
    for (let position = 0; ; ) {
      if (this.#isOver) await this.done.then(() => released);
      const readable = this.#isOver ? this.#written : Math.max(0, this.#written - heldBackBytes);
      if (position < readable) {
        for await (const chunk of this.#staged.read({ start: position, end: readable - 1 })) {
          yield chunk;
          position += chunk.length;
        }
      } else if (this.#isOver) {
        return;
      } else {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    }
  }

  async #run(receiver: AssetReceiver, source: Readable, asset: RemoteAsset): Promise<ReceivedAsset> {
    try {
      for await (const chunk of source) {
        await receiver.write(chunk);
        this.#written = receiver.size;
        this.#wake();
      }
      const received = receiver.finish();
      verify(asset, this.size, received);
      return received;
    } catch (error) {
      const isTheirs = source.errored !== null;
      source.destroy();
      throw isTheirs ? unavailable(asset, 'broke off', error) : error;
    } finally {
      this.#isOver = true;
      this.#wake();
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  async #releaseWhenUnused(): Promise<void> {
    if (this.#readers === 0 && this.#isForgotten) await this.#staged.release();
  }
}

/** Throws when the bytes are not those the registry's metadata promised. */
function verify(asset: RemoteAsset, announced: number | undefined, received: ReceivedAsset): void {
  const expected: Record<string, string | number | undefined> = {
    size: announced,
    sha512: asset.hashes.sha512,
    sha256: asset.hashes.sha256,
    sha1: asset.hashes.sha1,
    md5: asset.hashes.md5,
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

/** All downloads under way: one per address in this process, however many clients ask for it, and one among all nodes. */
export class Downloads {
  readonly #ports: Pick<Ports, 'blobs' | 'upstream' | 'quotas'>;
  readonly #turns: Turns;
  readonly #running = new Map<string, Promise<Download | undefined>>();
  readonly #closing = new AbortController();

  constructor(ports: Pick<Ports, 'blobs' | 'upstream' | 'quotas'>, turns: Turns) {
    this.#ports = ports;
    this.#turns = turns;
  }

  /**
   * Starts fetching an asset, or joins the fetch that is under way. Resolves when the registry's answer has begun;
   * undefined when another fetch of it has just ended: look whether it is here now.
   *
   * Throws BadGatewayException when the registry cannot be reached or refuses, ResourceNotFoundException on its 404.
   *
   * @param isHere tells whether the asset is stored by now: it may have come in since the caller looked
   */
  fetch(asset: RemoteAsset, isHere: () => Promise<boolean>): Promise<Download | undefined> {
    // Not by the address alone: two versions that name the same one with different hashes are two questions.
    const key = JSON.stringify([asset.url, asset.hashes]);
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const started = this.#inTurn(key, asset, isHere);
    this.#running.set(key, started);
    started.catch(() => this.#running.delete(key));
    return started;
  }

  /** Breaks off what is under way; resolves when nothing is. */
  async close(): Promise<void> {
    this.#closing.abort();
    const running = [...this.#running.values()].map((download) => download.then((one) => one?.settled()));
    await Promise.allSettled(running);
  }

  async #inTurn(key: string, asset: RemoteAsset, isHere: () => Promise<boolean>): Promise<Download | undefined> {
    const turn = await this.#turns.take(`fetch ${key}`);
    if (turn === undefined) {
      this.#running.delete(key);
      return undefined;
    }
    try {
      if (await isHere()) {
        this.#running.delete(key);
        await turn.end();
        return undefined;
      }
      const download = await this.#start(asset);
      void this.#finish(key, download, turn);
      return download;
    } catch (error) {
      await turn.end();
      throw error;
    }
  }

  async #finish(key: string, download: Download, turn: Turn): Promise<void> {
    await download.settled();
    this.#running.delete(key);
    await Promise.all([turn.end(), download.forget()]);
  }

  async #start(asset: RemoteAsset): Promise<Download> {
    const response = await this.#ports.upstream
      .get({ url: asset.url, headers: { accept: '*/*' }, signal: this.#closing.signal })
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
      const announced = { size, lastModified: timeOf(response.headers['last-modified']) };
      return new Download(await AssetReceiver.start(this.#ports), response.body, announced, asset);
    } catch (error) {
      response.discard();
      throw error;
    }
  }
}

/** The time a header tells; null where it tells none. */
function timeOf(date: string | undefined): number | null {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? null : time;
}

function unavailable(asset: RemoteAsset, what: string, cause?: unknown): PackyardError {
  const message = `The public registry ${what} for '${asset.name}', which is not stored here yet. Try again later.`;
  return new PackyardError('BadGatewayException', message, { cause });
}
