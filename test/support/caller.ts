import type { Caller } from '../../src/core/caller.ts';

/** A user of an account, asking in eu-west-1 with a long-term key. */
export function userOf(account: string, name: string): Caller {
  return {
    account,
    region: 'eu-west-1',
    accessKeyId: `AKIA${name.toUpperCase()}`,
    principal: `arn:aws:iam::${account}:user/${name}`,
    userId: `AIDA${name.toUpperCase()}`,
    tags: {},
  };
}
