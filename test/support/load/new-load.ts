import { distOf, tarballOf } from '../packages.ts';
import type { PublicRegistry } from '../public-registry.ts';
import type { Chance } from './chance.ts';
import { Ledger } from './ledger.ts';
import type { Load, RemoteVersion } from './work.ts';

/** A load that nobody has begun to work on; its public packages are published to `registry`. */
export async function newLoad(
  chance: Chance,
  registry: PublicRegistry,
  options: Pick<Load, 'maxPackageBytes' | 'maxPauseMs' | 'excuses'>,
): Promise<Load> {
  const block = chance.bytes(4 * 1024 * 1024);
  const remote: RemoteVersion[] = [];
  for (let index = 0; index < 60; index += 1) {
    const size = chance.size(1024, options.maxPackageBytes / 2);
    const files = { data: block.subarray(index, index + size) };
    const sketch = { name: `remote${index % 30}`, version: `1.${Math.floor(index / 30)}.0`, files };
    await registry.publish(sketch);
    remote.push({ ...sketch, integrity: distOf(await tarballOf(sketch)).integrity });
  }
  // Long enough to be cut off in the middle of one.
  registry.tarballPauseMs = 10;
  return {
    ...options,
    chance,
    block,
    remote,
    published: new Ledger(),
    retained: new Ledger(),
    tags: new Ledger(),
    attempted: new Map(),
    surprises: [],
  };
}
