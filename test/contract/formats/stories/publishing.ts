import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { FormatRules } from '../../../../src/core/format.ts';
import type { Stories } from '../describe-format.ts';
import type { Release } from '../format-user.ts';

const success = [200, 201, 202, 204];
const other = (release: Release): Release => ({ ...release, text: 'other bytes' });

/** A version comes in, once. */
export function publishing({ world, user, needs }: Stories, rules: FormatRules): void {
  it('is published, listed, and downloaded byte for byte', async () => {
    const release = world().fresh();
    expect(await world().listed('apart', release.name)).toEqual([]);
    expect((await world().download('apart', release)).status).toBe(404);
    await world().published('apart', release);
    expect(await world().listed('apart', release.name)).toEqual(['1.0.0']);
    await world().expectBytes('apart', release);
    const second = { ...release, version: '1.10.0' };
    await world().published('apart', second);
    expect(await world().listed('apart', release.name)).toEqual(['1.0.0', '1.10.0']);
    for (const one of [release, second]) await world().expectBytes('apart', one);
  });

  it('is downloaded in part, asked for by HEAD, and not sent again to who has it', async () => {
    const release = world().fresh();
    await world().published('apart', release);
    const { name, bytes } = await world().mainFile(release);
    const path = user.pathOf(release, name);
    const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
    const head = await world().fetch('apart', path, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag'), head.bytes.length]).toEqual([
      200,
      String(bytes.length),
      etag,
      0,
    ]);
    const part = await world().fetch('apart', path, { headers: { range: 'bytes=2-9' } });
    expect([part.status, part.bytes.equals(bytes.subarray(2, 10))]).toEqual([206, true]);
    const known = await world().fetch('apart', path, { headers: { 'if-none-match': etag } });
    expect([known.status, known.bytes.length]).toEqual([304, 0]);
  });

  it('is published again with the same bytes: a success that changes nothing', async () => {
    const release = world().fresh();
    await world().published('apart', release);
    const before = await world().describe('apart', release);
    await world().happenings(release.name);
    await world().published('apart', release);
    expect(await world().describe('apart', release)).toEqual(before);
    expect(await world().happenings(release.name)).toEqual([]);
  });

  it('is never published with other bytes: 409, and the first ones stay', async () => {
    const release = world().fresh();
    await world().published('apart', release);
    const before = await world().describe('apart', release);
    expect(await world().publish('apart', other(release))).toBe(409);
    expect(await world().describe('apart', release)).toEqual(before);
    await world().expectBytes('apart', release);
  });

  it('is published by two at once with other bytes each: one of them wins', async () => {
    const release = world().fresh();
    const rivals = [release, other(release)];
    const statuses = await Promise.all(rivals.map((rival) => world().publish('apart', rival)));
    const winners = rivals.filter((_, index) => success.includes(statuses[index] ?? 0));
    expect([winners.length, statuses.filter((status) => status === 409).length], String(statuses)).toEqual([1, 1]);
    for (const winner of winners) await world().expectBytes('apart', winner);
  });

  it(`takes more files ${rules.takesAssets}, as its rules say`, () => {
    expect(user.cannot['more files'] === undefined).toBe(rules.takesAssets === 'always');
    if (user.cannot['more files'] === undefined || user.cannot.unfinished === undefined) {
      expect(user.extraFile).toBeDefined();
      expect(user.add).toBeDefined();
    }
  });

  needs('more files', {
    can: [
      'takes more files later, and none twice with other bytes',
      async () => {
        const release = world().fresh();
        await world().published('apart', release);
        const extra = await extraOf(release, 'one');
        expect(await world().add('apart', release, extra)).toBeOneOf(success);
        expect(await world().add('apart', release, extra)).toBeOneOf(success);
        expect(await world().add('apart', release, await extraOf(release, 'two'))).toBe(409);
        expect((await world().download('apart', release, extra.name)).bytes.equals(extra.bytes)).toBe(true);
        await world().expectBytes('apart', release);
        expect((await world().describe('apart', release))['status']).toBe('Published');
        expect((await world().assets('apart', release)).map(({ name }) => name)).toContain(extra.name);
      },
    ],
    cannot: [
      'takes no more files once it is published',
      async () => {
        const release = world().fresh();
        await world().published('apart', release);
        const before = await world().assets('apart', release);
        if (user.extraFile !== undefined) {
          const extra = await extraOf(release, 'one');
          for (const isLast of [true, false]) expect(await world().add('apart', release, extra, isLast)).toBe(409);
        }
        expect(await world().assets('apart', release)).toEqual(before);
        expect(rules.takesAssets).not.toBe('always');
      },
    ],
  });

  needs('unfinished', {
    can: [
      'can be begun, and is for nobody until it is finished',
      async () => {
        const release = world().fresh();
        const extra = await extraOf(release, 'one');
        expect(await world().add('apart', release, extra, false)).toBeOneOf(success);
        expect((await world().describe('apart', release))['status']).toBe('Unfinished');
        expect(await world().listed('apart', release.name)).toEqual([]);
        await world().published('apart', release);
        expect((await world().describe('apart', release))['status']).toBe('Published');
        expect(await world().listed('apart', release.name)).toEqual(['1.0.0']);
        expect((await world().download('apart', release, extra.name)).bytes.equals(extra.bytes)).toBe(true);
        await world().expectBytes('apart', release);
      },
    ],
    cannot: [
      'is Published with its first file',
      async () => {
        const release = world().fresh();
        await world().published('apart', release);
        const created = (await world().happenings(release.name))[0];
        expect(created).toMatchObject({ operation: 'Created', status: 'Published' });
      },
    ],
  });

  async function extraOf(release: Release, text: string) {
    const file = await user.extraFile?.(release, text);
    if (file === undefined) throw new Error(`${user.format} has no further files`);
    return file;
  }
}
