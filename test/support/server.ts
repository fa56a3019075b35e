import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../src/core/core-ports.ts';
import { type RunningServer, type StartOptions, startPackyard } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface TestServer extends RunningServer {
  /** Stops it and removes its data folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a real server in this process, on a free port and a fresh data folder.
 *
 * @param settings as on the command line, by setting name (`registry`, `strict`, `data` …)
 */
export async function startServer(
  settings: Record<string, unknown> = {},
  options: Partial<StartOptions> = {},
): Promise<TestServer> {
  const temporary = settings['data'] === undefined ? await mkdtemp(join(tmpdir(), 'packyard-test-')) : undefined;
  const all = await readSettings({ port: 0, data: temporary, logLevel: 'silent', ...settings }, {}, undefined);
  const server = await startPackyard(all, { log: quiet, ...options });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server.close();
      if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    },
  };
}
