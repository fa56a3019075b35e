import { join } from 'node:path';
import { type _Object, DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/process.ts';
import { hasS3, startS3, type TestS3 } from '../support/s3.ts';
import { copy, type KeptStore, keptStore, seenWith } from './kept-store.ts';

describe.skipIf(!hasS3())('packyard copy, with S3', () => {
  let root: Awaited<ReturnType<typeof temporaryFolder>>;
  let store: KeptStore;
  let s3: TestS3;
  beforeAll(async () => {
    root = await temporaryFolder();
    s3 = await startS3();
    store = await keptStore(join(root.path, 'kept'));
  }, 60_000);
  afterAll(async () => {
    await s3.stop();
    await root[Symbol.asyncDispose]();
  });

  /** An empty bucket, as a place and as a setting. */
  async function newPlace(): Promise<{ url: string; bucket: string }> {
    const bucket = await s3.newBucket();
    return { bucket, url: `s3://${bucket}/packyard?endpoint=${encodeURIComponent(s3.url)}` };
  }

  it('moves the blobs into a bucket and back, and users see the same', async () => {
    const { url } = await newPlace();
    const [there, back] = [join(root.path, 'there'), join(root.path, 'back')];
    const moved = await copy('--from', store.folder, '--to', there, url);
    expect(moved).toMatchObject({ code: 0, stderr: '' });
    expect(moved.stdout).toMatch(/^copied \d+ rows and 6 blobs .* compared every row and every blob\n$/);
    expect(await seenWith(store, ['--data', there, '--blobs', url])).toEqual(store.seen);

    expect(await copy('--from', there, url, '--to', back)).toMatchObject({ code: 0, stderr: '' });
    expect(await seenWith(store, ['--data', back])).toEqual(store.seen);
  });

  it('says in one line that a bucket is not there', async () => {
    const url = `s3://missing-bucket?endpoint=${encodeURIComponent(s3.url)}`;
    const ended = await copy('--from', store.folder, '--to', join(root.path, 'never'), url);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^packyard: .*missing-bucket.*there is no such bucket\n$/);
  });

  describe.skipIf(!hasPostgres())('and PostgreSQL', () => {
    let postgres: TestPostgres;
    beforeAll(async () => {
      postgres = await startPostgres();
    });
    afterAll(() => postgres.stop());

    it('needs no folder, copies only what is missing, and finds what is damaged in the bucket', async () => {
      const { url, bucket } = await newPlace();
      const places = [await postgres.newDatabase(), url];
      const args = ['--from', store.folder, '--to', ...places];
      expect(await copy(...args)).toMatchObject({ code: 0, stderr: '' });
      const folder = join(root.path, 'node');
      const flags = ['--data', folder, '--database', places[0] ?? '', '--blobs', url];
      expect(await seenWith(store, flags)).toEqual(store.seen);

      // Another bucket for the same database, which has its blobs.
      const other = await newPlace();
      const move = ['--from', ...places, '--to', places[0] ?? '', other.url];
      const [first, second] = await objectsIn(bucket);
      expect(await copy(...move)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('copied 0 rows and 6 blobs'),
      });
      await s3.client.send(new DeleteObjectCommand({ Bucket: other.bucket, Key: first.Key }));
      expect(await copy(...move)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('copied 0 rows and 1 blobs'),
      });
      const Body = Buffer.alloc(second.Size ?? 0, 'x');
      await s3.client.send(new PutObjectCommand({ Bucket: other.bucket, Key: second.Key, Body }));
      const found = await copy(...move);
      expect(found.code).toBe(1);
      expect(found.stderr).toMatch(/^packyard: blob [0-9a-f]{64}: damaged in the target, .*\npackyard: 1 fault\n$/);
      expect(await copy(...move)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('copied 0 rows and 1 blobs'),
      });
    });
  });

  /** Two of the blobs that a bucket holds. */
  async function objectsIn(bucket: string): Promise<[_Object, _Object]> {
    const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket: bucket }));
    const [first, second] = Contents.filter(({ Key }) => Key?.includes('sha256/'));
    if (first === undefined || second === undefined) throw new Error('the bucket has too few blobs');
    return [first, second];
  }
});
