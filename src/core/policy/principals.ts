import { PolicyError, shown } from './policy-error.ts';
import type { PolicyPrincipal } from './request.ts';
import type { Scope } from './template.ts';

/** What a statement takes a caller for: the caller itself or all it may be a part of, its account, or nobody. */
export type Reach = 'caller' | 'account' | 'nobody';
export type PrincipalTest = (principal: PolicyPrincipal) => Reach;

interface Listed {
  readonly isEveryone: boolean;
  readonly accounts: ReadonlySet<string>;
  readonly arns: ReadonlySet<string>;
}

/** Callers of these kinds do not exist here: such principals are accepted and match nobody. */
const foreignKinds = ['Service', 'Federated', 'CanonicalUser'];
const principalArn =
  /^arn:aws:(?:iam::(\d{12}):(?:user|role)\/[^*?]+|sts::(\d{12}):(?:assumed-role\/[^/*?]+|federated-user)\/[^/*?]+)$/;

/**
 * Compiles Principal: `"*"`, or an object of `AWS` with accounts, their root ARNs, and ARNs of users, roles, sessions.
 * Throws PolicyError. Source: AWS IAM user guide, "AWS JSON policy elements: Principal".
 */
export function compilePrincipal(element: unknown, scope: Scope): PrincipalTest {
  const listed = readPrincipals(element, 'Principal', scope);
  return (principal) => {
    if (listed.isEveryone || isNamed(listed, principal)) return 'caller';
    return listed.accounts.has(principal.account) ? 'account' : 'nobody';
  };
}

/**
 * Compiles NotPrincipal: everyone but those listed. An account covers its callers, except where one of them is listed by
 * name beside it: AWS asks for the account next to the user who is meant, and means that user only. Throws PolicyError.
 * Source: AWS IAM user guide, "AWS JSON policy elements: NotPrincipal".
 */
export function compileNotPrincipal(element: unknown, scope: Scope): PrincipalTest {
  const listed = readPrincipals(element, 'NotPrincipal', scope);
  const accounts = new Set(listed.accounts);
  for (const arn of listed.arns) if (!arn.endsWith(':root')) accounts.delete(arn.split(':')[4] ?? '');
  return (principal) =>
    listed.isEveryone || isNamed(listed, principal) || accounts.has(principal.account) ? 'nobody' : 'caller';
}

function isNamed({ arns }: Listed, { arn, roleArn }: PolicyPrincipal): boolean {
  return arns.has(arn) || (roleArn !== undefined && arns.has(roleArn));
}

function readPrincipals(element: unknown, name: string, { where }: Scope): Listed {
  const accounts = new Set<string>();
  const arns = new Set<string>();
  if (element === '*') return { isEveryone: true, accounts, arns };
  if (typeof element !== 'object' || element === null || Array.isArray(element))
    throw new PolicyError(`${where}: ${name} ${shown(element)} must be "*" or an object like {"AWS": "111122223333"}`);
  let isEveryone = false;
  for (const [kind, listed] of Object.entries(element)) {
    if (kind !== 'AWS' && !foreignKinds.includes(kind))
      throw new PolicyError(`${where}: ${name} has the unknown kind ${shown(kind)}; use AWS`);
    for (const value of Array.isArray(listed) ? listed : [listed]) {
      if (typeof value !== 'string')
        throw new PolicyError(`${where}: ${name} ${shown(value)} must be a text or a list of texts`);
      if (kind !== 'AWS') continue;
      if (value === '*') isEveryone = true;
      else if (principalArn.test(value)) arns.add(value);
      else accounts.add(accountOf(value, name, where));
    }
  }
  // The root user is the account's, and named by its ARN.
  for (const account of accounts) arns.add(`arn:aws:iam::${account}:root`);
  return { isEveryone, accounts, arns };
}

function accountOf(value: string, name: string, where: string): string {
  const account = /^(?:arn:aws:iam::(\d{12}):root|(\d{12}))$/.exec(value);
  const digits = account?.[1] ?? account?.[2];
  if (digits !== undefined) return digits;
  throw new PolicyError(
    `${where}: ${name} ${shown(value)} is no principal; write "*", an account's 12 digits, or the ARN of an account's ` +
      'root, a user, a role or a role session, without wildcards',
  );
}
