import type { Compilable, CompiledQuery, QueryResult } from 'kysely';
import type { Database } from './schema.ts';

/** What a compiled query is asked with. Lists become `in (…)`. */
type Input = Readonly<Record<string, string | number | null | Uint8Array | readonly string[]>>;

/**
 * A query that is built and compiled once per engine and then only run: on the read path, building costs several
 * times what SQLite needs to answer. `build` must not look into the values of its input, for it is called with holes
 * in their places; lists of different lengths are compiled apart.
 *
 * @returns a function that asks a database, or a transaction of it, with real values.
 */
export function compiled<Values extends Input, Row>(
  build: (db: Database, input: Values) => Compilable<Row>,
): (db: Database, input: Values) => Promise<Row[]> {
  const execute = compiledOnce(build);
  return async (db, input) => (await execute(db, input)).rows;
}

/** As `compiled`, for what writes; the function returns how many rows it changed. */
export function compiledChange<Values extends Input>(
  build: (db: Database, input: Values) => Compilable<unknown>,
): (db: Database, input: Values) => Promise<number> {
  const execute = compiledOnce(build);
  return async (db, input) => Number((await execute(db, input)).numAffectedRows ?? 0);
}

function compiledOnce<Values extends Input, Row>(
  build: (db: Database, input: Values) => Compilable<Row>,
): (db: Database, input: Values) => Promise<QueryResult<Row>> {
  // All transactions of a database share its adapter.
  const plansByEngine = new WeakMap<object, Map<string, CompiledQuery<Row>>>();

  function planFor(db: Database, input: Values): CompiledQuery<Row> {
    const { adapter } = db.getExecutor();
    const plans = plansByEngine.get(adapter) ?? new Map<string, CompiledQuery<Row>>();
    plansByEngine.set(adapter, plans);
    const shape = shapeOf(input);
    const plan = plans.get(shape) ?? (build(db, holesFor(input)).compile() as CompiledQuery<Row>);
    plans.set(shape, plan);
    return plan;
  }

  return async (db, input) => {
    const plan = planFor(db, input);
    const parameters = plan.parameters.map((value) => (value instanceof Hole ? value.fill(input) : value));
    return db.executeQuery<Row>({ ...plan, parameters });
  };
}

/** Stands for a value that is not known yet. Kysely passes it on as the parameter it is. */
class Hole {
  readonly #name: string;
  readonly #index: number | undefined;

  constructor(name: string, index?: number) {
    this.#name = name;
    this.#index = index;
  }

  fill(input: Input): unknown {
    const value = input[this.#name];
    return this.#index === undefined || !Array.isArray(value) ? value : value[this.#index];
  }
}

/** What decides the SQL: how long the lists are. */
function shapeOf(input: Input): string {
  let shape = '';
  for (const value of Object.values(input)) if (Array.isArray(value)) shape += `${value.length},`;
  return shape;
}

function holesFor<Values extends Input>(input: Values): Values {
  const holes = Object.entries(input).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map((_, index) => new Hole(name, index)) : new Hole(name),
  ]);
  return Object.fromEntries(holes) as Values;
}
