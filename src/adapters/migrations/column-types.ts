import { type CreateTableBuilder, type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely';

/** What the two engines spell differently in DDL; everything else in a migration is the same for both. */
export interface ColumnTypes {
  /** Text that compares by bytes, so that both engines order names alike. */
  readonly text: RawBuilder<unknown>;
  /** 64-bit integers: times, sizes, counters. */
  readonly integer: RawBuilder<unknown>;
  readonly bytes: RawBuilder<unknown>;
  /** Stores the table in the order of its primary key where the engine can. Only for tables with short rows. */
  clustered<Table extends string, Column extends string>(
    table: CreateTableBuilder<Table, Column>,
  ): CreateTableBuilder<Table, Column>;
}

/** The column types of the engine behind `db`. */
export function columnTypes(db: Kysely<unknown>): ColumnTypes {
  if (db.getExecutor().adapter instanceof PostgresAdapter) {
    return { text: sql`text collate "C"`, integer: sql`bigint`, bytes: sql`bytea`, clustered: (table) => table };
  }
  return {
    text: sql`text`,
    integer: sql`integer`,
    bytes: sql`blob`,
    clustered: (table) => table.modifyEnd(sql`without rowid`),
  };
}
