import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { openFileBlobs } from '../../src/adapters/files/blobs.ts';
import { joseSessions } from '../../src/adapters/jose/sessions.ts';
import { joseTokens } from '../../src/adapters/jose/tokens.ts';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import { systemIds } from '../../src/adapters/system/ids.ts';
import { undiciUpstream } from '../../src/adapters/undici/upstream.ts';
import { type ApiAnswer, type ApiRequest, dispatch } from '../../src/api/dispatch.ts';
import type { SendBytes } from '../../src/api/messages.ts';
import { operationShapes } from '../../src/api/operations.generated.ts';
import type { Caller } from '../../src/core/caller.ts';
import type { Ports } from '../../src/core/core-ports.ts';
import type { Deps } from '../../src/core/deps.ts';
import { Downloads } from '../../src/core/download.ts';
import { openDirectory } from '../../src/core/identity/open-directory.ts';
import { PreparedCache } from '../../src/core/prepared.ts';
import { Present } from '../../src/core/present.ts';
import { publishVersion } from '../../src/core/publish-version.ts';
import { defaultQuotas, type Quotas } from '../../src/core/quotas.ts';
import { AssetReceiver } from '../../src/core/receive-asset.ts';
import { RemoteAssets } from '../../src/core/remote-assets.ts';
import { defaultRemotePackageSettings, RemotePackages } from '../../src/core/remote-packages.ts';
import { ResourcePolicies } from '../../src/core/resource-policies.ts';
import { TopologyCache } from '../../src/core/search-order.ts';
import { SmallBlobs } from '../../src/core/small-blobs.ts';
import { aloneTurns } from '../../src/core/turns.ts';
import { WriteBehind } from '../../src/core/write-behind.ts';
import { genericRules } from '../../src/formats/generic/rules.ts';
import { npmRules } from '../../src/formats/npm/rules.ts';
import { checkAnswer, loadAwsModel } from '../support/aws-model.ts';
import { userOf } from '../support/caller.ts';

const model = loadAwsModel();

export const owner: Caller = userOf('111122223333', 'owner');

export const stranger: Caller = userOf('999988887777', 'stranger');

/** An answer with its body read. */
interface ReadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: Readonly<Record<string, unknown>> | undefined;
  readonly bytes: Buffer;
}

/** The API over a real database and blob store in a temporary folder, at a time that the test chooses. */
export interface World {
  readonly deps: Deps;
  /** What was logged as an error. */
  readonly faults: object[];
  /** Milliseconds since the epoch; may be set. */
  readonly time: { now: number };
  /** Calls an operation with its input as AWS's clients write it; every answer is checked against AWS's model. */
  call(operation: string, input?: Readonly<Record<string, unknown>>, caller?: Caller): Promise<ReadAnswer>;
  /** As `call`, and fails unless the answer is 200; returns its members. */
  ok(operation: string, input?: Readonly<Record<string, unknown>>, caller?: Caller): Promise<Record<string, unknown>>;
  send(request: Partial<ApiRequest>): Promise<ReadAnswer>;
  /** Publishes an npm version with the given manifest. */
  publish(domain: string, repository: string, name: string, version: string, extra?: Published): Promise<void>;
  close(): Promise<void>;
}

interface Published {
  readonly namespace?: string;
  readonly manifest?: object;
  readonly readme?: string;
  readonly content?: string | Buffer;
}

