import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeDataFolder } from './adapters/files/data-folder.ts';
import { joseSessions } from './adapters/jose/sessions.ts';
import { joseTokens } from './adapters/jose/tokens.ts';
import { registryAddresses } from './adapters/registries/addresses.ts';
import { machineRegistries } from './adapters/registries/machine.ts';
import { systemClock } from './adapters/system/clock.ts';
import { systemIds } from './adapters/system/ids.ts';
import type { UpstreamSettings } from './adapters/undici/upstream.ts';
import { whyNotToServe } from './core/copy-mark.ts';
import type { Log, Ports } from './core/core-ports.ts';
import type { Deps } from './core/deps.ts';
import { Downloads } from './core/download.ts';
import { consumerOf } from './core/events/deliver.ts';
import { startTelling } from './core/events/start-telling.ts';
import type { Directory } from './core/identity/directory.ts';
import { openDirectory } from './core/identity/open-directory.ts';
import { PreparedCache } from './core/prepared.ts';
import { Present } from './core/present.ts';
import { RateLimits } from './core/rate-limits.ts';
import { RemoteAssets } from './core/remote-assets.ts';
import { defaultRemotePackageSettings, type RemotePackageSettings, RemotePackages } from './core/remote-packages.ts';
import { ResourcePolicies } from './core/resource-policies.ts';
import { TopologyCache } from './core/search-order.ts';
import { SmallBlobs } from './core/small-blobs.ts';
import { aloneTurns, leasedTurns } from './core/turns.ts';
import { WriteBehind } from './core/write-behind.ts';
import { formats } from './formats/all.ts';
import type { Clock } from './ports/clock.ts';
import type { Upstream } from './ports/upstream.ts';
import type { WebhookSender } from './ports/webhooks.ts';
import { httpServer } from './server/http.ts';
import { listen } from './server/listen.ts';
import { type Settings, SettingsError } from './settings.ts';
import { openBlobs, openDatabase, sweepBlobs } from './stores.ts';
import { defaultUpkeep, startUpkeep, type UpkeepSettings } from './upkeep.ts';
import { version } from './version.ts';

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

/** What is running and can be ended. */
export interface Running {
  readonly dataFolder: string;
  /** Answers what has been asked, takes nothing new, then lets go of everything. */
  close(): Promise<void>;
}

export interface RunningServer extends Running {
  /** Scheme, host and port. */
  readonly url: string;
}

/** What has to be undone, in reverse order; filled as soon as something is done. */
type Undo = (() => unknown)[];

/**
 * Starts Packyard as one process: takes the data folder, opens the stores, listens, and looks after the upkeep. Rejects
 * with a one-line message when the folder, a store or the port cannot be had.
 */
export function startPackyard(settings: Settings, options: StartOptions): Promise<RunningServer> {
  return undoable(async (undo) => {
    const dataFolder = await holdDataFolder(settings, undo);
    const ports = await openPorts(settings, dataFolder, options, undo);
    await keepUp(ports, settings, options, undo);
    // Last: whoever reaches a server finds all of it running, and is not logged before the server says where it is.
    return { url: await serve(ports, settings, options, undo), dataFolder };
  });
}

/** Starts what several workers need once: holds the data folder, migrates the database, looks after the upkeep. */
export function startKeeper(settings: Settings, options: StartOptions): Promise<Running> {
  return undoable(async (undo) => {
    const dataFolder = await holdDataFolder(settings, undo);
    const ports = await openPorts(settings, dataFolder, options, undo);
    await keepUp(ports, settings, options, undo);
    return { dataFolder };
  });
}

/** Starts one of several workers, that share the port and a data folder which a keeper holds. */
export function startWorker(settings: Settings, options: StartOptions): Promise<RunningServer> {
  return undoable(async (undo) => {
    const ports = await openPorts(settings, settings.data, options, undo);
    return { url: await serve(ports, settings, options, undo), dataFolder: settings.data };
  });
}

