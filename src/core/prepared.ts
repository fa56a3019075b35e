import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip, gzipSync } from 'node:zlib';
import type { PreparedKey, Storage } from '../ports/storage.ts';
import { SingleFlight } from './single-flight.ts';
import { WeightedCache } from './weighted-cache.ts';
import type { WriteBehind } from './write-behind.ts';

/** Listings repeat themselves: level 3 takes a quarter of the default level's time for a fifth more bytes. */
const level = 3;
/** Up to here, compressing takes less time than handing it to another thread. */
const smallBytes = 32 * 1024;
const compressElsewhere = promisify(gzip);
const decompress = promisify(gunzip);

async function compress(body: Buffer): Promise<Buffer> {
  if (body.length <= smallBytes) return gzipSync(body, { level });
  return compressElsewhere(body, { level, chunkSize: 128 * 1024 });
}

/** Bytes ready to be sent, as often as someone asks. */
export interface Prepared {
  /** Weak: it stands for the plain and the compressed form alike. */
  readonly etag: string;
  readonly contentType: string;
  readonly gzip: Buffer;
  plain(): Promise<Buffer>;
}

export interface Rendering {
  readonly contentType: string;
  readonly body: Buffer;
}

/**
 * Rendered bytes, made once per change: in a bounded memory cache, and behind it in the database, so that a restart
 * renders nothing again. What is kept is valid while its stamp is the present one.
 */
export class PreparedCache {
  readonly #storage: Storage;
  readonly #late: WriteBehind;
  readonly #memory: WeightedCache<Prepared & { readonly stamp: string }>;
  /** Bodies without compression by ETag, for the few clients that want them so. */
  readonly #plain: WeightedCache<Buffer>;
  readonly #renders = new SingleFlight<Prepared>();

  /** @param cacheBytes bound of the compressed bodies in memory; the others have half of it */
  constructor(storage: Storage, late: WriteBehind, cacheBytes: number) {
    this.#storage = storage;
    this.#late = late;
    this.#memory = new WeightedCache(cacheBytes);
    this.#plain = new WeightedCache(cacheBytes / 2);
  }

  /**
   * The bytes of `key` as of `stamp`, rendered by `render` when no one did it before. `variant` tells renderings apart
   * that depend on how the client asked (the address it used); the database keeps the last variant only, so that a
   * client cannot fill it.
   */
  async of(key: PreparedKey, stamp: string, variant: string, render: () => Promise<Rendering>): Promise<Prepared> {
    const name = `${key.repositoryId} ${key.unit} ${key.representation} ${variant}`;
    const fullStamp = `${variant} ${stamp}`;
    const kept = this.#memory.get(name);
    if (kept?.stamp === fullStamp) return kept;
    return this.#renders.run(`${name} ${fullStamp}`, async () => {
      const prepared = (await this.#load(key, fullStamp)) ?? (await this.#make(key, fullStamp, render));
      this.#memory.set(name, prepared, prepared.gzip.length + 1_000);
      return prepared;
    });
  }

  /** Renders without keeping anything: for a view that may lack something. */
  async once(render: () => Promise<Rendering>): Promise<Prepared> {
    const { contentType, body } = await render();
    return { etag: etagOf(body), contentType, gzip: await compress(body), plain: async () => body };
  }

  async #load(key: PreparedKey, stamp: string) {
    const kept = await this.#storage.prepared.find(key);
    if (kept?.stamp !== stamp) return undefined;
    const { etag, contentType } = kept;
    const bytes = Buffer.from(kept.gzip.buffer, kept.gzip.byteOffset, kept.gzip.byteLength);
    return { stamp, etag, contentType, gzip: bytes, plain: () => this.#inflated(etag, bytes) };
  }

  async #make(key: PreparedKey, stamp: string, render: () => Promise<Rendering>) {
    const prepared = await this.once(render);
    const { etag, contentType, gzip } = prepared;
    const bytes = { stamp, etag, contentType, gzip };
    await this.#late.add({ bytes: gzip.length, write: (queries) => queries.prepared.save(key, bytes) });
    return { stamp, etag, contentType, gzip, plain: () => this.#inflated(etag, gzip) };
  }

  async #inflated(etag: string, gzip: Buffer): Promise<Buffer> {
    const known = this.#plain.get(etag);
    if (known !== undefined) return known;
    const body = await decompress(gzip);
    this.#plain.set(etag, body, body.length);
    return body;
  }
}

function etagOf(body: Buffer): string {
  return `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
}
