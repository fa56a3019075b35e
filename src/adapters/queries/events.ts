import type { Selectable } from 'kysely';
import { latest } from '../../core/latest.ts';
import type { EventQueries, PlacedEvent } from '../../ports/storage.ts';
import { compiled, compiledChange } from './compiled.ts';
import { lockQueries } from './locks.ts';
import type { Database, EventsTable, RowOf } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** Events on their way to the outside, on any engine. */
export function eventQueries(db: Database): EventQueries {
  async function lastPosition(): Promise<number> {
    const [row] = await findLastPosition(db, {});
    return row?.position ?? 0;
  }

  return {
    async nextSequence(packageId) {
      const [row] = await raiseSequence(db, { packageId });
      if (row === undefined) throw new Error('An event tells of a package that is not there.');
      return row.event_sequence;
    },

    async add(packageId, sequence, { id, at, region, owner, domain, administrator, resource, detail }) {
      const place = { region, owner, domain, administrator };
      await insertEvent(db, { package_id: packageId, sequence, position: null, id, at, ...place, resource, detail });
    },

    place: latest(async () => {
      // Nearly always nothing is waiting, and a look costs no lock.
      if ((await findAnyWaiting(db, {})).length === 0) return false;
      return inTransaction(db, async (db) => {
        await lockQueries(db).hold('places of events');
        const [last] = await findLastPosition(db, {});
        return (await givePlaces(db, { last: last?.position ?? 0, limit: placedAtOnce })) === placedAtOnce;
      });
    }),

    async after(position, { account, domain }, limit) {
      let query = db.selectFrom('events').selectAll().where('position', '>', position);
      if (account !== undefined) {
        query = query.where((eb) => eb.or([eb('owner', '=', account), eb('administrator', '=', account)]));
      }
      if (domain !== undefined) {
        query = query
          .where('owner', '=', domain.owner)
          .where('region', '=', domain.region)
          .where('domain', '=', domain.name);
      }
      return (await query.orderBy('position').limit(limit).execute()).map(toEvent);
    },

    lastPosition,

    async cursor(consumer) {
      const row = await db
        .selectFrom('event_cursors')
        .select('position')
        .where('consumer', '=', consumer)
        .executeTakeFirst();
      return row?.position;
    },

    async setCursor(consumer, position) {
      await db
        .insertInto('event_cursors')
        .values({ consumer, position })
        .onConflict((conflict) => conflict.column('consumer').doUpdateSet({ position }))
        .execute();
    },

    async forget(before, upTo) {
      const [kept] = await findFirstSince(db, { at: before });
      const end = Math.min(await lastPosition(), upTo + 1, kept?.position ?? Number.POSITIVE_INFINITY);
      const [first] = await findFirstPosition(db, {});
      // In slices: others want to write between.
      for (let position = first?.position ?? end; position < end; ) {
        position = Math.min(end, position + forgottenAtOnce);
        await db.deleteFrom('events').where('position', '<', position).execute();
      }
    },
  };
}

/** How many events get their place in one transaction, and how many are forgotten in one. */
const placedAtOnce = 1_000;
const forgottenAtOnce = 1_000;

const raiseSequence = compiled((db, { packageId }: { packageId: string }) =>
  db
    .updateTable('packages')
    .set((eb) => ({ event_sequence: eb('event_sequence', '+', 1) }))
    .where('id', '=', packageId)
    .returning('event_sequence'),
);

const insertEvent = compiledChange((db, row: RowOf<'events'>) => db.insertInto('events').values(row));

const findAnyWaiting = compiled((db) => db.selectFrom('events').select('id').where('position', 'is', null).limit(1));

/**
 * In the order of time, but never a package's event before an earlier one of its: nodes' clocks differ, so an event's
 * turn is the latest time up to it.
 */
const givePlaces = compiledChange((db, { last, limit }: { last: number; limit: number }) => {
  const waiting = db
    .selectFrom('events')
    .where('position', 'is', null)
    .select((eb) => [
      'package_id',
      'sequence',
      eb.fn
        .max<number>('at')
        .over((over) => over.partitionBy('package_id').orderBy('sequence'))
        .as('turn'),
    ])
    .as('waiting');
  const next = db
    .selectFrom(waiting)
    .select((eb) => [
      'package_id',
      'sequence',
      eb.fn
        .agg<number>('row_number')
        .over((over) => over.orderBy('turn').orderBy('package_id').orderBy('sequence'))
        .as('place'),
    ])
    .orderBy('place')
    .limit(limit)
    .as('next');
  return db
    .updateTable('events')
    .from(next)
    .set((eb) => ({ position: eb('next.place', '+', last) }))
    .whereRef('events.package_id', '=', 'next.package_id')
    .whereRef('events.sequence', '=', 'next.sequence');
});

const findLastPosition = compiled((db) =>
  db.selectFrom('events').select((eb) => eb.fn.max<number | null>('position').as('position')),
);

const findFirstPosition = compiled((db) =>
  db.selectFrom('events').select((eb) => eb.fn.min<number | null>('position').as('position')),
);

/** The first in the order that is not older; it looks at those that are, and no further. */
const findFirstSince = compiled((db, { at }: { at: number }) =>
  db
    .selectFrom('events')
    .select('position')
    .where('position', 'is not', null)
    .where('at', '>=', at)
    .orderBy('position')
    .limit(1),
);

function toEvent(row: Selectable<EventsTable>): PlacedEvent {
  const { id, at, region, owner, domain, administrator, resource, detail } = row;
  return { position: row.position ?? 0, id, at, region, owner, domain, administrator, resource, detail };
}
