import { createHash } from 'node:crypto';
import type { Caller } from '../caller.ts';
import { base32 } from './base32.ts';
import { isRoot } from './iam-arns.ts';

type Named = Pick<Caller, 'account' | 'principal' | 'roleArn' | 'sessionName'>;

/**
 * IAM's unique id of a principal: `AIDA…` for a user, `AROA…:SESSION` for a role's session, the account for its root.
 * IAM makes one up when it makes the principal; here it is made up from the ARN, so that it is the same on every node.
 */
export function userIdOf({ account, principal, roleArn, sessionName }: Named): string {
  if (roleArn !== undefined) return `${uniqueId('AROA', roleArn)}:${sessionName ?? ''}`;
  return isRoot({ account, principal }) ? account : uniqueId('AIDA', principal);
}

/** Four letters that say what it is and 17 characters, as IAM has them. */
function uniqueId(prefix: string, arn: string): string {
  return prefix + base32(createHash('sha256').update(arn).digest()).slice(0, 17);
}
