/** The one source of time. Everything that asks for "now" gets a Clock, so that tests and replays can choose it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}
