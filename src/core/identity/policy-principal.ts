import type { Caller } from '../caller.ts';
import type { PolicyPrincipal } from '../policy/policy.ts';

/** The caller as policies name principals. */
export function policyPrincipal({ principal, account, roleArn }: Caller): PolicyPrincipal {
  return { arn: principal, account, ...(roleArn !== undefined && { roleArn }) };
}
