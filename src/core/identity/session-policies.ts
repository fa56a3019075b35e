import type { Caller } from '../caller.ts';
import type { Bound } from '../policy/decide.ts';
import { compilePolicy, type Policy } from '../policy/policy.ts';
import { WeightedCache } from '../weighted-cache.ts';

/** The policies that sessions brought with them, compiled once. */
export class SessionPolicies {
  readonly #compiled = new WeightedCache<Policy>(1_000);

  /** What a session's own policy bounds it to; nothing for other callers. */
  bounds({ sessionPolicy }: Pick<Caller, 'sessionPolicy'>): readonly Bound[] {
    if (sessionPolicy === undefined) return [];
    const known = this.#compiled.get(sessionPolicy);
    const policy = known ?? compilePolicy(sessionPolicy, 'identity');
    if (known === undefined) this.#compiled.set(sessionPolicy, policy);
    return [{ policy, kind: 'session policy' }];
  }
}
