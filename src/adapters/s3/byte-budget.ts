/** Lets holders have so many bytes together, in the order of asking. */
export class ByteBudget {
  readonly #total: number;
  #free: number;
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

  constructor(total: number) {
    this.#total = total;
    this.#free = total;
  }

  /** Runs `work` when there is room for `bytes`. What is larger than everything waits until it is alone. */
  async hold<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const held = Math.min(bytes, this.#total);
    if (this.#waiting.length > 0 || held > this.#free) {
      await new Promise<void>((enter) => this.#waiting.push({ bytes: held, enter }));
    } else {
      this.#free -= held;
    }
    try {
      return await work();
    } finally {
      this.#free += held;
      this.#letIn();
    }
  }

  #letIn(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.bytes <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.bytes;
      next.enter();
    }
  }
}
