import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/process.ts';
import { Shed } from './shed.ts';

const run = promisify(execFile);
const isInstalled = await run('curl', ['--version']).then(
  () => true,
  () => false,
);
if (!isInstalled && process.env['CI']) throw new Error('CI needs curl: apt-get install curl');

describe.skipIf(!isInstalled)(isInstalled ? 'curl' : 'curl (not installed)', () => {
  let shed: Shed;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const bytes = randomBytes(3_000_000);
  const file = () => join(folder.path, 'drill.zip');
  const url = (path: string) => shed.at('app').endpoint + path;

  beforeAll(async () => {
    shed = await Shed.with({ app: [] });
    folder = await temporaryFolder();
    await writeFile(file(), bytes);
    const { hostname } = new URL(shed.world.server.url);
    await writeFile(join(folder.path, '.netrc'), `machine ${hostname} login aws password ${shed.world.token}\n`);
  });
  afterAll(async () => {
    await shed[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  /** What curl writes, with the status in a last line; as the manual has it. */
  async function curl(...args: string[]): Promise<{ status: number; body: string }> {
    const env = { PATH: process.env['PATH'], HOME: folder.path };
    const { stdout } = await run('curl', ['-s', '-w', '\\n%{http_code}', ...args], { cwd: folder.path, env });
    const end = stdout.lastIndexOf('\n');
    return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
  }

  it('uploads a file with -T, under its own name where the address ends in a slash', async () => {
    const sent = await curl('-T', 'drill.zip', '-u', `aws:${shed.world.token}`, url('tools/drill/1/'));
    expect([sent.status, JSON.parse(sent.body)]).toEqual([
      201,
      expect.objectContaining({ status: 'Published', asset: expect.objectContaining({ size: bytes.length }) }),
    ]);
    expect(await shed.assets('app', '1')).toEqual(['drill.zip']);
  });

  it('uploads what comes through a pipe, and has its hash checked', async () => {
    const digest = createHash('sha256').update(bytes).digest();
    const upload = (hash: Buffer) => {
      const script = 'cat drill.zip | curl -s -w "%{http_code}" -o answer -H "$1" -H "$2" -T - "$3"';
      const headers = [
        `Authorization: Bearer ${shed.world.token}`,
        `Repr-Digest: sha-256=:${hash.toString('base64')}:`,
      ];
      return run('sh', ['-c', script, 'sh', ...headers, url('tools/drill/2/drill.zip')], { cwd: folder.path });
    };
    expect((await upload(Buffer.alloc(32))).stdout).toBe('400');
    expect((await upload(digest)).stdout).toBe('201');
    expect(JSON.parse(await readFile(join(folder.path, 'answer'), 'utf8'))).toMatchObject({ status: 'Published' });
  });

  it('downloads, goes on where it was interrupted, and tells whether anything is new', async () => {
    await curl('-n', '-T', 'drill.zip', url('tools/drill/3/drill.zip'));
    expect((await curl('-n', '-o', 'whole', url('tools/drill/3/drill.zip'))).status).toBe(200);
    expect(bytes.equals(await readFile(join(folder.path, 'whole')))).toBe(true);
    await writeFile(join(folder.path, 'part'), bytes.subarray(0, 1_234_567));
    expect((await curl('-n', '-C', '-', '-o', 'part', url('tools/drill/3/drill.zip'))).status).toBe(206);
    expect(bytes.equals(await readFile(join(folder.path, 'part')))).toBe(true);
    await curl('-n', '--etag-save', 'etag', '-o', 'whole', url('tools/drill/3/drill.zip'));
    const again = await curl('-n', '--etag-compare', 'etag', '-o', 'again', url('tools/drill/3/drill.zip'));
    expect(again.status).toBe(304);
    expect((await curl('-n', '-I', url('tools/drill/3/drill.zip'))).body).toMatch(/content-length: 3000000/i);
  });

  it('fails with -f where it should: without a token, without the file', async () => {
    for (const args of [[url('tools/drill/3/drill.zip')], ['-n', url('tools/drill/3/other')]]) {
      await expect(
        run('curl', ['-sf', ...args], { env: { HOME: folder.path, PATH: process.env['PATH'] } }),
      ).rejects.toMatchObject({
        code: 22,
      });
    }
  });
});
