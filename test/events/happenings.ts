import { systemIds } from '../../src/adapters/system/ids.ts';
import { recordChange, type VersionChange } from '../../src/core/version-events.ts';
import type { Repository, RepositoryInDomain, Storage } from '../../src/ports/storage.ts';
import { addDomain, addPackage, addRepository, npm } from '../contract/storage/builders.ts';
import { TestClock } from '../support/clock.ts';

export const alice = '111122223333';
export const bob = '222233334444';

/** Repositories of one or more domains, and things that happen in them. */
export class Happenings {
  readonly storage: Storage;
  readonly clock = new TestClock();
  readonly ids = systemIds(this.clock);
  readonly #repositories = new Map<string, RepositoryInDomain>();

  constructor(storage: Storage) {
    this.storage = storage;
  }

  /** Makes `acme/releases` of Alice, `acme/bobs` that Bob administers, and `lab/releases` of Bob. */
  async prepare(): Promise<this> {
    const acme = await addDomain(this.storage, 'acme', { owner: alice });
    const lab = await addDomain(this.storage, 'lab', { owner: bob });
    const add = (path: string, domain: typeof acme, given: Partial<Repository>) =>
      addRepository(this.storage, domain, path.split('/')[1], given).then((repository) =>
        this.#repositories.set(path, { domain, repository }),
      );
    await add('acme/releases', acme, { administratorAccount: alice });
    await add('acme/bobs', acme, { administratorAccount: bob });
    await add('lab/releases', lab, { administratorAccount: bob });
    return this;
  }

  /** Lets versions of a package be published one after the other, as a verb records it. */
  async publish(versions: readonly string[], name = 'lib', repository = 'acme/releases'): Promise<void> {
    for (const version of versions) {
      await this.happen(name, repository, {
        operation: 'Created',
        version,
        status: 'Published',
        revision: `revision of ${version}`,
        assetsAdded: 1,
        isMetadataUpdated: true,
        isStatusChanged: true,
      });
    }
  }

  /** Adds many events of 20 KB each, in one transaction. */
  async publishLarge(count: number): Promise<void> {
    const { domain, repository } = this.#at('acme/releases');
    const { owner, region, name } = domain;
    const detail = JSON.stringify({ filler: 'x'.repeat(20_000) });
    const common = { at: 1, owner, region, domain: name, administrator: owner, resource: 'arn', detail };
    await this.storage.transaction(async (q) => {
      const lib = await addPackage(q, repository, npm('large'));
      for (let n = 0; n < count; n += 1) {
        await q.events.add(lib, await q.events.nextSequence(lib), { id: this.ids.uuid(), ...common });
      }
    });
  }

  async happen(name: string, path: string, change: VersionChange): Promise<void> {
    const place = this.#at(path);
    await this.storage.transaction(async (q) => {
      const packageId = await addPackage(q, place.repository, npm(name));
      await recordChange(this, q, place, packageId, npm(name), change);
    });
  }

  #at(path: string): RepositoryInDomain {
    const place = this.#repositories.get(path);
    if (place === undefined) throw new Error(`there is no ${path}`);
    return place;
  }
}

/** `1.0.0`, `1.0.1` … */
export function versions(count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, n) => `1.0.${first + n}`);
}