async function undoable<T>(start: (undo: Undo) => Promise<T>): Promise<T & { close(): Promise<void> }> {
  const undo: Undo = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return { ...(await start(undo)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function holdDataFolder({ memory, data }: Settings, undo: Undo): Promise<string> {
  const place = memory ? mkdtempSync(join(tmpdir(), 'packyard-')) : data;
  if (memory) undo.push(() => rmSync(place, { recursive: true, force: true }));
  const folder = takeDataFolder(place);
  undo.push(folder.release);
  await sweepBlobs(folder.path);
  return folder.path;
}

async function openPorts(settings: Settings, dataFolder: string, options: StartOptions, undo: Undo): Promise<Ports> {
  const clock = options.clock ?? systemClock;
  const ids = systemIds(clock);
  const storage = await openDatabase({ database: settings.database, isShared: settings.workers > 1 }, dataFolder);
  undo.push(storage.close);
  const refusal = await whyNotToServe(storage.settings);
  if (refusal !== undefined) throw new SettingsError(refusal);
  const blobs = await openBlobs(settings, dataFolder, { clock, ids });
  undo.push(blobs.close);
  const upstream = lazyUpstream({
    connectTimeoutMs: 5_000,
    headersTimeoutMs: 30_000,
    bodyTimeoutMs: 30_000,
    userAgent: `packyard/${version}`,
  });
  undo.push(upstream.close);
  const ports: Ports = {
    storage,
    blobs,
    upstream,
    registries: registryAddresses(settings.registry, machineRegistries),
    clock,
    ids,
    log: options.log,
    formats: new Map(formats.map(({ rules }) => [rules.name, rules])),
    quotas: settings.quota,
  };
  return options.wrap?.(ports) ?? ports;
}

/** Puts core and server over the ports and listens. Returns the address. */
async function serve(ports: Ports, settings: Settings, options: StartOptions, undo: Undo): Promise<string> {
  const { storage, blobs, clock, ids } = ports;
  const turns = hasDatabaseAlone(settings) ? aloneTurns : leasedTurns(storage.relaxed.leases, ids.next(), clock);
  const late = new WriteBehind(storage.relaxed, ports.log);
  const deps: Deps = {
    ...ports,
    tokens: await joseTokens(storage.settings, ids, clock, { isEnforced: settings.auth === 'enforce' }),
    directory: await directoryOf(settings, ports),
    sessions: await joseSessions(storage.settings, ids, clock, { isEnforced: settings.auth === 'enforce' }),
    resourcePolicies: new ResourcePolicies(storage),
    topologies: new TopologyCache(storage),
    remotePackages: new RemotePackages(ports, late, { ...defaultRemotePackageSettings, ...options.remotePackages }),
    remoteAssets: new RemoteAssets(ports),
    downloads: new Downloads(ports, turns),
    prepared: new PreparedCache(storage, late, preparedCacheBytes),
    present: new Present(storage, clock),
    smallBlobs: new SmallBlobs(blobs, smallBlobCacheBytes),
    rateLimits: settings.throttle ? new RateLimits(settings.rate, clock) : undefined,
  };
  undo.push(async () => {
    await Promise.all([deps.downloads.close(), deps.remotePackages.close()]);
    await late.flush();
  });
  const app = httpServer(deps, formats, {
    version,
    isStrict: settings.strict,
    auth: settings.auth,
    endpoints: { style: settings.endpointStyle, host: settings.endpointHost },
  });
  undo.push(() => app.close());
  return listen(app, settings.host, settings.port);
}

/** Who there is: everyone, or those in the principals file. What reads the file is loaded only for that. */
async function directoryOf({ auth, principals }: Settings, { clock, log }: Ports): Promise<Directory> {
  if (auth === 'open') return openDirectory();
  if (principals === undefined) throw new SettingsError('--auth enforce needs --principals FILE');
  const { principalsDirectory, PrincipalsError } = await import('./adapters/principals/directory.ts');
  try {
    return principalsDirectory(principals, { clock, log, environment: process.env });
  } catch (error) {
    throw error instanceof PrincipalsError ? new SettingsError(error.message) : error;
  }
}

/** Whether no other process reads or writes the database. */
function hasDatabaseAlone({ database, workers }: Settings): boolean {
  return database === undefined && workers === 1;
}

async function keepUp(ports: Ports, settings: Settings, options: StartOptions, undo: Undo): Promise<void> {
  const { storage, blobs, ids, log } = ports;
  // Who holds the data folder is the only one there can be.
  const node = settings.database === undefined ? 'holder of the data folder' : ids.next();
  undo.push(await startTelling(ports, lazyWebhooks(), settings.webhook, node));
  const databaseId = await storage.settings.insert('database-id', ids.next());
  if (await blobs.claim(databaseId)) {
    undo.push(startUpkeep(ports, options.upkeep ?? defaultUpkeep, settings.webhook.map(consumerOf)));
  } else {
    const store = settings.blobs?.bucket ?? settings.data;
    log.warn({ store }, 'the blob store was used with another database too: blobs that nothing refers to stay in it');
  }
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

/** The way to webhooks, loaded when there is something to tell one. */
function lazyWebhooks(): WebhookSender {
  let loaded: Promise<WebhookSender> | undefined;
  const load = async () => {
    const { undiciWebhooks } = await import('./adapters/undici/webhooks.ts');
    return undiciWebhooks({ userAgent: `packyard/${version}` });
  };
  return {
    async post(...request) {
      loaded ??= load();
      return (await loaded).post(...request);
    },
    async close() {
      await (await loaded)?.close();
    },
  };
}
