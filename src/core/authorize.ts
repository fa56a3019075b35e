import type { Caller } from './caller.ts';
import { tokenSeconds } from './control/issue-token.ts';
import type { Ports } from './core-ports.ts';
import { PackyardError } from './errors.ts';
import { type ConditionContext, callerContext } from './identity/caller-context.ts';
import type { Directory, Standing } from './identity/directory.ts';
import { policyPrincipal } from './identity/policy-principal.ts';
import { type Decision, decide } from './policy/decide.ts';
import type { Policy } from './policy/policy.ts';
import type { Moment } from './present.ts';
import { type RequestFacts, requestContext, tagNamed } from './request-context.ts';
import type { FoundPolicies, ResourcePolicies } from './resource-policies.ts';

/** What a caller wants to do to which resource. */
export interface Access {
  /** With its service prefix: `codeartifact:ReadFromRepository`. */
  readonly action: string;
  /** ARN of the resource, or `*` where the action has none. */
  readonly resource: string;
  /** Account that owns the resource. */
  readonly owner: string;
  /** The domain whose policy speaks on the resource; absent where no resource policy does. */
  readonly domain?: string;
  /** The repository whose policy does, too. */
  readonly repository?: string;
  /** ARN of what carries the resource's tags; absent where it has none. */
  readonly tagged?: string;
  /** Another resource that the action is about as well: to be allowed on either is enough, a deny on either refuses. */
  readonly also?: Pick<Access, 'resource' | 'tagged'>;
}

export interface AuthorizeDeps extends Pick<Ports, 'storage' | 'clock'> {
  readonly directory: Directory;
  readonly resourcePolicies: ResourcePolicies;
}

/**
 * Decides whether `caller` may do `access`; throws AccessDeniedException with AWS's text when not. It stands in front
 * of every operation and every data-plane request, and runs before anyone looks whether the resource exists.
 *
 * Identity policies, the domain's and the repository's policy are evaluated as they are at this moment.
 * Source: AWS user guide, "Domain policies" and "Repository policies"; IAM user guide, "Policy evaluation logic".
 */
export async function authorize(
  deps: AuthorizeDeps,
  moment: Moment,
  caller: Caller,
  access: Access,
  facts: RequestFacts,
): Promise<void> {
  const decision = await decisionOn(deps, moment, caller, access, facts);
  if (decision.isAllowed) return;
  throw new PackyardError(
    'AccessDeniedException',
    `User: ${caller.principal} is not authorized to perform: ${access.action} on resource: ${access.resource} ${decision.why}`,
  );
}

/** Whether a policy says outright that `caller` may not do `access`. */
export async function isDenied(
  deps: AuthorizeDeps,
  moment: Moment,
  caller: Caller,
  access: Access,
  facts: RequestFacts,
): Promise<boolean> {
  const decision = await decisionOn(deps, moment, caller, access, facts);
  return !decision.isAllowed && decision.isExplicit;
}

async function decisionOn(
  deps: AuthorizeDeps,
  moment: Moment,
  caller: Caller,
  { also, ...access }: Access,
  facts: RequestFacts,
): Promise<Decision> {
  const first = await judge(deps, moment, caller, access, facts);
  if (also === undefined) return first;
  const second = await judge(deps, moment, caller, { ...access, ...also }, facts);
  if (!second.isAllowed && second.isExplicit) return second;
  return second.isAllowed && !(first.isAllowed || first.isExplicit) ? second : first;
}

async function judge(
  deps: AuthorizeDeps,
  moment: Moment,
  caller: Caller,
  access: Access,
  facts: RequestFacts,
): Promise<Decision> {
  const standing = deps.directory.standing(caller);
  if (standing === undefined)
    return {
      isAllowed: false,
      why: `because no identity-based policy allows the ${access.action} action`,
      isExplicit: false,
    };
  const found = await deps.resourcePolicies.find(moment, caller.region, access);
  const policies = {
    identity: standing.identity,
    bounds: standing.bounds,
    resource: found.policies,
    isOwnAccount: caller.account === access.owner || caller.account === found.administrator,
  };
  const tags = await resourceTags(deps, moment, access, standing, found);
  const context = contextOf(deps, caller, standing, access, facts, tags);
  return decide(policies, {
    principal: policyPrincipal(caller),
    action: access.action,
    resource: access.resource,
    context,
  });
}

const resourceTagPrefix = 'aws:resourcetag/';

type Tags = readonly (readonly [string, string])[];

/** The resource's tags, read only where a policy asks for them. */
async function resourceTags(
  { storage }: AuthorizeDeps,
  moment: Moment,
  { tagged }: Access,
  { identity, bounds }: Standing,
  { policies }: FoundPolicies,
): Promise<Tags> {
  if (tagged === undefined) return [];
  const all = [...identity, ...bounds.map(({ policy }) => policy), ...policies];
  if (!all.some(asksForResourceTags)) return [];
  return moment.recall(`tags ${tagged}`, async () => {
    const tags = await storage.resourceTags.list(tagged);
    return { value: tags.map(({ key, value }) => [key, value] as const) };
  });
}

function asksForResourceTags({ contextKeys }: Policy): boolean {
  for (const key of contextKeys) if (key.startsWith(resourceTagPrefix)) return true;
  return false;
}

/** All condition keys of a request for something. */
function contextOf(
  { clock }: AuthorizeDeps,
  caller: Caller,
  standing: Standing,
  { owner, action }: Access,
  facts: RequestFacts,
  tags: Tags,
): ConditionContext {
  const ofCaller = callerContext(caller, standing);
  const ofRequest = requestContext(clock, caller.region, facts);
  return (key) => {
    if (key.startsWith(resourceTagPrefix)) return tagNamed(tags, key.slice(resourceTagPrefix.length));
    if (key === 'aws:resourceaccount') return [owner];
    // STS's keys are in its own requests only: a condition on them must not let anything else through.
    if (key.startsWith('sts:') && !action.startsWith('sts:')) return undefined;
    if (key === 'sts:awsservicename') return ['codeartifact.amazonaws.com'];
    if (key === 'sts:durationseconds') return [String(tokenSeconds(caller, facts.durationSeconds, clock.now()))];
    return ofCaller(key) ?? ofRequest(key);
  };
}