export async function openWorld(quotas: Partial<Quotas> = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'packyard-api-'));
  const faults: object[] = [];
  const storage = await openSqlite({ file: join(folder, 'packyard.sqlite') });
  const upstream = undiciUpstream({
    connectTimeoutMs: 1_000,
    headersTimeoutMs: 1_000,
    bodyTimeoutMs: 1_000,
    userAgent: 'packyard-test',
  });
  const time = { now: Date.UTC(2026, 10, 20, 12, 0, 0, 273) };
  const clock = { now: () => time.now };
  const ids = systemIds(clock);
  const ports: Ports = {
    storage,
    blobs: await openFileBlobs(join(folder, 'blobs'), ids),
    upstream,
    registries: { find: async () => undefined },
    clock,
    ids,
    log: { info: () => undefined, warn: () => undefined, error: (fields) => faults.push(fields) },
    formats: new Map([npmRules, genericRules].map((rules) => [rules.name, rules])),
    quotas: { ...defaultQuotas, ...quotas },
  };
  const late = new WriteBehind(storage.relaxed, ports.log);
  const deps: Deps = {
    ...ports,
    tokens: await joseTokens(storage.settings, ids, clock),
    directory: openDirectory(),
    sessions: await joseSessions(storage.settings, ids, clock),
    resourcePolicies: new ResourcePolicies(storage),
    topologies: new TopologyCache(storage),
    remotePackages: new RemotePackages(ports, late, defaultRemotePackageSettings),
    remoteAssets: new RemoteAssets(ports),
    downloads: new Downloads(ports, aloneTurns),
    prepared: new PreparedCache(storage, late, 1_000_000),
    present: new Present(storage, clock),
    smallBlobs: new SmallBlobs(ports.blobs, 1_000_000),
  };
  const world: World = {
    deps,
    faults,
    time,

    async send(request) {
      return read(
        await dispatch(
          { deps },
          {
            method: 'GET',
            path: '/',
            query: new URLSearchParams(),
            headers: {},
            body: async () => Buffer.alloc(0),
            stream: () => Readable.from([]),
            isGone: () => false,
            caller: owner,
            facts: { sourceIp: '127.0.0.1', isSecure: false },
            requestId: 'a-request',
            endpoint: (name, format) => `http://endpoint/${name.domain}/${format}/${name.repository}/`,
            ...request,
          },
        ),
      );
    },

    async call(operation, input = {}, caller = owner) {
      const answer = await world.send({ ...place(operation, input), caller });
      if (model !== undefined) checkAnswer(model, operation, answer);
      return answer;
    },

    async ok(operation, input, caller) {
      const { status, json } = await world.call(operation, input, caller);
      if (status !== 200) throw new Error(`${operation} answered ${status}: ${JSON.stringify(json)}`);
      return json ?? {};
    },

    async publish(domain, repository, name, version, { namespace, manifest = {}, readme, content } = {}) {
      const found = await storage.repositories.locate(owner.account, owner.region, domain, repository);
      if (found?.repository === undefined) throw new Error('publish to a repository that exists');
      const receiver = await AssetReceiver.start(deps);
      await receiver.write(Buffer.from(content ?? `${name}@${version}`));
      const received = receiver.finish();
      try {
        const target = { domain: found.domain, repository: found.repository };
        await publishVersion(
          deps,
          target,
          npmRules,
          { format: 'npm', namespace: namespace ?? null, name },
          {
            version,
            metadata: JSON.stringify({ name, version, ...manifest }),
            entry: '{}',
            display: null,
            readme: readme ?? null,
            tags: [{ tag: 'latest', version }],
            assets: [{ name: 'package.tgz', received }],
          },
        );
      } finally {
        await received.staged.release();
      }
    },

    async close() {
      await upstream.close();
      await storage.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

/** Puts an input's members where the operation wants them. */
function place(operation: string, input: Readonly<Record<string, unknown>>) {
  const shape = operationShapes.find(({ name }) => name === operation);
  if (shape === undefined) throw new Error(`no operation ${operation}`);
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  const body: Record<string, unknown> = {};
  let payload = Buffer.alloc(0);
  for (const [name, value] of Object.entries(input)) {
    const member = shape.input.find((candidate) => candidate.name === name);
    if (member === undefined) throw new Error(`${operation} has no input ${name}`);
    if (member.in === 'query') query.append(member.wire, String(value));
    else if (member.in === 'header') headers[member.wire] = String(value);
    else if (member.in === 'payload') payload = Buffer.from(value as string);
    else body[name] = value;
  }
  const hasBody = shape.input.some((member) => member.in === 'body');
  return {
    method: shape.method,
    path: shape.path,
    query,
    headers,
    stream: () => Readable.from([payload]),
    body: async () => Buffer.from(hasBody ? JSON.stringify(body) : ''),
  };
}

async function received(body: SendBytes): Promise<Buffer> {
  const to = new PassThrough();
  const [bytes] = await Promise.all([buffer(to), body(to)]);
  return bytes;
}

async function read({ status, headers, body }: ApiAnswer): Promise<ReadAnswer> {
  const bytes = typeof body === 'function' ? await received(body) : Buffer.from(body ?? '');
  const isJson = headers['content-type'] === 'application/json' && bytes.length > 0;
  return { status, headers, bytes, json: isJson ? JSON.parse(bytes.toString('utf8')) : undefined };
}
