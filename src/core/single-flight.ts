/** Lets concurrent callers that ask for the same key share one run of the work. */
export class SingleFlight<Value> {
  readonly #running = new Map<string, Promise<Value>>();

  /** Runs `work`, or joins the run of `key` that is under way. */
  run(key: string, work: () => Promise<Value>): Promise<Value> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const started = work().finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }

  /** Resolves when nothing that runs now is running any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }
}
