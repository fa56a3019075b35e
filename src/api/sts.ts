import type { Caller } from '../core/caller.ts';
import { PackyardError } from '../core/errors.ts';
import { type AssumeRoleDeps, assumeRole } from '../core/identity/assume-role.ts';
import type { ConditionContext } from '../core/identity/caller-context.ts';
import { type Elements, type StsAnswer, stsError, stsFailure, stsResult } from './sts-answers.ts';
import { assumeRoleInput } from './sts-parameters.ts';

export { type StsAnswer, stsError } from './sts-answers.ts';

const version = '2011-06-15';

export type StsDeps = AssumeRoleDeps;

export interface StsRequest {
  /** The form of the query protocol. */
  readonly body: string;
  readonly caller: Caller;
  readonly requestId: string;
  /** Condition keys that say where and when the request came. */
  readonly context?: ConditionContext;
}

type Action = (deps: StsDeps, request: StsRequest, form: URLSearchParams) => Promise<Elements>;

/** The actions there are: what Terraform and many scripts begin with, and how a role is taken on. */
const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['GetCallerIdentity', getCallerIdentity],
  ['AssumeRole', assumeRoleAction],
]);

/**
 * Answers an STS request of the query protocol. Every refusal is an answer too, with STS's error document; what is
 * thrown is a fault of ours, for `stsError`.
 */
export async function sts(deps: StsDeps, request: StsRequest): Promise<StsAnswer> {
  const { requestId } = request;
  const form = new URLSearchParams(request.body);
  const name = form.get('Action');
  if (name === null) return stsFailure('MissingAction', 'The request has no Action.', requestId);
  const action = actions.get(name);
  if (action === undefined || form.get('Version') !== version) {
    const asked = `${name} for version ${form.get('Version') ?? 'none'}`;
    return stsFailure('InvalidAction', `Could not find operation ${asked}`, requestId);
  }
  try {
    return stsResult(name, await action(deps, request, form), requestId);
  } catch (error) {
    if (error instanceof PackyardError) return stsError(error, requestId);
    throw error;
  }
}

/** Needs no permission. Source: AWS STS API reference. */
async function getCallerIdentity(_deps: StsDeps, { caller }: StsRequest): Promise<Elements> {
  return { Arn: caller.principal, UserId: caller.userId, Account: caller.account };
}

async function assumeRoleAction(deps: StsDeps, request: StsRequest, form: URLSearchParams): Promise<Elements> {
  const session = await assumeRole(deps, request.caller, assumeRoleInput(form), request.context);
  return {
    AssumedRoleUser: { AssumedRoleId: session.id, Arn: session.arn },
    Credentials: {
      AccessKeyId: session.credentials.accessKeyId,
      SecretAccessKey: session.credentials.secretAccessKey,
      SessionToken: session.credentials.sessionToken,
      Expiration: new Date(session.expiresAt).toISOString().replace('.000Z', 'Z'),
    },
    PackedPolicySize: session.packedPolicyPercent?.toString(),
  };
}
