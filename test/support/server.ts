import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../src/core/core-ports.ts';
import { type RunningServer, type StartOptions, startPackyard } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { isWrongSql } from './wrong-sql.ts';

export interface TestServer extends RunningServer {
  /** Stops it and removes its data folder. Rejects when the database was asked something that it did not understand. */
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
  const wrong: object[] = [];
  const note = (fields: object) => isWrongSql(fields) && wrong.push(fields);
  const log: Log = { info: () => undefined, warn: note, error: note };
  const server = await startPackyard(all, { log, ...options });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server.close();
      if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
      if (wrong.length > 0) throw new Error('the database did not understand us', { cause: wrong[0] });
    },
  };
}
