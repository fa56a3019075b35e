import { closeSync, openSync, readFileSync } from 'node:fs';
import { untilHealthy } from '../call.ts';
import type { Child } from '../child.ts';

export interface Launched {
  readonly child: Child;
  /** From the start of the process to its first healthy answer. */
  readonly startMs: number;
}

/**
 * Starts a server and waits for its first healthy answer. Throws with the last it said when it ends before.
 *
 * @param start starts the process; what it says goes to the given file descriptor
 * @param log the file that it goes to
 */
export async function launch(
  log: string,
  port: number,
  healthPath: string,
  start: (output: number) => Child,
): Promise<Launched> {
  const output = openSync(log, 'a');
  const startedAt = performance.now();
  const child = start(output);
  closeSync(output);
  const ended = child.ended.then((end) => {
    throw new Error(`A server ended with ${end} before it answered: ${readFileSync(log, 'utf8').slice(-1_000)}`);
  });
  try {
    await Promise.race([untilHealthy(port, healthPath), ended]);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { child, startMs: performance.now() - startedAt };
}
