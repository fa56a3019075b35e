import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { hasS3, startS3, type TestS3 } from '../../support/s3.ts';
import { describeBlobs, keys, store } from './describe-blobs.ts';
import { newFolder, openS3 as open } from './open-s3.ts';

const isInstalled = hasS3();
const mebibyte = 1024 * 1024;

describe.skipIf(!isInstalled)(isInstalled ? 'S3' : 'S3 (moto is not installed)', () => {
  let s3: TestS3;
  beforeAll(async () => {
    s3 = await startS3();
  });
  afterAll(() => s3?.stop());

  async function keysIn(Bucket: string): Promise<(string | undefined)[]> {
    const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket }));
    return Contents.map(({ Key }) => Key);
  }

  describeBlobs('S3', async () => {
    const url = `s3://${await s3.newBucket()}/some/prefix?endpoint=${s3.url}`;
    return { open: () => open(url) };
  });

  describe('blobs in S3', () => {
    it('lie at PREFIX/sha256/ab/cd/abcd…, and staging is empty after commit and release', async () => {
      const bucket = await s3.newBucket();
      const folder = await newFolder();
      const blobs = await open(`s3://${bucket}/team/packages/?endpoint=${s3.url}`, { folder });
      const key = await store(blobs, Buffer.from('bytes'));
      await blobs.claim('database-1');
      expect(await keysIn(bucket)).toEqual([
        'team/packages/databases/database-1',
        `team/packages/sha256/${key.slice(0, 2)}/${key.slice(2, 4)}/${key}`,
      ]);
      expect(await readdir(join(folder, 'staging'))).toEqual([]);
    });

    it('of several prefixes in one bucket know nothing of each other, nor of other objects', async () => {
      const bucket = await s3.newBucket();
      const whole = await open(`s3://${bucket}?endpoint=${s3.url}`);
      const part = await open(`s3://${bucket}/part?endpoint=${s3.url}`);
      const [inWhole, inPart] = [await store(whole, Buffer.from('whole')), await store(part, Buffer.from('part'))];
      for (const Key of ['sha256/readme', `sha256/${inPart}`, `sha256/00/00/${inPart}`])
        await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: '', ContentLength: 0 }));
      expect([await keys(whole), await keys(part)]).toEqual([[inWhole], [inPart]]);
      expect([await whole.claim('database-1'), await part.claim('database-2')]).toEqual([true, true]);
    });

    it('are listed beyond one page', async () => {
      const url = `s3://${await s3.newBucket()}?endpoint=${s3.url}`;
      const blobs = await open(url, { limits: { pageObjects: 3 } });
      const stored = await Promise.all(Array.from({ length: 10 }, (_, n) => store(blobs, Buffer.of(n))));
      expect(await keys(blobs)).toEqual(stored.sort());
    });

    it('share what uploads may hold in memory when many are stored at once', { timeout: 60_000 }, async () => {
      const blobs = await open(`s3://${await s3.newBucket()}?endpoint=${s3.url}`);
      const chunk = randomBytes(mebibyte);
      const stage = async (mebibytes: number) => {
        const hash = createHash('sha256');
        const staged = await blobs.stage();
        for (let n = 0; n < mebibytes; n += 1) {
          hash.update(chunk);
          await staged.write(chunk);
        }
        return { staged, key: hash.digest('hex') };
      };
      const all = await Promise.all([24, 25, 26, 27, 13, 14, 15, 16].map(stage));
      const before = process.memoryUsage().arrayBuffers;
      let peak = before;
      setFlagsFromString('--expose-gc');
      const collectGarbage = runInNewContext('gc') as () => void;
      const watch = setInterval(() => {
        collectGarbage();
        peak = Math.max(peak, process.memoryUsage().arrayBuffers);
      }, 10);
      await Promise.all(all.map(({ staged, key }) => staged.commit(key)));
      clearInterval(watch);
      // 32 MiB, and what was let go since the garbage was collected. All blobs together have 160.
      expect(peak - before).toBeLessThan(80 * mebibyte);
      await Promise.all(all.map(({ staged }) => staged.release()));
    });

    it('can be fetched from the bucket itself when clients are to be sent there', async () => {
      const bucket = await s3.newBucket();
      const blobs = await open(`s3://${bucket}/prefix?endpoint=${s3.url}&redirect=true`);
      const url = await blobs.directUrl(await store(blobs, Buffer.from('bytes')));
      expect(new URL(url ?? '').searchParams.get('X-Amz-Expires')).toBe('300');
      const response = await fetch(url ?? '');
      expect([response.status, await response.text()]).toEqual([200, 'bytes']);
      await expect(blobs.directUrl('../secret')).rejects.toThrow(TypeError);

      const plain = await open(`s3://${bucket}/prefix?endpoint=${s3.url}`);
      expect(await plain.directUrl(await store(plain, Buffer.from('bytes')))).toBeUndefined();
    });
  });

  describe('opening a bucket', () => {
    it('fails with one line when there is no such bucket', async () => {
      await expect(open(`s3://nowhere?endpoint=${s3.url}`)).rejects.toThrow(
        `could not look for blobs in the bucket nowhere at ${s3.url}: there is no such bucket`,
      );
    });

    it('fails with one line when nobody is there', async () => {
      await expect(open('s3://bucket?endpoint=http://127.0.0.1:1', { limits: { callMs: 300 } })).rejects.toThrow(
        /^could not look for blobs in the bucket bucket at http:\/\/127.0.0.1:1: .*ECONNREFUSED.*$/,
      );
    });

    it.each([
      [403, {}, 'the credentials in the environment are not allowed to use it'],
      [301, { 'x-amz-bucket-region': 'eu-west-1' }, 'it is in the region eu-west-1, not us-east-1'],
      [400, { 'x-amz-bucket-region': 'eu-west-1' }, 'it is in the region eu-west-1, not us-east-1'],
      [405, {}, '405 '],
    ])('says what an answer of %s means', async (status, headers, says) => {
      const server = createServer((_, response) => response.writeHead(status, headers).end());
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await expect(open(`s3://bucket?endpoint=${url}`)).rejects.toThrow(
        `could not look for blobs in the bucket bucket at ${url}: ${says}`,
      );
    });

    it('fails with one line when the environment has no credentials', async () => {
      vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
      vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
      vi.stubEnv('HOME', await newFolder());
      onTestFinished(() => {
        vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
      });
      await expect(open(`s3://${await s3.newBucket()}?endpoint=${s3.url}`)).rejects.toThrow(
        'the environment has no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      );
    });

    it('takes AWS_ENDPOINT_URL_S3 for a bucket without an endpoint, and never AWS_ENDPOINT_URL', async () => {
      const bucket = await s3.newBucket();
      const packyard = 'http://127.0.0.1:1';
      vi.stubEnv('AWS_ENDPOINT_URL', packyard);
      onTestFinished(() => {
        vi.stubEnv('AWS_ENDPOINT_URL', undefined);
      });
      const blobs = await open(`s3://${bucket}`, { environment: { AWS_ENDPOINT_URL_S3: s3.url } });
      expect(await blobs.size(await store(blobs, Buffer.from('bytes')))).toBe(5);
    });
  });
});
