import { join } from 'node:path';
import { type Child, startNode } from '../child.ts';
import { cpuMs } from '../measure.ts';
import type { Job, Order, Report, Result } from './job.ts';

export interface Measured extends Result {
  /** Processor time of the server while the job ran. */
  readonly serverCpuMs: number;
}

/** The load generator's process, from outside. */
export class Generator {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static start(): Generator {
    const program = join(import.meta.dirname, 'main.ts');
    return new Generator(
      startNode([program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' }),
    );
  }

  /**
   * Has a job done, after it was prepared and its connections were opened, and measures the server while it runs.
   * Throws when one answer is not as it should be.
   */
  async run(job: Job, server: { readonly pid: number }): Promise<Measured> {
    await this.#order({ prepare: job });
    const before = cpuMs(server.pid);
    const report = await this.#order('go');
    const serverCpuMs = cpuMs(server.pid) - before;
    if (report === 'ready' || !('result' in report)) throw new Error('The load generator has lost its place.');
    return { ...report.result, serverCpuMs };
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }

  async #order(order: Order): Promise<Report> {
    const { process: child, ended } = this.#child;
    const answer = new Promise<Report>((resolve) => child.once('message', (message) => resolve(message as Report)));
    child.send(order);
    const gone = ended.then((end) => {
      throw new Error(`The load generator ended with ${end}.`);
    });
    const report = await Promise.race([answer, gone]);
    if (report !== 'ready' && 'failure' in report) throw new Error(report.failure);
    return report;
  }
}
