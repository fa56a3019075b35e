const maxLines = 20;

/** What is found to be wrong: all of it counted, the first of it in words. */
export class Faults {
  readonly #lines: string[] = [];
  #count = 0;

  add(line: string): void {
    this.#count += 1;
    if (this.#lines.length < maxLines) this.#lines.push(line);
  }

  get count(): number {
    return this.#count;
  }

  /** A line for each of the first, and one that says how many more there are. */
  get lines(): readonly string[] {
    const more = this.#count - this.#lines.length;
    return more === 0 ? this.#lines : [...this.#lines, `and ${more} more`];
  }
}
