/** Who asks. */
export interface PolicyPrincipal {
  /** `arn:aws:iam::ACCOUNT:user/NAME`, `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, `arn:aws:iam::ACCOUNT:root`. */
  readonly arn: string;
  readonly account: string;
  /** Of an assumed role: `arn:aws:iam::ACCOUNT:role/[PATH/]ROLE`; a policy that names the role means its sessions. */
  readonly roleArn?: string;
}

/** What is asked of policies. */
export interface PolicyRequest {
  readonly principal: PolicyPrincipal;
  /** With its service's prefix: `codeartifact:ReadFromRepository`. */
  readonly action: string;
  /** An ARN, or `*` where the action has no resource. */
  readonly resource: string;
  /** Values of a context key, whose name comes in lower case; undefined where the request has no such key. */
  context(key: string): readonly string[] | undefined;
}
