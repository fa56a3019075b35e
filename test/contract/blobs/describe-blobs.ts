import { createHash, randomBytes } from 'node:crypto';
import { PassThrough, type Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Blobs } from '../../../src/ports/blobs.ts';

/** One blob store of the kind under test. `open` may be called again, as after a restart or in another process. */
export interface BlobPlace {
  open(): Promise<Blobs>;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Stages, commits and releases `bytes`; returns their key. */
export async function store(blobs: Blobs, bytes: Uint8Array): Promise<string> {
  const staged = await blobs.stage();
  try {
    await staged.write(bytes);
    await staged.commit(sha256(bytes));
  } finally {
    await staged.release();
  }
  return sha256(bytes);
}

/** The keys of all blobs, sorted. */
export async function keys(blobs: Blobs): Promise<string[]> {
  const found: string[] = [];
  for await (const { sha256 } of blobs.list()) found.push(sha256);
  return found.sort();
}

/** What every implementation of the blob port does. `newPlace` makes an empty store and removes it after the test. */
export function describeBlobs(name: string, newPlace: () => Promise<BlobPlace>): void {
  describe(`blobs in ${name}`, () => {
    let place: BlobPlace;
    let blobs: Blobs;
    beforeEach(async () => {
      place = await newPlace();
      blobs = await place.open();
    });

    it('keeps what was committed, after a restart too', async () => {
      const before = Date.now();
      const [large, empty] = [randomBytes(1_000_000), Buffer.of()];
      const [largeKey, emptyKey] = [await store(blobs, large), await store(blobs, empty)];
      for (const opened of [blobs, await place.open()]) {
        expect(await opened.size(largeKey)).toBe(large.length);
        expect((await buffer(opened.open(largeKey))).equals(large)).toBe(true);
        expect(await opened.size(emptyKey)).toBe(0);
        expect(await buffer(opened.open(emptyKey))).toHaveLength(0);
        expect(await keys(opened)).toEqual([largeKey, emptyKey].sort());
      }
      for await (const { storedAt } of blobs.list()) {
        // Clocks of file systems and of servers are coarse.
        expect(storedAt).toBeGreaterThan(before - 60_000);
        expect(storedAt).toBeLessThan(Date.now() + 60_000);
        expect(Number.isInteger(storedAt)).toBe(true);
      }
    });

    it('reads ranges, both ends included', async () => {
      const bytes = randomBytes(700_000);
      const key = await store(blobs, bytes);
      for (const [start, end] of [
        [0, 0],
        [0, 699_999],
        [1, 65_536],
        [262_143, 262_144],
        [699_999, 699_999],
      ] as const) {
        expect((await buffer(blobs.open(key, { start, end }))).equals(bytes.subarray(start, end + 1))).toBe(true);
      }
    });

    it('sends a range to a stream, however slowly that takes it, and ends it', async () => {
      const bytes = randomBytes(1_500_000);
      const key = await store(blobs, bytes);
      for (const [start, end] of [
        [0, 1_499_999],
        [3, 700_000],
        [1_499_999, 1_499_999],
      ] as const) {
        const { to, received } = slowly();
        await blobs.send(key, to, { start, end });
        expect(received().equals(bytes.subarray(start, end + 1))).toBe(true);
        expect(to.writableEnded).toBe(true);
      }
      const small = await store(blobs, Buffer.from('small'));
      const { to, received } = slowly();
      await Promise.all([blobs.send(small, to, { start: 1, end: 3 }), finished(to)]);
      expect(received().toString()).toBe('mal');
    });

    it('stops sending when the stream closes, and fails for a missing blob', async () => {
      const key = await store(blobs, randomBytes(3_000_000));
      const to = new PassThrough();
      const sending = blobs.send(key, to, { start: 0, end: 2_999_999 });
      to.once('data', () => to.destroy());
      await expect(sending).rejects.toThrow();
      const missing = blobs.send(sha256(Buffer.from('missing')), new PassThrough(), { start: 0, end: 10 });
      await expect(missing).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('shows nothing before the commit, and nothing ever without one', async () => {
      const staged = await blobs.stage();
      await staged.write(Buffer.from('half'));
      expect(await keys(blobs)).toEqual([]);
      await staged.release();
      await staged.release();
      expect(await keys(blobs)).toEqual([]);
      expect(await blobs.size(sha256(Buffer.from('half')))).toBeUndefined();
    });

    it('reads back what is being written, until release, past the commit', async () => {
      const staged = await blobs.stage();
      const parts = [randomBytes(300_000), randomBytes(1), randomBytes(300_000)];
      const whole = Buffer.concat(parts);
      let written = 0;
      for (const part of parts) {
        await staged.write(part);
        written += part.length;
        expect((await buffer(staged.read({ start: 0, end: written - 1 }))).equals(whole.subarray(0, written))).toBe(
          true,
        );
      }
      await staged.commit(sha256(whole));
      const readers = Array.from({ length: 20 }, (_, n) => staged.read({ start: n, end: whole.length - 1 }));
      const read = Promise.all(readers.map((reader) => buffer(reader)));
      // Those who read already get to the end.
      await staged.release();
      for (const [n, bytes] of (await read).entries()) expect(bytes.equals(whole.subarray(n))).toBe(true);
    });

    it('lets a reader leave in the middle', async () => {
      const staged = await blobs.stage();
      const bytes = randomBytes(2_000_000);
      await staged.write(bytes);
      await staged.commit(sha256(bytes));
      const reader = staged.read({ start: 0, end: bytes.length - 1 });
      await new Promise((resolve) => reader.once('data', resolve));
      reader.destroy();
      await staged.release();
      expect((await buffer(blobs.open(sha256(bytes)))).equals(bytes)).toBe(true);
    });

    it('takes the same bytes from many at once, and again later', async () => {
      const bytes = randomBytes(100_000);
      await Promise.all(Array.from({ length: 10 }, () => store(blobs, bytes)));
      await store(blobs, bytes);
      expect(await keys(blobs)).toEqual([sha256(bytes)]);
      expect((await buffer(blobs.open(sha256(bytes)))).equals(bytes)).toBe(true);
    });

    it('deletes a blob, and a missing one without complaint', async () => {
      const key = await store(blobs, Buffer.from('bytes'));
      const other = await store(blobs, Buffer.from('other bytes'));
      await blobs.delete(key);
      await blobs.delete(key);
      expect(await blobs.size(key)).toBeUndefined();
      expect(await keys(blobs)).toEqual([other]);
      expect(await store(blobs, Buffer.from('bytes'))).toBe(key);
      expect(await blobs.size(key)).toBe(5);
    });

    it('stores anew what was deleted after its commit', async () => {
      for (const bytes of [randomBytes(1_000_000), Buffer.of()]) {
        const key = sha256(bytes);
        const staged = await blobs.stage();
        await staged.write(bytes);
        for (let round = 0; round < 3; round += 1) {
          await staged.commit(key);
          // And once more, with the bytes still there.
          await staged.commit(key);
          expect((await buffer(blobs.open(key))).equals(bytes)).toBe(true);
          await blobs.delete(key);
          expect(await blobs.size(key)).toBeUndefined();
        }
        await staged.commit(key);
        expect((await buffer(staged.read({ start: 0, end: bytes.length - 1 }))).equals(bytes)).toBe(true);
        await staged.release();
        expect((await buffer(blobs.open(key))).equals(bytes)).toBe(true);
      }
    });

    it('knows whether one database only has ever used it', async () => {
      const again = await place.open();
      expect(await Promise.all([blobs, again, blobs].map((opened) => opened.claim('database-1')))).toEqual([
        true,
        true,
        true,
      ]);
      expect(await blobs.claim('database-2')).toBe(false);
      expect(await (await place.open()).claim('database-1')).toBe(false);
      expect(await keys(blobs)).toEqual([]);
    });

    it('fails the stream of a missing blob with ENOENT', async () => {
      await expect(buffer(blobs.open(sha256(Buffer.of())))).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('refuses keys that are no SHA-256', async () => {
      const good = sha256(Buffer.of());
      const bad = ['', '..', '../../etc/passwd', good.toUpperCase(), good.slice(1), `${good}0`, `../${good.slice(3)}`];
      for (const key of [...bad, `${good}\n`, `${good.slice(0, 62)}/.`]) {
        const staged = await blobs.stage();
        await expect(staged.commit(key)).rejects.toThrow(TypeError);
        await staged.release();
        await expect(blobs.size(key)).rejects.toThrow(TypeError);
        await expect(blobs.delete(key)).rejects.toThrow(TypeError);
        expect(() => blobs.open(key)).toThrow(TypeError);
      }
      expect(await keys(blobs)).toEqual([]);
    });

    it('moves 64 MB in and out without holding it in memory', { timeout: 60_000 }, async () => {
      const chunk = randomBytes(256 * 1024);
      const hash = createHash('sha256');
      const before = process.memoryUsage().rss;
      let peak = before;
      const watch = () => {
        peak = Math.max(peak, process.memoryUsage().rss);
      };
      const staged = await blobs.stage();
      for (let n = 0; n < 256; n++) {
        hash.update(chunk);
        await staged.write(chunk);
        watch();
      }
      const key = hash.digest('hex');
      await staged.commit(key);
      await staged.release();
      expect(await hashOf(blobs.open(key), watch)).toBe(key);
      expect(peak - before).toBeLessThan(48 * 1024 * 1024);
    });
  });
}

/** Someone who takes each piece after a moment, as a socket does. */
function slowly() {
  const pieces: Buffer[] = [];
  const to = new Writable({
    highWaterMark: 10_000,
    write(piece: Buffer, _encoding, taken) {
      setTimeout(() => {
        pieces.push(Buffer.from(piece));
        taken();
      }, 1);
    },
  });
  return { to, received: () => Buffer.concat(pieces) };
}

async function hashOf(stream: Readable, onChunk: () => void): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of stream) {
    hash.update(bytes as Buffer);
    onChunk();
  }
  return hash.digest('hex');
}
