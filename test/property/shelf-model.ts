/** Versions in a model of a domain: what a reader of the guide expects of them, in as few lines as possible. */

export const repositories = ['one', 'two', 'three'] as const;
export const packages = ['drill', 'lib'] as const;
/** Few of everything, so that random steps meet. */
export const numbers = ['1.0.0'] as const;
export const assetNames = ['a.txt', 'b.txt'] as const;

export type Repository = (typeof repositories)[number];
/** `drill` is generic, `lib` is npm's. */
export type Package = (typeof packages)[number];
type Status = 'Unfinished' | 'Published' | 'Unlisted' | 'Archived' | 'Disposed';

/** What repositories share: the bytes of each asset, by name. */
type Content = Map<string, string>;

interface Version {
  content: Content;
  status: Status;
}

interface Shelved {
  readonly versions: Map<string, Version>;
  /** Whether the package's own restrictions let versions be published here. */
  readonly takesPublishes: boolean;
}

export interface PublishStep {
  readonly kind: 'publish';
  readonly repository: Repository;
  readonly package: Package;
  readonly version: string;
  readonly asset: string;
  readonly bytes: string;
  readonly unfinished: boolean;
}

export interface ChangeStep {
  readonly kind: 'dispose' | 'delete' | 'Published' | 'Unlisted' | 'Archived';
  readonly repository: Repository;
  readonly package: Package;
  readonly version: string;
}

export type Step =
  | PublishStep
  | {
      readonly kind: 'copy';
      readonly from: Repository;
      readonly to: Repository;
      readonly package: Package;
      readonly version: string;
      readonly overwrites: boolean;
    }
  | {
      readonly kind: 'retain';
      readonly from: Repository;
      readonly to: Repository;
      readonly version: string;
    }
  | ChangeStep
  | { readonly kind: 'delete package'; readonly repository: Repository; readonly package: Package }
  | { readonly kind: 'delete repository'; readonly repository: Repository }
  | { readonly kind: 'collect'; readonly afterMinutes: number };

/** The expected state of a domain. Each step says whether it is to succeed. */
export class ShelfModel {
  readonly #shelves = new Map<string, Shelved>();

  take(step: Step): boolean {
    switch (step.kind) {
      case 'publish':
        return this.#publish(step);
      case 'copy':
        return this.#copy(step);
      case 'retain':
        return this.#retain(step);
      case 'delete package':
        return this.#shelves.delete(key(step.repository, step.package));
      case 'delete repository':
        for (const name of packages) this.#shelves.delete(key(step.repository, name));
        return true;
      case 'collect':
        return true;
      default:
        return this.#change(step);
    }
  }

  /** Every version there is, with where it is. */
  *all(): Generator<Version & { repository: Repository; package: Package; number: string }> {
    for (const repository of repositories) {
      for (const name of packages) {
        for (const [number, version] of this.#shelves.get(key(repository, name))?.versions ?? [])
          yield { ...version, repository, package: name, number };
      }
    }
  }

  /** The different bytes that somebody still has. */
  bytes(): Set<string> {
    const found = new Set<string>();
    for (const { status, content } of this.all()) {
      if (status !== 'Disposed') for (const bytes of content.values()) found.add(bytes);
    }
    return found;
  }

  #publish({ repository, package: name, version, asset, bytes, unfinished }: PublishStep): boolean {
    const shelf = this.#shelves.get(key(repository, name));
    const present = shelf?.versions.get(version);
    if (present === undefined) {
      if (shelf?.takesPublishes === false) return false;
      this.#put(repository, name, true).set(version, {
        content: new Map([[asset, bytes]]),
        status: unfinished ? 'Unfinished' : 'Published',
      });
      return true;
    }
    const { content, status } = present;
    if (status !== 'Published' && status !== 'Unfinished') return false;
    const held = content.get(asset);
    if (held !== undefined && held !== bytes) return false;
    if (held === undefined && status !== 'Unfinished') return false;
    content.set(asset, bytes);
    if (!unfinished) present.status = 'Published';
    return true;
  }

  #copy({ from, to, package: name, version, overwrites }: Extract<Step, { kind: 'copy' }>): boolean {
    const source = this.#shelves.get(key(from, name))?.versions.get(version);
    if (from === to || source === undefined || source.status === 'Unfinished' || source.status === 'Disposed')
      return false;
    const present = this.#shelves.get(key(to, name))?.versions.get(version);
    if (present !== undefined) {
      if (present.status !== 'Disposed' && isEqual(present.content, source.content)) return true;
      if (!overwrites) return false;
    }
    this.#put(to, name, true).set(version, { ...source });
    return true;
  }

  #retain({ from, to, version }: Extract<Step, { kind: 'retain' }>): boolean {
    const source = this.#shelves.get(key(from, 'lib'))?.versions.get(version);
    if (source === undefined || (source.status !== 'Published' && source.status !== 'Unlisted')) return false;
    const versions = this.#put(to, 'lib', false);
    if (!versions.has(version)) versions.set(version, { ...source });
    return true;
  }

  #change({ kind, repository, package: name, version }: ChangeStep): boolean {
    const versions = this.#shelves.get(key(repository, name))?.versions;
    const present = versions?.get(version);
    if (present === undefined) return false;
    if (kind === 'delete') return versions?.delete(version) ?? false;
    if (present.status === 'Disposed') return false;
    present.status = kind === 'dispose' ? 'Disposed' : kind;
    return true;
  }

  /** The package's versions in a repository; a first arrival decides whether it may be published to. */
  #put(repository: Repository, name: Package, takesPublishes: boolean): Map<string, Version> {
    const shelf = this.#shelves.get(key(repository, name)) ?? { versions: new Map(), takesPublishes };
    this.#shelves.set(key(repository, name), shelf);
    return shelf.versions;
  }
}

function key(repository: string, name: string): string {
  return `${repository} ${name}`;
}

function isEqual(one: Content, other: Content): boolean {
  return one.size === other.size && [...one].every(([name, bytes]) => other.get(name) === bytes);
}
