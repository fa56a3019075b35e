import type { Clock } from '../ports/clock.ts';
import type { Storage } from '../ports/storage.ts';

/** An answer, with the time (ms since epoch) from which it has to be worked out again whatever the database says. */
export interface Lasting<T> {
  readonly value: T;
  readonly freshUntil?: number;
}

interface Entry {
  readonly value: Promise<unknown>;
  freshUntil: number;
}

const maxEntries = 10_000;

/** What one request knows of the database's state. */
export interface Moment {
  /** The answer to `key`, worked out by `work` unless another request did so in the same state. */
  recall<T>(key: string, work: () => Promise<Lasting<T>>): Promise<T>;
}

/**
 * Remembers what was worked out from the database for as long as nothing is committed to it. A request asks once, at its
 * beginning, which state the database is in, and takes what others found in the same state: one cheap question instead
 * of all that an answer depends on, and exact, whichever process changed what.
 */
export class Present {
  readonly #storage: Pick<Storage, 'revision'>;
  readonly #clock: Clock;
  #revision: string | undefined;
  #entries = new Map<string, Entry>();

  constructor(storage: Pick<Storage, 'revision'>, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  async moment(): Promise<Moment> {
    const revision = await this.#storage.revision();
    if (revision !== this.#revision || this.#entries.size > maxEntries) {
      this.#revision = revision;
      // A new map, so that what is still being worked out for the former state ends up in the former map.
      this.#entries = new Map();
    }
    const entries = this.#entries;
    return { recall: (key, work) => this.#recall(entries, key, work) };
  }

  #recall<T>(entries: Map<string, Entry>, key: string, work: () => Promise<Lasting<T>>): Promise<T> {
    const known = entries.get(key);
    if (known !== undefined && known.freshUntil > this.#clock.now()) return known.value as Promise<T>;
    const answer = work();
    const entry: Entry = { value: answer.then(({ value }) => value), freshUntil: Number.POSITIVE_INFINITY };
    entries.set(key, entry);
    const forget = () => {
      if (entries.get(key) === entry) entries.delete(key);
    };
    answer.then(({ freshUntil = Number.POSITIVE_INFINITY }) => {
      entry.freshUntil = freshUntil;
    }, forget);
    return entry.value as Promise<T>;
  }
}
