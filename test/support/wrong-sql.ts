/** The parts of a database's errors that tell what it refused. */
interface DatabaseFailure {
  /** PostgreSQL's SQLSTATE, or Node's. */
  readonly code?: string;
  /** SQLite's. */
  readonly errcode?: number;
}

/**
 * Whether what was logged is that the database did not understand us: PostgreSQL's class 42, SQLite's generic error. No
 * outage and no race excuses that.
 */
export function isWrongSql(fields: object): boolean {
  const { code, errcode } = (fields as { err?: DatabaseFailure }).err ?? {};
  return code?.startsWith('42') === true || errcode === 1;
}
