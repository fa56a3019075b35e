import cluster from 'node:cluster';
import { pino } from 'pino';
import type { Settings } from '../settings.ts';

/** Lines are gathered up to this many bytes, for as long as this: a write for each would be a tenth of a request. */
const gatheredBytes = 4_096;
const gatheredMs = 100;
/** What may wait for a reader that is too slow; beyond it lines are lost, not memory. */
const waitingBytes = 16 * 1024 * 1024;

/** The log on standard output: JSON lines, or coloured ones on a terminal. Secrets are left out. */
export function newLog({ logLevel: level }: Pick<Settings, 'logLevel'>): pino.Logger {
  const redact = ['*.authorization', '*.token'];
  if (process.stdout.isTTY) {
    const options = { ignore: 'pid,hostname', singleLine: true };
    return pino({ level, redact, transport: { target: 'pino-pretty', options } });
  }
  // Workers share one output: line by line they do not cut into each other's.
  if (cluster.isWorker) return pino({ level, redact });
  const gathering = { minLength: gatheredBytes, periodicFlush: gatheredMs, maxLength: waitingBytes };
  return pino({ level, redact }, pino.destination({ dest: 1, sync: false, ...gathering }));
}
