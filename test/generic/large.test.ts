import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { account, awsClient, EndpointUser, region, tokenFor } from '../support/user.ts';
import { makeRepositories } from '../support/world.ts';

const megabyte = 1024 * 1024;
const chunks = 200;

function* content(): Generator<Buffer> {
  for (let number = 0; number < chunks; number += 1) {
    yield Buffer.alloc(megabyte, number);
  }
}

const digest = createHash('sha256');
for (const chunk of content()) digest.update(chunk);
const sha256 = digest.digest('hex');

/** The most memory the process has had resident, in bytes, since `forget` was called. */
async function peak(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

function forget(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

const file = { domain: 'acme', repository: 'app', format: 'generic', namespace: 'tools', package: 'drill' };
const asset = (version: string) => new URLSearchParams({ ...file, version, asset: 'drill.img' });
const endpoint = `/d/${region}/acme-${account}/generic/app/`;

/** An upload and a download of the same asset, by the endpoint for curl and by the API as `--auth open` takes it. */
const ways = [
  {
    by: 'the endpoint',
    method: 'PUT',
    up: `${endpoint}tools/drill/1/drill.img`,
    down: `${endpoint}tools/drill/1/drill.img`,
  },
  {
    by: 'the API',
    method: 'POST',
    up: `/v1/package/version/publish?${asset('2')}`,
    down: `/v1/package/version/asset?${asset('2')}`,
  },
];
const signed = `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/codeartifact/aws4_request, SignedHeaders=host, Signature=0`;

describe.skipIf(!existsSync('/proc/self/clear_refs'))('An asset of 200 MB', () => {
  it.each(ways)('goes up and down by $by without being held in memory', { timeout: 60_000 }, async (way) => {
    await using folder = await temporaryFolder();
    await using server = await startProcess(['--data', folder.path]);
    const aws = awsClient(server.url);
    await makeRepositories(aws, 'acme', { app: [] });
    const token = await tokenFor(aws, 'acme');
    aws.destroy();
    const authorization = way.by === 'the API' ? signed : `Bearer ${token}`;
    const user = new EndpointUser(server.url + endpoint, token);
    // What a process needs once, before any of it counts.
    await user.put('tools/drill/0/drill.img', Buffer.alloc(megabyte));
    forget(server.pid);
    const before = await peak(server.pid);

    const sent = request(server.url + way.up, {
      method: way.method,
      headers: { authorization, 'x-amz-content-sha256': sha256, 'content-length': chunks * megabyte },
    });
    const answered = new Promise<number>((resolve, reject) => {
      sent.on('error', reject).on('response', (response) => resolve(response.resume().statusCode ?? 0));
    });
    await pipeline(Readable.from(content(), { objectMode: false }), sent);
    expect(await answered).toBeOneOf([200, 201]);

    const response = await fetch(server.url + way.down, { headers: { authorization } });
    const received = createHash('sha256');
    for await (const chunk of response.body ?? []) received.update(chunk);
    expect([response.headers.get('content-length'), received.digest('hex')]).toEqual([
      String(chunks * megabyte),
      sha256,
    ]);
    const grown = (await peak(server.pid)) - before;
    expect(grown / megabyte).toBeLessThan(100);
  });
});
