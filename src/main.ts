import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileBlobs } from './adapters/files/blobs.ts';
import { takeDataFolder } from './adapters/files/data-folder.ts';
import { joseTokens } from './adapters/jose/tokens.ts';
import { registryAddresses } from './adapters/registries/addresses.ts';
import { npmRegistry } from './adapters/registries/npm.ts';
import { openSqlite } from './adapters/sqlite/open.ts';
import { systemClock } from './adapters/system/clock.ts';
import { systemIds } from './adapters/system/ids.ts';
import { undiciUpstream } from './adapters/undici/upstream.ts';
import type { Deps, Log, Ports } from './core/deps.ts';
import { Downloads } from './core/download.ts';
import { PreparedCache } from './core/prepared.ts';
import { defaultRemotePackageSettings, type RemotePackageSettings, RemotePackages } from './core/remote-packages.ts';
import { TopologyCache } from './core/search-order.ts';
import { npm } from './formats/npm/index.ts';
import type { Clock } from './ports/clock.ts';
import type { Storage } from './ports/storage.ts';
import { addressOf, httpServer } from './server/http.ts';
import type { Settings } from './settings.ts';
import { version } from './version.ts';

const formats = [npm];
const preparedCacheBytes = 64 * 1024 * 1024;

/** What a start may choose besides the settings; tests do. */
export interface StartOptions {
  readonly log: Log;
  readonly clock?: Clock;
  readonly remotePackages?: Partial<RemotePackageSettings>;
}

export interface RunningServer {
  /** Scheme, host and port. */
  readonly url: string;
  readonly dataFolder: string;
  /** Answers what has been asked, takes nothing new, then lets go of everything. */
  close(): Promise<void>;
}

/**
 * Starts Packyard: reads the settings into adapters, wires the core over them and listens. The one place that knows
 * every part. Rejects with a one-line message when the folder or the port cannot be had.
 */
export async function startPackyard(settings: Settings, options: StartOptions): Promise<RunningServer> {
  const data = settings.memory ? mkdtempSync(join(tmpdir(), 'packyard-')) : settings.data;
  const folder = takeDataFolder(data);
  const clock = options.clock ?? systemClock;
  const ids = systemIds(clock);
  const storage = await openStorage(settings, folder.path);
  const upstream = undiciUpstream({
    connectTimeoutMs: 5_000,
    headersTimeoutMs: 30_000,
    bodyTimeoutMs: 30_000,
    userAgent: `packyard/${version}`,
  });
  const ports: Ports = {
    storage,
    blobs: await openFileBlobs(join(folder.path, 'blobs')),
    upstream,
    registries: registryAddresses(settings.registry, [npmRegistry]),
    clock,
    ids,
    log: options.log,
    formats: new Map(formats.map(({ rules }) => [rules.name, rules])),
  };
  const deps: Deps = {
    ...ports,
    tokens: await joseTokens(storage.settings, ids, clock),
    topologies: new TopologyCache(storage),
    remotePackages: new RemotePackages(ports, { ...defaultRemotePackageSettings, ...options.remotePackages }),
    downloads: new Downloads(ports.blobs, upstream),
    prepared: new PreparedCache(storage, preparedCacheBytes),
  };
  const app = httpServer(deps, formats, {
    version,
    isStrict: settings.strict,
    endpoints: { style: settings.endpointStyle, host: settings.endpointHost },
  });
  const close = async () => {
    await app.close();
    await Promise.all([deps.downloads.settled(), deps.remotePackages.settled()]);
    await Promise.all([storage.close(), upstream.close()]);
    folder.release();
    if (settings.memory) rmSync(folder.path, { recursive: true, force: true });
  };
  try {
    await app.listen({ host: settings.host, port: settings.port });
  } catch (error) {
    await close();
    throw error;
  }
  return { url: addressOf(app.server as Server), dataFolder: folder.path, close };
}

async function openStorage({ database }: Settings, folder: string): Promise<Storage> {
  if (database === undefined) return openSqlite({ file: join(folder, 'packyard.db') });
  const { openPostgres } = await import('./adapters/postgres/open.ts');
  return openPostgres({ url: database });
}
