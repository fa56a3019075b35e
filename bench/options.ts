import { parseArgs } from 'node:util';

export interface Options {
  /** Names of the scenarios to run; all but the long ones when it is undefined. */
  readonly only: readonly string[] | undefined;
  readonly isQuick: boolean;
  /** A built program to measure instead of one that is built anew. */
  readonly program: string | undefined;
  /** Where to write CPU profiles of Packyard. */
  readonly profiles: string | undefined;
}

/** Reads the command line. Throws with one line of explanation for what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      program: { type: 'string' },
      profiles: { type: 'string' },
    },
  });
  return {
    only: values.only?.split(',').map((name) => name.trim()),
    isQuick: values.quick,
    program: values.program,
    profiles: values.profiles,
  };
}
