import { createHash } from 'node:crypto';
import { type RequestOptions, request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { defaultQuotas } from '../../src/core/quotas.ts';
import { cpuMs, peakMemoryMb, resetPeakMemory } from '../measure.ts';
import { type HugeBytes, hugeRandom } from '../packages/huge.ts';
import { hugePublish } from '../packages/huge-publish.ts';
import { goal, number, type Scenario } from '../scenario.ts';
import { startPackyard } from '../servers/packyard.ts';
import { endpointPath, repositoryQuery, signed } from '../servers/packyard-api.ts';
import { type BenchServer, tarballRead } from '../servers/server.ts';
import { startHugeUpstream } from '../upstream/start.ts';

const name = 'bench-huge';
const kilobyte = 1024;
const gigabyte = 1024 ** 3;

/** Transfers as large as the limits allow, and how much memory Packyard takes for them. */
export const huge: Scenario = {
  name: 'huge',
  isLong: true,
  async run({ folder, program, profiles, isQuick, say }) {
    const assetBytes = isQuick ? gigabyte / 4 : defaultQuotas.assetBytes;
    // base64 makes four bytes of three.
    const publishBytes = (isQuick ? gigabyte / 4 : defaultQuotas.npmPublishRequestBytes) * 0.75 - 512 * kilobyte;
    say(`making an upstream with a tarball of ${number(assetBytes / gigabyte)} GiB`);
    const upstream = await startHugeUpstream(name, assetBytes);
    const server = await startPackyard({ program, data: join(folder, 'data'), registry: upstream.url, profiles });
    try {
      const rows: Transfer[] = [];
      for (const kind of ['download through the upstream', 'download from the store']) {
        say(kind);
        const path = server.pathOf(tarballRead(name, '1.0.0'));
        rows.push(await transfer(server, kind, assetBytes, () => download(server, path, assetBytes)));
      }
      const publication = hugePublish(name, publishBytes);
      say('publish');
      const document = { ...publication, contentType: 'application/json' };
      const published = { method: 'PUT', path: endpointPath('private') + publication.name };
      rows.push(await transfer(server, 'publish', publication.tarballBytes, () => upload(server, published, document)));
      const asset = hugeRandom(assetBytes);
      for (const { kind, up, down } of genericWays(asset)) {
        say(`${kind}: upload and download`);
        rows.push(await transfer(server, `${kind}: upload`, assetBytes, () => upload(server, up, asset)));
        rows.push(await transfer(server, `${kind}: download`, assetBytes, () => download(server, down, assetBytes)));
      }
      return {
        goals: rows.map((row) => goal(`peak memory, ${row.kind}`, 'at most', 250, row.peakMb, ' MB')),
        tables: [
          {
            title: 'Huge transfers',
            about: 'One at a time; nothing of it is kept in memory by the upstream or the client.',
            columns: ['Transfer', 'GiB', 'MB/s', 'server CPU s', 'server peak MB'],
            rows: rows.map((row) => [
              row.kind,
              number(row.bytes / gigabyte),
              number(row.bytes / 1e6 / row.seconds),
              number(row.cpuSeconds),
              number(row.peakMb),
            ]),
          },
        ],
      };
    } finally {
      await server.stop();
      await upstream.stop();
    }
  },
};

interface Transfer {
  readonly kind: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

async function transfer(
  { pid }: BenchServer,
  kind: string,
  bytes: number,
  work: () => Promise<void>,
): Promise<Transfer> {
  resetPeakMemory(pid);
  const cpuBefore = cpuMs(pid);
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  return { kind, bytes, seconds, cpuSeconds: (cpuMs(pid) - cpuBefore) / 1000, peakMb: peakMemoryMb(pid) };
}

type Ask = string | RequestOptions;

/** The two ways of a generic asset in and out; the bytes are announced with their hash. */
function* genericWays(asset: HugeBytes): Generator<{ kind: string; up: RequestOptions; down: Ask }> {
  const hash = createHash('sha256');
  for (const chunk of asset.chunks()) hash.update(chunk);
  const announced = { 'x-amz-content-sha256': hash.digest('hex') };
  const path = `${endpointPath('private', 'generic')}bench/${name}/1/data.bin`;
  yield { kind: 'generic, by its endpoint', up: { method: 'PUT', path, headers: announced }, down: path };
  const query = (version: string) =>
    repositoryQuery('private', { format: 'generic', namespace: 'bench', package: name, version, asset: 'data.bin' });
  yield {
    kind: 'generic, by the API',
    up: {
      method: 'POST',
      path: `/v1/package/version/publish?${query('2')}`,
      headers: { ...signed, ...announced },
    },
    down: { path: `/v1/package/version/asset?${query('2')}`, headers: signed },
  };
}

function optionsOf({ port, headers }: BenchServer, ask: Ask): RequestOptions {
  const { headers: more, ...options } = typeof ask === 'string' ? { path: ask } : ask;
  return { host: '127.0.0.1', port, ...options, headers: { ...headers, ...(more as Record<string, string>) } };
}

function download(server: BenchServer, ask: Ask, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(optionsOf(server, ask), (response) => {
      let received = 0;
      response.on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200 && received === bytes) resolve();
        else reject(new Error(`The download was answered ${response.statusCode} and had ${received} bytes.`));
      });
    });
    sent.on('error', reject).end();
  });
}

interface Body {
  readonly length: number;
  readonly contentType?: string;
  chunks(): Iterable<string | Buffer>;
}

async function upload(server: BenchServer, ask: RequestOptions, body: Body): Promise<void> {
  const options = optionsOf(server, ask);
  const about = {
    'content-length': body.length,
    'content-type': body.contentType ?? 'application/octet-stream',
  };
  const sent = request({ ...options, headers: { ...(options.headers as Record<string, string>), ...about } });
  const answered = new Promise<void>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.resume();
      if (response.statusCode === 200 || response.statusCode === 201) resolve();
      else reject(new Error(`The upload was answered ${response.statusCode}.`));
    });
  });
  await Promise.all([pipeline(Readable.from(body.chunks(), { objectMode: false }), sent), answered]);
}
