import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOnlyOwner } from './adapters/files/blob-owner.ts';
import { openFileBlobs } from './adapters/files/blobs.ts';
import { takeDataFolder } from './adapters/files/data-folder.ts';
import { joseTokens } from './adapters/jose/tokens.ts';
import { registryAddresses } from './adapters/registries/addresses.ts';
import { machineRegistries } from './adapters/registries/machine.ts';
import { openSqlite } from './adapters/sqlite/open.ts';
import { systemClock } from './adapters/system/clock.ts';
import { systemIds } from './adapters/system/ids.ts';
import type { UpstreamSettings } from './adapters/undici/upstream.ts';
import type { Log, Ports } from './core/core-ports.ts';
import type { Deps } from './core/deps.ts';
import { Downloads } from './core/download.ts';
import { PreparedCache } from './core/prepared.ts';
import { defaultRemotePackageSettings, type RemotePackageSettings, RemotePackages } from './core/remote-packages.ts';
import { TopologyCache } from './core/search-order.ts';
import { SmallBlobs } from './core/small-blobs.ts';
import { npm } from './formats/npm/index.ts';
import type { Clock } from './ports/clock.ts';
import type { Storage } from './ports/storage.ts';
import type { Upstream } from './ports/upstream.ts';
import { addressOf, httpServer } from './server/http.ts';
import type { Settings } from './settings.ts';
import { defaultUpkeep, startUpkeep, type UpkeepSettings } from './upkeep.ts';
import { version } from './version.ts';

const formats = [npm];
const preparedCacheBytes = 64 * 1024 * 1024;
const smallBlobCacheBytes = 32 * 1024 * 1024;

/** What a start may choose besides the settings; tests do. */
export interface StartOptions {
  readonly log: Log;
  readonly clock?: Clock;
  readonly remotePackages?: Partial<RemotePackageSettings>;
  readonly upkeep?: UpkeepSettings;
  /** Puts something around the adapters: what records, delays or fails. */
  readonly wrap?: (ports: Ports) => Ports;
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
  const undo: (() => unknown)[] = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return { ...(await start(settings, options, undo)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** As `startPackyard`; what has to be undone, in reverse order, is added to `undo` as soon as it is done. */
async function start(
  settings: Settings,
  options: StartOptions,
  undo: (() => unknown)[],
): Promise<Omit<RunningServer, 'close'>> {
  const data = settings.memory ? mkdtempSync(join(tmpdir(), 'packyard-')) : settings.data;
  if (settings.memory) undo.push(() => rmSync(data, { recursive: true, force: true }));
  const folder = takeDataFolder(data);
  undo.push(folder.release);
  const clock = options.clock ?? systemClock;
  const ids = systemIds(clock);
  const storage = await openStorage(settings, folder.path);
  undo.push(storage.close);
  const upstream = lazyUpstream({
    connectTimeoutMs: 5_000,
    headersTimeoutMs: 30_000,
    bodyTimeoutMs: 30_000,
    userAgent: `packyard/${version}`,
  });
  undo.push(upstream.close);
  const adapters: Ports = {
    storage,
    blobs: await openFileBlobs(join(folder.path, 'blobs'), ids),
    upstream,
    registries: registryAddresses(settings.registry, machineRegistries),
    clock,
    ids,
    log: options.log,
    formats: new Map(formats.map(({ rules }) => [rules.name, rules])),
  };
  const ports = options.wrap?.(adapters) ?? adapters;
  const deps: Deps = {
    ...ports,
    tokens: await joseTokens(ports.storage.settings, ids, clock),
    topologies: new TopologyCache(ports.storage),
    remotePackages: new RemotePackages(ports, { ...defaultRemotePackageSettings, ...options.remotePackages }),
    downloads: new Downloads(ports.blobs, ports.upstream),
    prepared: new PreparedCache(ports.storage, preparedCacheBytes),
    smallBlobs: new SmallBlobs(ports.blobs, smallBlobCacheBytes),
  };
  undo.push(() => Promise.all([deps.downloads.close(), deps.remotePackages.close()]));
  const app = httpServer(deps, formats, {
    version,
    isStrict: settings.strict,
    endpoints: { style: settings.endpointStyle, host: settings.endpointHost },
  });
  undo.push(() => app.close());
  await app.listen({ host: settings.host, port: settings.port });
  const databaseId = await storage.settings.insert('database-id', ids.next());
  if (await isOnlyOwner(folder.path, databaseId)) {
    undo.push(startUpkeep(ports, options.upkeep ?? defaultUpkeep));
  } else {
    options.log.warn(
      { dataFolder: folder.path },
      'the data folder was used with another database too: blobs that nothing refers to stay in it',
    );
  }
  return { url: addressOf(app.server as Server), dataFolder: folder.path };
}

/** The way to public registries, loaded when the first one is asked: it would be an eighth of the start. */
function lazyUpstream(settings: UpstreamSettings): Upstream {
  let loaded: Promise<Upstream> | undefined;
  const load = async () => {
    const { undiciUpstream } = await import('./adapters/undici/upstream.ts');
    return undiciUpstream(settings);
  };
  return {
    async get(request) {
      loaded ??= load();
      return (await loaded).get(request);
    },
    async close() {
      await (await loaded)?.close();
    },
  };
}

async function openStorage({ database }: Settings, folder: string): Promise<Storage> {
  if (database === undefined) return openSqlite({ file: join(folder, 'packyard.db') });
  const { openPostgres } = await import('./adapters/postgres/open.ts');
  return openPostgres({ url: database });
}
