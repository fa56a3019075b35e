import { pino } from 'pino';
import { DataFolderError } from '../adapters/files/data-folder.ts';
import { type RunningServer, startPackyard } from '../main.ts';
import { parseRegistries, readSettings, SettingsError } from '../settings.ts';
import { version } from '../version.ts';

/** How long a drain may take before the process ends anyway. */
const drainMs = 25_000;

/**
 * `packyard serve`: serves until SIGTERM or SIGINT, then answers what was asked and ends with 0. What prevents the
 * start is said in one line, and the exit code is 1.
 */
export async function serve(flags: Record<string, unknown>): Promise<void> {
  try {
    const { config = process.env['PACKYARD_CONFIG'], registry, ...rest } = flags;
    const registries = registry === undefined ? {} : { registry: parseRegistries(registry as string[]) };
    const settings = await readSettings({ ...rest, ...registries }, process.env, config as string | undefined);
    const log = logger(settings.logLevel);
    const server = await startPackyard(settings, { log });
    log.info(
      { url: server.url, dataFolder: server.dataFolder, version },
      `Packyard ${version} serves on ${server.url}, data in ${server.dataFolder}`,
    );
    endOnSignal(server, log);
  } catch (error) {
    process.stderr.write(`packyard: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}

function logger(level: string): pino.Logger {
  const redact = ['*.authorization', '*.token'];
  if (!process.stdout.isTTY) return pino({ level, redact });
  return pino({ level, redact, transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname' } } });
}

function endOnSignal(server: RunningServer, log: pino.Logger): void {
  const end = async (signal: string) => {
    log.info({ signal }, 'draining');
    const overdue = setTimeout(() => process.exit(1), drainMs);
    await server.close();
    clearTimeout(overdue);
    process.exit(0);
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}

function messageOf(error: unknown): string {
  if (error instanceof SettingsError || error instanceof DataFolderError) return error.message;
  const { code, address, port, message } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'EADDRINUSE')
    return `port ${port} on ${address} is taken; stop what listens there or choose another with --port`;
  if (code === 'EACCES' && port !== undefined)
    return `port ${port} on ${address} may not be used; choose another with --port`;
  return message;
}
