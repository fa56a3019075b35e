import { evaluate, type Policy, type PolicyRequest, type Verdict } from './policy.ts';

/** A policy that limits what a caller may do and grants nothing. */
export interface Bound {
  readonly policy: Policy;
  readonly kind: 'permissions boundary' | 'session policy';
}

/** All policies that speak on a request. */
export interface Policies {
  readonly identity: readonly Policy[];
  /** Each must allow as well. */
  readonly bounds: readonly Bound[];
  /** Policies on the resource: the domain's, the repository's. One that allows is enough. */
  readonly resource: readonly Policy[];
  /** Whether the caller is of the account that owns (or administers) the resource. */
  readonly isOwnAccount: boolean;
  /** The resource is a role and its policy a trust policy, without which nobody assumes it, of its own account neither. */
  readonly isTrust?: boolean;
}

/** `why` is the end of AWS's text, after `User: … is not authorized to perform: … on resource: …`. */
export type Decision =
  | { readonly isAllowed: true }
  | {
      readonly isAllowed: false;
      readonly why: string;
      /** Whether a policy says so, and not only none that it is allowed. */
      readonly isExplicit: boolean;
    };

const allowed: Decision = { isAllowed: true };

/**
 * Decides whether `request` is allowed. An explicit deny anywhere refuses. In the own account an identity policy or one
 * on the resource has to allow, from another account both; each bound besides.
 * Sources: AWS IAM user guide, "Policy evaluation logic" and "Troubleshoot access denied error messages"; AWS
 * CodeArtifact user guide, "Domain policies" and "Repository policies".
 */
export function decide(policies: Policies, request: PolicyRequest): Decision {
  const onResource = policies.isTrust ? 'role trust policy' : 'resource-based policy';
  const identity = strongest(policies.identity, request);
  if (identity === 'deny') return denied('an identity-based policy');
  const resource = strongest(policies.resource, request);
  if (resource === 'deny') return denied(`${policies.isTrust ? 'the' : 'a'} ${onResource}`);
  let missing: Bound['kind'] | undefined;
  for (const { policy, kind } of policies.bounds) {
    const verdict = evaluate(policy, request);
    if (verdict === 'deny') return denied(`a ${kind}`);
    if (verdict !== 'allow') missing ??= kind;
  }
  const isGranted = identity === 'allow' || (policies.isOwnAccount && resource === 'allow');
  const needsResource = !policies.isOwnAccount || policies.isTrust === true;
  const lacking = !isGranted ? 'identity-based policy' : needsResource && resource === 'silent' ? onResource : missing;
  if (lacking === undefined) return allowed;
  return { isAllowed: false, why: `because no ${lacking} allows the ${request.action} action`, isExplicit: false };
}

/** What policies of a kind say together: deny before allow before delegated. */
function strongest(policies: readonly Policy[], request: PolicyRequest): Verdict {
  let strongest: Verdict = 'silent';
  for (const policy of policies) {
    const verdict = evaluate(policy, request);
    if (verdict === 'deny') return verdict;
    if (verdict === 'allow' || (verdict === 'delegated' && strongest === 'silent')) strongest = verdict;
  }
  return strongest;
}

function denied(by: string): Decision {
  return { isAllowed: false, why: `with an explicit deny in ${by}`, isExplicit: true };
}
