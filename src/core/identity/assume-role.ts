import type { Clock } from '../../ports/clock.ts';
import type { Caller } from '../caller.ts';
import { invalid, PackyardError } from '../errors.ts';
import { decide } from '../policy/decide.ts';
import { compilePolicy, PolicyError, type PolicyRequest } from '../policy/policy.ts';
import { type ConditionContext, callerContext } from './caller-context.ts';
import type { Directory, Role } from './directory.ts';
import { isRoot, parseRoleArn, type RoleName, sessionArn } from './iam-arns.ts';
import { policyPrincipal } from './policy-principal.ts';
import type { SessionCredentials, Sessions } from './sessions.ts';
import { userIdOf } from './user-id.ts';

/** A session of a role that was assumed by another session. Source: AWS STS, role chaining. */
const maxChainedSeconds = 3_600;
/** AWS packs session policy and tags together and does not say how; ours are kept as they are, up to this many bytes. */
const maxPackedBytes = 4_096;

export interface AssumeRoleDeps {
  readonly directory: Directory;
  readonly sessions: Sessions;
  readonly clock: Clock;
}

export interface AssumeRoleInput {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly tags: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly policy?: string | undefined;
  readonly externalId?: string | undefined;
}

export interface AssumedRole {
  readonly credentials: SessionCredentials;
  readonly expiresAt: number;
  readonly arn: string;
  /** `AROA…:SESSION`. */
  readonly id: string;
  /** How much of the room for policy and tags is taken; undefined when the session brought neither. */
  readonly packedPolicyPercent: number | undefined;
}

/**
 * Opens a session of a role for a caller. `context` has the condition keys of the request itself.
 *
 * Throws AccessDeniedException, also for a role that is not there; ValidationException when the session would be too
 * long; MalformedPolicyDocumentException and PackedPolicyTooLargeException for what the session brings with it.
 * Source: AWS STS API reference, AssumeRole.
 */
export async function assumeRole(
  deps: AssumeRoleDeps,
  caller: Caller,
  input: AssumeRoleInput,
  context: ConditionContext = () => undefined,
): Promise<AssumedRole> {
  const { roleArn, sessionName, tags } = input;
  const name = parseRoleArn(roleArn);
  if (name === undefined) throw invalid(`${roleArn} is invalid`);
  if (isRoot(caller)) throw new PackyardError('AccessDeniedException', 'Roles may not be assumed by root accounts.');
  const role = authorizedRole(deps.directory, caller, name, input, context);
  checkDuration(role, caller, input.durationSeconds);
  const sessionPolicy = input.policy === undefined ? undefined : checkedPolicy(input.policy);
  const packedPolicyPercent = packedPercent(sessionPolicy, tags);
  const expiresAt = (Math.floor(deps.clock.now() / 1000) + input.durationSeconds) * 1000;
  const session = { account: name.account, principal: sessionArn(name, sessionName), roleArn, sessionName };
  const id = userIdOf(session);
  const credentials = await deps.sessions.issue({
    ...session,
    userId: id,
    tags,
    expiresAt,
    ...(sessionPolicy !== undefined && { sessionPolicy }),
  });
  return { credentials, expiresAt, arn: session.principal, id, packedPolicyPercent };
}

/** The role, when the caller may open such a session of it. */
function authorizedRole(
  directory: Directory,
  caller: Caller,
  { account }: RoleName,
  input: AssumeRoleInput,
  context: ConditionContext,
): Role {
  // AWS tells no more than this, so that nobody learns which roles there are.
  const denied = (action: string) =>
    new PackyardError(
      'AccessDeniedException',
      `User: ${caller.principal} is not authorized to perform: ${action} on resource: ${input.roleArn}`,
    );
  const role = directory.findRole(input.roleArn);
  const standing = directory.standing(caller);
  if (role === undefined || standing === undefined) throw denied('sts:AssumeRole');
  const { identity, bounds } = standing;
  const isOwnAccount = caller.account === account;
  const policies = { identity, bounds, resource: [role.trust], isOwnAccount, isTrust: true };
  const ofCaller = callerContext(caller, standing);
  for (const action of Object.keys(input.tags).length > 0 ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole']) {
    const request: PolicyRequest = {
      principal: policyPrincipal(caller),
      action,
      resource: input.roleArn,
      context: (key) =>
        key === 'aws:resourceaccount' ? [account] : (ofRequest(input, key) ?? ofCaller(key) ?? context(key)),
    };
    if (!decide(policies, request).isAllowed) throw denied(action);
  }
  return role;
}

/** The condition keys that a request for a session has. Source: IAM user guide, keys of AWS STS. */
function ofRequest({ sessionName, externalId, tags }: AssumeRoleInput, key: string): readonly string[] | undefined {
  if (key === 'sts:rolesessionname') return [sessionName];
  if (key === 'sts:externalid') return externalId === undefined ? undefined : [externalId];
  const names = Object.keys(tags);
  if (key === 'aws:tagkeys') return names.length === 0 ? undefined : names;
  const name = names.find((tag) => key === `aws:requesttag/${tag.toLowerCase()}`);
  return name === undefined ? undefined : [tags[name] ?? ''];
}

function checkDuration({ maxSessionSeconds }: Role, { roleArn }: Caller, seconds: number): void {
  if (seconds > maxSessionSeconds) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  if (roleArn !== undefined && seconds > maxChainedSeconds) {
    throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.');
  }
}

/** The policy without white space. */
function checkedPolicy(text: string): string {
  try {
    compilePolicy(text, 'identity');
    return JSON.stringify(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new PackyardError('MalformedPolicyDocumentException', error.message, { cause: error });
  }
}

function packedPercent(policy: string | undefined, tags: Readonly<Record<string, string>>): number | undefined {
  const hasTags = Object.keys(tags).length > 0;
  if (policy === undefined && !hasTags) return undefined;
  const bytes = Buffer.byteLength((policy ?? '') + (hasTags ? JSON.stringify(tags) : ''));
  const percent = Math.ceil((bytes * 100) / maxPackedBytes);
  if (percent <= 100) return percent;
  const message = `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`;
  throw new PackyardError('PackedPolicyTooLargeException', message);
}
