/** One attempt to bring a version in, or to move a tag. */
interface Attempt {
  /** What would be seen if it succeeded: a tarball's `sha512-…`, or a tag's version. */
  readonly value: string;
  isAcknowledged: boolean;
}

/** What clients tried and what they were told, by name (`package@version`, `package#tag`). */
export class Ledger {
  readonly #attempts = new Map<string, Attempt[]>();
  acknowledged = 0;

  /** Notes an attempt before it is sent; call what it returns when it was acknowledged. */
  attempt(name: string, value: string): () => void {
    const attempt: Attempt = { value, isAcknowledged: false };
    const known = this.#attempts.get(name);
    if (known === undefined) this.#attempts.set(name, [attempt]);
    else known.push(attempt);
    return () => {
      attempt.isAcknowledged = true;
      this.acknowledged += 1;
    };
  }

  isAcknowledged(name: string): boolean {
    return this.#attempts.get(name)?.some((attempt) => attempt.isAcknowledged) === true;
  }

  /** Every name of which something was acknowledged. */
  acknowledgedNames(): string[] {
    return [...this.#attempts.keys()].filter((name) => this.isAcknowledged(name));
  }

  /** What may be seen of something that is written once: what was acknowledged, else anything that was tried. */
  possibleOnce(name: string): Set<string> {
    const attempts = this.#attempts.get(name) ?? [];
    const acknowledged = attempts.filter((each) => each.isAcknowledged);
    return new Set((acknowledged.length > 0 ? acknowledged : attempts).map(({ value }) => value));
  }

  /** What may be seen of something that one client writes over and over: the last acknowledged, or any tried since. */
  possibleLast(name: string): Set<string> {
    const attempts = this.#attempts.get(name) ?? [];
    const last = attempts.findLastIndex((each) => each.isAcknowledged);
    return new Set(attempts.slice(Math.max(0, last)).map(({ value }) => value));
  }
}
