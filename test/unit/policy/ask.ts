import { compilePolicy, evaluate, type PolicyPrincipal, type PolicyRequest } from '../../../src/core/policy/policy.ts';

type Statement = Readonly<Record<string, unknown>>;

/** What a request is like where a test does not say otherwise: alice reads a repository. */
export interface Asked {
  readonly principal?: PolicyPrincipal;
  readonly action?: string;
  readonly resource?: string;
  /** Context keys in lower case. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

const account = '111122223333';
const otherAccount = '444455556666';
export const alice: PolicyPrincipal = { arn: `arn:aws:iam::${account}:user/alice`, account };
export const bob: PolicyPrincipal = { arn: `arn:aws:iam::${otherAccount}:user/bob`, account: otherAccount };
export const rootUser: PolicyPrincipal = { arn: `arn:aws:iam::${account}:root`, account };
export const session: PolicyPrincipal = {
  arn: `arn:aws:sts::${account}:assumed-role/publisher/build-17`,
  account,
  roleArn: `arn:aws:iam::${account}:role/ci/publisher`,
};
export const repository = `arn:aws:codeartifact:us-west-2:${account}:repository/acme/main`;

export function ask({ principal = alice, action, resource = repository, context = {} }: Asked = {}): PolicyRequest {
  const keys = new Map(Object.entries(context));
  return {
    principal,
    action: action ?? 'codeartifact:ReadFromRepository',
    resource,
    context: (key) => {
      const values = keys.get(key);
      return typeof values === 'string' ? [values] : values;
    },
  };
}

export function identityPolicy(...statements: Statement[]) {
  return compilePolicy({ Version: '2012-10-17', Statement: statements.map(completed) }, 'identity');
}

export function resourcePolicy(...statements: Statement[]) {
  const named = statements.map((statement) =>
    'NotPrincipal' in statement ? statement : { Principal: '*', ...statement },
  );
  return compilePolicy({ Version: '2012-10-17', Statement: named.map(completed) }, 'resource');
}

/** What an identity policy of one statement says. */
export function identitySays(statement: Statement, asked: Asked = {}) {
  return evaluate(identityPolicy(statement), ask(asked));
}

/** What a resource policy of one statement says. */
export function resourceSays(statement: Statement, asked: Asked = {}) {
  return evaluate(resourcePolicy(statement), ask(asked));
}

/** Allows everything but for what the statement says itself. */
function completed(statement: Statement): Statement {
  return {
    Effect: 'Allow',
    ...('NotAction' in statement ? {} : { Action: '*' }),
    ...('NotResource' in statement ? {} : { Resource: '*' }),
    ...statement,
  };
}
