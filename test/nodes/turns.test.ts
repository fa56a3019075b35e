import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { leasedTurns } from '../../src/core/turns.ts';
import { TestClock } from '../support/clock.ts';
import { describeStorage } from '../support/engines.ts';

/** More than a lease lasts without being renewed. */
const leaseMs = 15_001;

describeStorage('turns among nodes', ({ open }) => {
  it('are one at a time; who waited is told to look again', async () => {
    const { leases } = await open();
    const clock = new TestClock();
    const [one, another] = [leasedTurns(leases, 'one', clock), leasedTurns(leases, 'another', clock)];
    const turn = await one.take('fetch lib');
    expect(await another.take('fetch other')).toBeDefined();

    let isOver = false;
    // A node is no exception to itself.
    const waiting = [one, another].map(async (turns) => {
      const second = await turns.take('fetch lib');
      return [isOver, second];
    });
    await sleep(300);
    isOver = true;
    await turn?.end();
    expect(await Promise.all(waiting)).toEqual([
      [true, undefined],
      [true, undefined],
    ]);
    expect(await another.take('fetch lib')).toBeDefined();
  });

  it('of a node that died go to the others when its lease has run out', async () => {
    const { leases } = await open();
    const clock = new TestClock();
    // It never renews: it is dead.
    await leases.take('fetch lib', 'dead', { now: clock.now(), until: clock.now() + leaseMs });
    const turns = leasedTurns(leases, 'alive', clock);
    const waiting = turns.take('fetch lib');
    await sleep(100);
    clock.ahead = leaseMs;
    expect(await waiting).toBeUndefined();
    expect(await turns.take('fetch lib')).toBeDefined();
  });
});
