import { flushCompileCache } from 'node:module';
import { pino } from 'pino';
import { DataFolderError } from '../adapters/files/data-folder.ts';
import { startPackyard } from '../main.ts';
import { SettingsError } from '../settings.ts';
import { version } from '../version.ts';
import { settingsOf } from './flags.ts';

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
    const settings = await settingsOf(flags);
    const log = logger(settings.logLevel);
    const server = await startPackyard(settings, { log });
    log.info(
      { url: server.url, dataFolder: server.dataFolder, version },
      `Packyard ${version} serves on ${server.url}, data in ${server.dataFolder}`,
    );
    // Node does this at the end, to which a killed process never comes.
    flushCompileCache();
    log.info({ signal: await asked }, 'draining');
    setTimeout(() => process.exit(1), drainMs).unref();
    await server.close();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`packyard: ${messageOf(error).replace(/\s*\n\s*/g, ' ')}\n`);
    process.exit(1);
  }
}

function logger(level: string): pino.Logger {
  const redact = ['*.authorization', '*.token'];
  if (!process.stdout.isTTY) return pino({ level, redact });
  return pino({
    level,
    redact,
    transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', singleLine: true } },
  });
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

function messageOf(error: unknown): string {
  if (error instanceof SettingsError || error instanceof DataFolderError) return error.message;
  const { code, address, hostname, port, message } = error as NodeJS.ErrnoException & Partial<Record<string, string>>;
  if (code === 'EADDRINUSE')
    return `port ${port} on ${address} is taken; stop what listens there or choose another with --port`;
  if (code === 'EACCES' && port !== undefined)
    return `port ${port} on ${address} may not be used; choose another with --port`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${address ?? hostname} is no address of this machine; choose another with --host`;
  return message;
}
