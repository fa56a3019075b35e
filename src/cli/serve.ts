import { flushCompileCache } from 'node:module';
import { type RunningServer, startPackyard } from '../main.ts';
import { version } from '../version.ts';
import { settingsOf } from './flags.ts';
import { newLog } from './log.ts';
import { sayError } from './say-error.ts';
import { isWorker, serveAsWorker, serveWithWorkers } from './workers.ts';

/** How long a drain may take before the process ends anyway. */
const drainMs = 25_000;

/**
 * `packyard serve`: serves until SIGTERM or SIGINT, then answers what was asked and ends with 0. What prevents the
 * start is said in one line, and the exit code is 1.
 */
export async function serve(flags: Record<string, unknown>): Promise<void> {
  // Before the start, so that a signal during it is not too early: there may be something to clean up.
  const asked = endSignal();
  try {
    const server = isWorker ? await serveAsWorker(newLog) : await start(flags);
    // Node does this at the end, to which a killed process never comes.
    flushCompileCache();
    await asked;
    setTimeout(() => process.exit(1), drainMs).unref();
    await server.close();
    process.exit(0);
  } catch (error) {
    // A worker's fault is told by the process that started it.
    if (!isWorker) sayError(error);
    process.exit(1);
  }
}

async function start(flags: Record<string, unknown>): Promise<RunningServer> {
  const settings = await settingsOf(flags);
  const log = newLog(settings);
  const server = await (settings.workers > 1 ? serveWithWorkers(settings, log) : startPackyard(settings, { log }));
  log.info(
    { url: server.url, dataFolder: server.dataFolder, version },
    `Packyard ${version} serves on ${server.url}, data in ${server.dataFolder}`,
  );
  // Whoever started this waits for that line.
  log.flush();
  return {
    ...server,
    close() {
      log.info('draining');
      return server.close();
    },
  };
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process the hard way. */
function endSignal(): Promise<NodeJS.Signals> {
  const signals = ['SIGTERM', 'SIGINT'] as const;
  return new Promise((resolve) => {
    const end = (signal: NodeJS.Signals) => {
      for (const each of signals) process.removeListener(each, end);
      resolve(signal);
    };
    for (const each of signals) process.on(each, end);
  });
}
