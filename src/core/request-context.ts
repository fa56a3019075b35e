import type { Clock } from '../ports/clock.ts';
import type { ConditionContext } from './identity/caller-context.ts';

/** What a request says of itself, for the conditions of policies. */
export interface RequestFacts {
  readonly sourceIp: string | undefined;
  readonly isSecure: boolean;
  /** Tags the request wants to set, by key, and keys it wants to remove. */
  readonly requestTags?: Readonly<Record<string, string>>;
  readonly tagKeys?: readonly string[];
  /** How long the token it asks for is to live. */
  readonly durationSeconds?: number;
}

const requestTagPrefix = 'aws:requesttag/';

/** The condition keys of a request itself. Source: AWS, "AWS global condition context keys". */
export function requestContext(clock: Clock, region: string, facts: RequestFacts): ConditionContext {
  const { sourceIp, isSecure, requestTags = {}, tagKeys = Object.keys(requestTags) } = facts;
  return (key) => {
    if (key.startsWith(requestTagPrefix))
      return tagNamed(Object.entries(requestTags), key.slice(requestTagPrefix.length));
    switch (key) {
      case 'aws:tagkeys':
        return tagKeys.length === 0 ? undefined : tagKeys;
      case 'aws:sourceip':
        return sourceIp === undefined ? undefined : [sourceIp];
      case 'aws:securetransport':
        return [String(isSecure)];
      case 'aws:currenttime':
        return [new Date(clock.now()).toISOString()];
      case 'aws:epochtime':
        return [String(Math.floor(clock.now() / 1000))];
      case 'aws:requestedregion':
        return [region];
      case 'aws:viaawsservice':
        return ['false'];
      default:
        return undefined;
    }
  };
}

/** The value of a tag among pairs of key and value. Keys are compared without case, as IAM does. */
export function tagNamed(tags: readonly (readonly [string, string])[], name: string): string[] | undefined {
  const tag = tags.find(([key]) => key.toLowerCase() === name);
  return tag === undefined ? undefined : [tag[1]];
}
