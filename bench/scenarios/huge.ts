import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { defaultQuotas } from '../../src/core/quotas.ts';
import { cpuMs, peakMemoryMb, resetPeakMemory } from '../measure.ts';
import { type HugePublish, hugePublish } from '../packages/huge-publish.ts';
import { goal, number, type Scenario } from '../scenario.ts';
import { startPackyard } from '../servers/packyard.ts';
import { endpointPath } from '../servers/packyard-api.ts';
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
        rows.push(await transfer(server, kind, assetBytes, () => download(server, assetBytes)));
      }
      const publication = hugePublish(name, publishBytes);
      say('publish');
      rows.push(await transfer(server, 'publish', publication.tarballBytes, () => publish(server, publication)));
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

function download(server: BenchServer, bytes: number): Promise<void> {
  const { port, headers, pathOf } = server;
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: pathOf(tarballRead(name, '1.0.0')), headers }, (response) => {
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

async function publish({ port, headers }: BenchServer, publication: HugePublish): Promise<void> {
  const about = { 'content-type': 'application/json', 'content-length': publication.length };
  const path = endpointPath('private') + publication.name;
  const sent = request({ host: '127.0.0.1', port, path, method: 'PUT', headers: { ...headers, ...about } });
  const answered = new Promise<void>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`The publish was answered ${response.statusCode}.`));
    });
  });
  await Promise.all([pipeline(Readable.from(publication.chunks(), { objectMode: false }), sent), answered]);
}
