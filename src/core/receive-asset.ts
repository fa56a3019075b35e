import { createHash } from 'node:crypto';
import type { StagedBlob } from '../ports/blobs.ts';
import type { AssetHashes } from '../ports/storage.ts';
import type { Ports } from './core-ports.ts';
import { PackyardError } from './errors.ts';

/** Takes an asset's bytes in: writes them to a staged blob while counting and hashing them in all four algorithms. */
export class AssetReceiver {
  readonly staged: StagedBlob;
  readonly #maxBytes: number;
  readonly #md5 = createHash('md5');
  readonly #sha1 = createHash('sha1');
  readonly #sha256 = createHash('sha256');
  readonly #sha512 = createHash('sha512');
  #size = 0;

  private constructor(staged: StagedBlob, maxBytes: number) {
    this.staged = staged;
    this.#maxBytes = maxBytes;
  }

  static async start({ blobs, quotas }: Pick<Ports, 'blobs' | 'quotas'>): Promise<AssetReceiver> {
    return new AssetReceiver(await blobs.stage(), quotas.assetBytes);
  }

  /** Bytes received so far. */
  get size(): number {
    return this.#size;
  }

  /** Throws ServiceQuotaExceededException when the asset grows beyond the file size quota. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#size + chunk.length > this.#maxBytes) {
      throw new PackyardError(
        'ServiceQuotaExceededException',
        `The asset is larger than the limit of ${this.#maxBytes} bytes for one file.`,
        { resourceType: 'asset' },
      );
    }
    for (const hash of [this.#md5, this.#sha1, this.#sha256, this.#sha512]) hash.update(chunk);
    this.#size += chunk.length;
    await this.staged.write(chunk);
  }

  /** Ends the receiving. The bytes stay staged until someone commits or releases them. */
  finish(): ReceivedAsset {
    const hashes = {
      md5: this.#md5.digest('hex'),
      sha1: this.#sha1.digest('hex'),
      sha256: this.#sha256.digest('hex'),
      sha512: this.#sha512.digest('hex'),
    };
    return { size: this.#size, hashes, staged: this.staged };
  }
}

/** An asset's bytes, complete and hashed, not yet durable. */
export interface ReceivedAsset {
  readonly size: number;
  readonly hashes: AssetHashes;
  readonly staged: StagedBlob;
}
