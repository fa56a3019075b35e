import type { Caller } from '../caller.ts';
import type { Standing } from './directory.ts';

/** The values of a condition key, by its lower-case name; undefined when a request has no such key. */
export type ConditionContext = (key: string) => readonly string[] | undefined;

const tagPrefix = 'aws:principaltag/';

/**
 * The condition keys that say who asks. Source: AWS, global condition context keys, properties of the principal.
 * Names of tags are compared without case, as IAM does.
 */
export function callerContext(caller: Caller, standing: Standing): ConditionContext {
  return (key) => {
    const value = key.startsWith(tagPrefix)
      ? tagNamed(standing.tags, key.slice(tagPrefix.length))
      : property(caller, standing, key);
    return value === undefined ? undefined : [value];
  };
}

function property(caller: Caller, standing: Standing, key: string): string | undefined {
  switch (key) {
    case 'aws:principalarn':
      return caller.roleArn ?? caller.principal;
    case 'aws:principalaccount':
      return caller.account;
    case 'aws:principaltype':
      return standing.principalType;
    case 'aws:principalorgid':
      return standing.organization;
    case 'aws:principalisawsservice':
      return 'false';
    case 'aws:userid':
      return caller.userId;
    case 'aws:username':
      return standing.principalType === 'User'
        ? caller.principal.slice(caller.principal.lastIndexOf('/') + 1)
        : undefined;
    default:
      return undefined;
  }
}

function tagNamed(tags: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.entries(tags).find(([tag]) => tag.toLowerCase() === name)?.[1];
}
