import type { Identity } from '../caller.ts';
import { compilePolicy } from '../policy/policy.ts';
import type { Directory, Role } from './directory.ts';
import { isRoot, parseRoleArn, userArn } from './iam-arns.ts';
import { SessionPolicies } from './session-policies.ts';
import { userIdOf } from './user-id.ts';

/** The account of a caller whose access key id is none. */
const defaultAccount = '000000000000';

/**
 * The directory of `--auth open`: everyone is administrator of its account, and every role there could be is there and
 * may be assumed by anyone. It knows no secret, so no signature can be verified against it: `openIdentity` is who a key is.
 */
export function openDirectory(): Directory {
  const everything = compilePolicy(
    { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
    'identity',
  );
  const trust = compilePolicy(
    {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: '*', Action: ['sts:AssumeRole', 'sts:TagSession'] },
    },
    'resource',
    { isTrust: true },
  );
  const role: Role = { trust, maxSessionSeconds: 43_200 };
  const sessionPolicies = new SessionPolicies();
  return {
    findKey: () => undefined,
    standing(caller) {
      const principalType = caller.roleArn !== undefined ? 'AssumedRole' : isRoot(caller) ? 'Account' : 'User';
      return {
        identity: [everything],
        bounds: sessionPolicies.bounds(caller),
        tags: caller.tags,
        principalType,
      };
    },
    findRole: (arn) => (parseRoleArn(arn) === undefined ? undefined : role),
  };
}

/** Who an access key is where every key is taken: 12 digits are the account, and the key is its user. */
export function openIdentity(accessKeyId: string): Identity {
  const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : defaultAccount;
  const principal = userArn(account, accessKeyId);
  return { account, accessKeyId, principal, userId: userIdOf({ account, principal }), tags: {} };
}
