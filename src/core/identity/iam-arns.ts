export function userArn(account: string, name: string): string {
  return `arn:aws:iam::${account}:user/${name}`;
}

export function rootArn(account: string): string {
  return `arn:aws:iam::${account}:root`;
}

export function roleArn(account: string, name: string): string {
  return `arn:aws:iam::${account}:role/${name}`;
}

/** A session's ARN has the role's name without its path. */
export function sessionArn(role: RoleName, sessionName: string): string {
  return `arn:aws:sts::${role.account}:assumed-role/${role.name}/${sessionName}`;
}

export function isRoot({ account, principal }: { readonly account: string; readonly principal: string }): boolean {
  return principal === rootArn(account);
}

export interface RoleName {
  readonly account: string;
  /** Without path. */
  readonly name: string;
}

const roleShape = /^arn:aws:iam::(\d{12}):role\/(?:[\u0021-\u007e]{1,510}\/)?([\w+=,.@-]{1,64})$/;

/** What a role's ARN names; undefined for anything else. */
export function parseRoleArn(arn: string): RoleName | undefined {
  const [, account, name] = roleShape.exec(arn) ?? [];
  return account === undefined || name === undefined ? undefined : { account, name };
}
