import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import {
  type AccountSketch,
  type Accounts,
  type Credentials,
  GuardedServer,
  keyOf,
  type PrincipalSketch,
  policyDocument,
  type Statement,
} from '../support/principals.ts';
import type { NpmUser } from '../support/user.ts';

/** The account that owns the domain, another one, and one more. */
export const owner = '111122223333';
export const stranger = '444455556666';
export const third = '777788889999';
export const admin = keyOf(owner, 'admin');
export const alice = keyOf(owner, 'alice');
export const bob = keyOf(stranger, 'bob');
export const repository = { domain: 'acme', repository: 'app' };
/** The domain as another account names it. */
export const foreign = { domain: 'acme', domainOwner: owner };

/** Who there is besides the owner's administrator: `alice` of the owner, `bob` of the stranger, whole accounts. */
interface People {
  readonly alice?: PrincipalSketch;
  readonly bob?: PrincipalSketch;
  readonly more?: Accounts;
}

export interface Acme {
  server(): GuardedServer;
  /** Writes the principals file. */
  people(people: People): void;
  /** Makes this the domain's policy. */
  domainPolicy(...statements: readonly Statement[]): Promise<unknown>;
  /** Makes this the policy of `app`. */
  repositoryPolicy(...statements: readonly Statement[]): Promise<unknown>;
  /** Someone with a token for the domain, at one of its repositories. */
  npmOf(credentials: Credentials, name?: string): Promise<NpmUser>;
  /** The status of an operation's answer. */
  status(credentials: Credentials, operation: string, input: object): Promise<number>;
}

/** A server for the tests of a file; each finds a new domain `acme` with the repositories `app` and `base`. */
export function acme(): Acme {
  let started: GuardedServer | undefined;
  const server = () => {
    if (started === undefined) throw new Error('the server has not been started');
    return started;
  };
  const people = ({ alice, bob, more = {} }: People) => {
    const administrator = { policies: ['AdministratorAccess'] };
    const users = (account: string, own: Record<string, PrincipalSketch>): AccountSketch => ({
      ...more[account],
      users: { admin: administrator, ...own, ...more[account]?.users },
    });
    server().write({
      ...more,
      [owner]: users(owner, alice === undefined ? {} : { alice }),
      [stranger]: users(stranger, bob === undefined ? {} : { bob }),
    });
  };
  beforeAll(async () => {
    started = await GuardedServer.enforcing({});
  });
  afterAll(() => started?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    people({});
    for (const name of ['app', 'base', 'other', 'mine']) {
      await server().call(admin, 'DeleteRepository', { domain: 'acme', repository: name });
    }
    await server().call(admin, 'DeleteDomain', { domain: 'acme' });
    await server().ok(admin, 'CreateDomain', { domain: 'acme' });
    await server().ok(admin, 'CreateRepository', repository);
    await server().ok(admin, 'CreateRepository', { domain: 'acme', repository: 'base' });
  });
  return {
    server,
    people,
    domainPolicy: (...statements) =>
      server().ok(admin, 'PutDomainPermissionsPolicy', { domain: 'acme', policyDocument: policyDocument(statements) }),
    repositoryPolicy: (...statements) =>
      server().ok(admin, 'PutRepositoryPermissionsPolicy', {
        ...repository,
        policyDocument: policyDocument(statements),
      }),
    npmOf: async (credentials, name = 'app') =>
      server().npm(await server().token(credentials, 'acme', { domainOwner: owner }), owner, 'acme', name),
    status: async (credentials, operation, input) => (await server().call(credentials, operation, input)).status,
  };
}

/** For a statement: whom it is about, and what else it has. */
export function by(principal: string | readonly string[], more: Statement = {}): Statement {
  return { Principal: principal === '*' ? '*' : { AWS: principal }, ...more };
}

export async function pings(npm: NpmUser): Promise<number> {
  return (await npm.fetch('-/ping')).status;
}

export async function publishes(npm: NpmUser, name: string): Promise<number> {
  return (await npm.publish({ name, version: '1.0.0' })).status;
}

/** What an operation is answered that is not permitted; `ending` is of its message. */
export function refusal(ending: string) {
  return { status: 403, error: 'AccessDeniedException', message: expect.stringContaining(ending) };
}
