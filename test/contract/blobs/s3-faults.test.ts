import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { S3Limits } from '../../../src/adapters/s3/limits.ts';
import type { Blobs } from '../../../src/ports/blobs.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { hasS3, startS3, type TestS3 } from '../../support/s3.ts';
import { keys, store } from './describe-blobs.ts';
import { openS3 } from './open-s3.ts';

const isInstalled = hasS3();
const mebibyte = 1024 * 1024;

/** As in production, with less patience. */
const impatient: Partial<S3Limits> = { connectMs: 500, idleMs: 300, callMs: 1_000, pauseMs: 10, maxPauseMs: 100 };

describe.skipIf(!isInstalled)(isInstalled ? 'S3 in trouble' : 'S3 in trouble (moto is not installed)', () => {
  let s3: TestS3;
  beforeAll(async () => {
    s3 = await startS3();
  });
  afterAll(() => s3?.stop());

  let bucket: string;
  let proxy: FaultProxy;
  let blobs: Blobs;
  beforeEach(async () => {
    bucket = await s3.newBucket();
    const started = await FaultProxy.start(s3.url);
    onTestFinished(() => started.refuse());
    proxy = started;
    blobs = await openS3(`s3://${bucket}?endpoint=${proxy.url}`, { limits: impatient });
    proxy.requests.length = 0;
  });

  /** Every call of the port, by what it could not do when the bucket is not there for it. */
  const calls: Record<string, (key: string, bytes: Buffer) => Promise<unknown>> = {
    store: (_, bytes) => store(blobs, bytes),
    read: (key) => buffer(blobs.open(key)),
    'look for': (key) => blobs.size(key),
    list: () => keys(blobs),
    delete: (key) => blobs.delete(key),
  };

  async function openUploads(): Promise<unknown[]> {
    const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    return Uploads;
  }

  describe.each(Object.entries(calls))('%s', (what, call) => {
    it('goes on when the bucket is overloaded for a moment', async () => {
      const bytes = randomBytes(1_000);
      const key = await store(blobs, bytes);
      const answer = await call(key, bytes);
      await store(blobs, bytes);
      proxy.failures = 4;
      expect(await call(key, bytes)).toEqual(answer);
      expect(proxy.failures).toBe(0);
    });

    it('goes on when the bucket is gone for a moment', async () => {
      const bytes = randomBytes(1_000);
      const key = await store(blobs, bytes);
      const answer = await call(key, bytes);
      await store(blobs, bytes);
      await proxy.refuse();
      const again = call(key, bytes);
      await setTimeout(200);
      await proxy.accept();
      expect(await again).toEqual(answer);
    });

    it('fails, and says what and where, when the bucket stays overloaded', async () => {
      const bytes = randomBytes(1_000);
      const key = await store(blobs, bytes);
      proxy.failures = Number.POSITIVE_INFINITY;
      const startedAt = performance.now();
      await expect(call(key, bytes)).rejects.toThrow(
        new RegExp(`^could not ${what} sha256/.* in the bucket ${bucket} at ${proxy.url}: 503 `),
      );
      expect(performance.now() - startedAt).toBeLessThan(6_000);
    });

    it('fails within its time when the bucket takes requests and never answers', async () => {
      const bytes = randomBytes(1_000);
      const key = await store(blobs, bytes);
      proxy.stalls = true;
      const startedAt = performance.now();
      await expect(call(key, bytes)).rejects.toThrow(
        new RegExp(`^could not ${what} sha256/.* in the bucket ${bucket} at ${proxy.url}: it does not answer$`),
      );
      expect(performance.now() - startedAt).toBeLessThan(6_000);
    });
  });

  describe('reading', () => {
    it('resumes a body that breaks off where it stopped', async () => {
      const bytes = randomBytes(1_000_000);
      const key = await store(blobs, bytes);
      Object.assign(proxy, { cuts: 2, cutAfterBytes: 300_000 });
      expect((await buffer(blobs.open(key))).equals(bytes)).toBe(true);
      const ranges = proxy.requests.filter(({ method }) => method === 'GET').map(({ headers }) => headers['range']);
      expect(ranges).toEqual([undefined, 'bytes=300000-', 'bytes=600000-']);
    });

    it('resumes a range as well', async () => {
      const bytes = randomBytes(1_000_000);
      const key = await store(blobs, bytes);
      Object.assign(proxy, { cuts: 2, cutAfterBytes: 300_000 });
      const read = await buffer(blobs.open(key, { start: 10, end: 899_999 }));
      expect(read.equals(bytes.subarray(10, 900_000))).toBe(true);
      const ranges = proxy.requests.filter(({ method }) => method === 'GET').map(({ headers }) => headers['range']);
      expect(ranges).toEqual(['bytes=10-899999', 'bytes=300010-899999', 'bytes=600010-899999']);
    });

    it('resumes a body that falls silent', async () => {
      const bytes = randomBytes(1_000_000);
      const key = await store(blobs, bytes);
      Object.assign(proxy, { cuts: 1, cutAfterBytes: 300_000, cutsSilently: true });
      expect((await buffer(blobs.open(key))).equals(bytes)).toBe(true);
    });

    it('rides out trouble in the middle of trouble', async () => {
      const bytes = randomBytes(1_000_000);
      const key = await store(blobs, bytes);
      Object.assign(proxy, { cuts: 20, cutAfterBytes: 50_000 });
      const reading = buffer(blobs.open(key));
      await setTimeout(50);
      proxy.failures = 3;
      expect((await reading).equals(bytes)).toBe(true);
      expect(proxy.cuts).toBeLessThanOrEqual(1);
    });

    it('fails, and never ends short, when the body breaks off again and again', async () => {
      const bytes = randomBytes(1_000_000);
      const key = await store(blobs, bytes);
      const stream = blobs.open(key);
      let read = 0;
      const reading = (async () => {
        for await (const chunk of stream) {
          read += (chunk as Buffer).length;
          Object.assign(proxy, { cuts: Number.POSITIVE_INFINITY, cutAfterBytes: 0 });
        }
      })();
      Object.assign(proxy, { cuts: 1, cutAfterBytes: 300_000 });
      await expect(reading).rejects.toThrow(`could not read sha256/`);
      expect(read).toBe(300_000);
    });

    it('takes no more than it can pass on', async () => {
      const bytes = randomBytes(8 * mebibyte);
      const key = await store(blobs, bytes);
      const stream = blobs.open(key);
      await new Promise((resolve) => stream.once('readable', resolve));
      // Longer than a connection may be silent: then it is given back, and taken up again later.
      await setTimeout(600);
      expect(stream.readableLength).toBeLessThan(mebibyte);
      expect((await buffer(stream)).equals(bytes)).toBe(true);
    });

    it('gives the connection back when the reader leaves', async () => {
      const key = await store(blobs, randomBytes(8 * mebibyte));
      const idle = proxy.connections;
      const leaving = [blobs.open(key), blobs.open(key), blobs.open(key)];
      for (const stream of leaving) await new Promise((resolve) => stream.once('readable', resolve));
      expect(proxy.connections).toBeGreaterThanOrEqual(3);
      for (const stream of leaving) stream.destroy();
      await expect.poll(() => proxy.connections).toBeLessThanOrEqual(idle);

      proxy.stalls = true;
      const waiting = blobs.open(key);
      waiting.resume();
      await expect.poll(() => proxy.count('GET')).toBe(4);
      const closed = new Promise((resolve) => waiting.once('close', resolve));
      waiting.destroy();
      await closed;
      await expect.poll(() => proxy.connections).toBeLessThanOrEqual(idle);
    });
  });

  describe('storing', () => {
    const large = randomBytes(20 * mebibyte + 1);

    /** With the limits of production: a busy machine is no trouble. */
    const patient = async () => {
      const opened = await openS3(`s3://${bucket}?endpoint=${proxy.url}`);
      proxy.requests.length = 0;
      return opened;
    };

    it('sends a small blob in one piece, with its hash for the server to check', async () => {
      const key = await store(await patient(), randomBytes(16 * mebibyte));
      expect(proxy.requests).toMatchObject([{ method: 'PUT', headers: { 'x-amz-content-sha256': key } }]);
      expect(proxy.requests[0]?.headers).toMatchObject({ 'content-length': String(16 * mebibyte) });
    });

    it('sends a large one in parts, each with its hash', async () => {
      const key = await store(await patient(), large);
      expect((await buffer(blobs.open(key))).equals(large)).toBe(true);
      expect([proxy.count('POST', /uploads/), proxy.count('POST', /uploadId=/)]).toEqual([1, 1]);
      const parts = proxy.requests.filter(({ method }) => method === 'PUT');
      const hashes = parts.map(({ path, headers }) => [
        Number(new URL(path, proxy.url).searchParams.get('partNumber')),
        headers['x-amz-content-sha256'],
      ]);
      const expected = [1, 2, 3].map((number) => {
        const part = large.subarray((number - 1) * 8 * mebibyte, number * 8 * mebibyte);
        return [number, createHash('sha256').update(part).digest('hex')];
      });
      expect(hashes.sort()).toEqual(expected);
    });

    it('ends right when parts of it are refused', async () => {
      proxy.concerns = ({ method }) => method === 'PUT';
      proxy.failures = 7;
      const key = await store(blobs, large);
      expect(proxy.count('PUT')).toBe(10);
      expect((await buffer(blobs.open(key))).equals(large)).toBe(true);
    });

    it('ends right when the answers that it has begun, and that it is complete, are lost', async () => {
      proxy.concerns = ({ method }) => method === 'POST';
      proxy.cuts = 1;
      const key = await store(blobs, large);
      expect((await buffer(blobs.open(key))).equals(large)).toBe(true);

      proxy.concerns = ({ method, path }) => method === 'POST' && path.includes('uploadId=');
      proxy.cuts = 1;
      const another = Buffer.concat([large, Buffer.of(1)]);
      const anotherKey = await store(blobs, another);
      expect((await buffer(blobs.open(anotherKey))).equals(another)).toBe(true);
    });

    it('leaves no parts behind when it fails, and can be tried again', async () => {
      const key = createHash('sha256').update(large).digest('hex');
      const staged = await blobs.stage();
      await staged.write(large);
      proxy.concerns = ({ path }) => path.includes('partNumber=2');
      proxy.failures = Number.POSITIVE_INFINITY;
      await expect(staged.commit(key)).rejects.toThrow(/^could not store sha256\/.*: 503 /);
      expect(await openUploads()).toEqual([]);
      expect(await blobs.size(key)).toBeUndefined();

      proxy.failures = 0;
      await staged.commit(key);
      await staged.release();
      expect((await buffer(blobs.open(key))).equals(large)).toBe(true);
      expect(await openUploads()).toEqual([]);
    });
  });
});
