import { afterEach, describe, expect, it } from 'vitest';
import { tokenFor } from '../support/user.ts';
import { World } from '../support/world.ts';

let world: World;
afterEach(() => world[Symbol.asyncDispose]());

/** Time that stands still until the test moves it on. */
const clock = { ms: Date.now(), now: () => clock.ms };

async function given(rate: Record<string, number>, throttle = true): Promise<void> {
  world = await World.with({ team: [], tools: [] }, { throttle, rate }, { clock });
}

type User = ReturnType<World['npm']>;

const read = async (user: User) => (await user.fetch('-/ping')).status;
const write = async (user: User) =>
  (await user.put('-/package/nothing/dist-tags/latest', JSON.stringify('1.0.0'))).status;

async function statuses(count: number, request: () => Promise<number>): Promise<number[]> {
  const answers: number[] = [];
  for (let each = 0; each < count; each += 1) answers.push(await request());
  return answers;
}

describe('Without --throttle', () => {
  it('every request is taken', async () => {
    await given({ readsPerAccount: 1, requestsPerToken: 1 }, false);
    expect(new Set(await statuses(20, () => read(world.npm('team'))))).toEqual(new Set([200]));
  });
});

describe('With --throttle', () => {
  it('a package manager is told when to come again, in the words of its protocol', async () => {
    await given({ readsPerAccount: 2 });
    expect(await statuses(2, () => read(world.npm('team')))).toEqual([200, 200]);
    const refusal = await world.npm('team').fetch('-/ping');
    const message = 'Rate exceeded: readsPerAccount is limited to 2 per second. Try again in 1 s.';
    expect([refusal.status, refusal.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await refusal.json()).toEqual({ error: message, message });
    clock.ms += 500;
    expect(await statuses(2, () => read(world.npm('team')))).toEqual([200, 429]);
  });

  it('an account has one rate for all its tokens and repositories', async () => {
    await given({ readsPerAccount: 2 });
    const other = world.npmWith(await tokenFor(world.aws, world.domain), 'tools');
    expect([await read(world.npm('team')), await read(other), await read(other)]).toEqual([200, 200, 429]);
  });

  it('HEAD is a read too, and gets no body', async () => {
    await given({ readsPerAccount: 1 });
    await read(world.npm('team'));
    const refusal = await world.npm('team').fetch('-/ping', { method: 'HEAD' });
    expect([refusal.status, refusal.headers.get('retry-after'), await refusal.text()]).toEqual([429, '1', '']);
  });

  it('writes have a rate of their own', async () => {
    await given({ readsPerAccount: 1, writesPerAccount: 2 });
    expect(await statuses(3, () => write(world.npm('team')))).toEqual([404, 404, 429]);
    expect(await statuses(2, () => read(world.npm('team')))).toEqual([200, 429]);
  });

  it('a refused publish changes nothing, and the connection goes on', async () => {
    await given({ writesPerAccount: 1 });
    await write(world.npm('team'));
    const sketch = { name: 'lib', version: '1.0.0', files: { 'large.bin': Buffer.alloc(1_000_000, 'x') } };
    expect((await world.npm('team').publish(sketch)).status).toBe(429);
    expect((await world.npm('team').fetch('lib')).status).toBe(404);
    clock.ms += 1_000;
    expect((await world.npm('team').publish(sketch)).status).toBe(200);
  });

  it('a token has a rate for reads and writes together', async () => {
    await given({ requestsPerToken: 2 });
    const [mine, other] = [world.npm('team'), world.npmWith(await tokenFor(world.aws, world.domain), 'team')];
    expect([await read(mine), await write(mine), await read(mine), await write(mine)]).toEqual([200, 404, 429, 429]);
    expect(await read(other)).toBe(200);
  });

  it('a token is the same one, however it is sent', async () => {
    await given({ requestsPerToken: 1 });
    await read(world.npm('team'));
    const basic = `Basic ${Buffer.from(`aws:${world.token}`).toString('base64')}`;
    const refusal = await world.npmWith(undefined, 'team').fetch('-/ping', { headers: { authorization: basic } });
    expect(refusal.status).toBe(429);
  });

  it('requests without a good token are counted by the address they come from', async () => {
    await given({ requestsPerAddress: 2 });
    const strangers = [world.npmWith(undefined, 'team'), world.npmWith('not-a-token', 'tools')];
    const answers: number[] = [];
    for (const stranger of [...strangers, ...strangers]) answers.push(await read(stranger));
    expect(answers).toEqual([401, 401, 429, 429]);
    const refusal = await strangers[0]?.fetch('-/ping');
    expect(refusal?.headers.get('retry-after')).toBe('1');
    expect(refusal?.headers.get('www-authenticate')).toBeNull();
    expect(await read(world.npm('team'))).toBe(200);
  });
});
