import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { openPostgres } from '../../src/adapters/postgres/open.ts';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import type { Storage } from '../../src/ports/storage.ts';
import { hasPostgres, startPostgres } from './postgres.ts';

/** A kind of database that the storage port is implemented on. */
interface Engine {
  readonly name: string;
  readonly isInstalled: boolean;
  start(): Promise<RunningEngine>;
}

interface RunningEngine {
  /** Makes an empty database and returns how to open it, as often as one likes. */
  newDatabase(): Promise<() => Promise<Storage>>;
  stop(): Promise<void>;
}

/** Every engine there is, installed or not. */
const engines: readonly Engine[] = [
  { name: 'SQLite', isInstalled: true, start: startSqliteFolder },
  { name: 'PostgreSQL', isInstalled: hasPostgres(), start: startPostgresServer },
];

async function startSqliteFolder(): Promise<RunningEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'packyard-sqlite-'));
  let databases = 0;
  return {
    async newDatabase() {
      const file = join(folder, `${++databases}.sqlite`);
      return () => openSqlite({ file });
    },
    async stop() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startPostgresServer(): Promise<RunningEngine> {
  const postgres = await startPostgres();
  // Migrated once and then copied, which is quicker.
  const template = await postgres.newDatabase();
  await (await openPostgres({ url: template })).close();
  return {
    async newDatabase() {
      const url = await postgres.newDatabase(template);
      return () => openPostgres({ url });
    },
    stop: () => postgres.stop(),
  };
}

/** What a story of `describeStorage` gets. */
export interface Databases {
  /** Opens a new, empty storage and closes it after the test. */
  open(): Promise<Storage>;
  /** Makes an empty database; each call of what it returns opens it, until the test ends. */
  create(): Promise<() => Promise<Storage>>;
}

/** Runs the same stories on every engine; those that are not installed are shown as skipped. */
export function describeStorage(subject: string, stories: (databases: Databases) => void): void {
  for (const engine of engines) {
    const name = `${subject} on ${engine.name}`;
    describe.skipIf(!engine.isInstalled)(engine.isInstalled ? name : `${name} (not installed)`, () => {
      let running: RunningEngine | undefined;
      beforeAll(async () => {
        running = await engine.start();
      }, 60_000);
      afterAll(() => running?.stop());

      async function create(): Promise<() => Promise<Storage>> {
        if (running === undefined) throw new Error(`${engine.name} did not start.`);
        const openDatabase = await running.newDatabase();
        return async () => {
          const storage = await openDatabase();
          onTestFinished(() => storage.close());
          return storage;
        };
      }
      stories({ create, open: async () => (await create())() });
    });
  }
}
