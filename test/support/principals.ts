import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-codeartifact';
import type { Ports } from '../../src/core/core-ports.ts';
import { TestClock } from './clock.ts';
import { startServer, type TestServer } from './server.ts';
import { type Credentials, sign, type Unsigned } from './sign.ts';
import { NpmUser } from './user.ts';

export type { Credentials } from './sign.ts';

/** Where everything is that these tests ask for. */
export const region = 'eu-west-1';

/** A statement of a policy, as IAM writes it. */
export type Statement = Readonly<Record<string, unknown>>;

/** A policy known by name, or the statements of one. */
export type PolicySketch = string | readonly Statement[];

export interface PrincipalSketch {
  readonly policies?: readonly PolicySketch[];
  readonly permissionsBoundary?: PolicySketch;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface RoleSketch extends PrincipalSketch {
  /** Everyone of the role's own account unless said otherwise. */
  readonly trust?: Statement;
}

export interface AccountSketch {
  readonly organization?: string;
  readonly users?: Readonly<Record<string, PrincipalSketch>>;
  readonly roles?: Readonly<Record<string, RoleSketch>>;
  /** Whether its root user has an access key. */
  readonly hasRoot?: boolean;
}

/** Who there is, by account. */
export type Accounts = Readonly<Record<string, AccountSketch>>;

/** How a request ended. */
export interface Outcome {
  readonly status: number;
  /** Of an error, as the SDK names it. */
  readonly error?: string;
  /** The error's, or the body where nobody has taken it apart. */
  readonly message: string;
  /** The answer's members; empty after an error. */
  readonly answer: Readonly<Record<string, unknown>>;
}

type Texts = string | readonly string[];

/** Actions without a service's prefix are CodeArtifact's. */
export function allow(actions: Texts, resources: Texts = '*', more: Statement = {}): Statement {
  return { Effect: 'Allow', Action: prefixed(actions), Resource: resources, ...more };
}

export function deny(actions: Texts, resources: Texts = '*', more: Statement = {}): Statement {
  return { Effect: 'Deny', Action: prefixed(actions), Resource: resources, ...more };
}

function prefixed(actions: Texts): string[] {
  return [actions].flat().map((action) => (/^\*|:/.test(action) ? action : `codeartifact:${action}`));
}

/** What a caller must be allowed to get a token for a domain. */
export const tokenActions = ['GetAuthorizationToken', 'sts:GetServiceBearerToken'];

export function policyDocument(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

export function userArn(account: string, user: string): string {
  return `arn:aws:iam::${account}:user/${user}`;
}

export function roleArn(account: string, role: string): string {
  return `arn:aws:iam::${account}:role/${role}`;
}

export function arnIn(account: string, resource: string): string {
  return `arn:aws:codeartifact:${region}:${account}:${resource}`;
}

/** The access key that the principals file gives to a user, or to an account's root user. */
export function keyOf(account: string, user = 'root'): Credentials {
  return { accessKeyId: `AKIA-${account}-${user}`, secretAccessKey: `the secret of ${user} in ${account}` };
}

/** A server, the principals file it goes by, and the real AWS SDK for whoever is in that. */
export class GuardedServer {
  readonly server: TestServer;
  readonly clock: TestClock;
  readonly #folder: string;
  readonly #ports: Ports;
  /** One for all clients, so that they share its connections. */
  readonly #handler = new sdk.CodeartifactClient({ region }).config.requestHandler;

  private constructor(server: TestServer, clock: TestClock, folder: string, ports: Ports) {
    this.server = server;
    this.clock = clock;
    this.#folder = folder;
    this.#ports = ports;
  }

  /** Starts with `--auth enforce` and a principals file. */
  static enforcing(accounts: Accounts, settings: Record<string, unknown> = {}): Promise<GuardedServer> {
    return GuardedServer.#start(accounts, (principals) => ({ auth: 'enforce', principals, ...settings }));
  }

  /** Starts as a server does by default: whoever has a key is somebody. */
  static open(): Promise<GuardedServer> {
    return GuardedServer.#start({}, () => ({}));
  }

  static async #start(accounts: Accounts, settings: (file: string) => Record<string, unknown>): Promise<GuardedServer> {
    const folder = mkdtempSync(join(tmpdir(), 'packyard-principals-'));
    const clock = new TestClock();
    writeFileSync(fileIn(folder), principalsFile(accounts));
    let ports: Ports | undefined;
    const keep = (all: Ports) => {
      ports = all;
      return all;
    };
    const server = await startServer(settings(fileIn(folder)), { clock, wrap: keep });
    if (ports === undefined) throw new Error('the server did not say what it stands on');
    return new GuardedServer(server, clock, folder, ports);
  }

  get url(): string {
    return this.server.url;
  }

  /** Writes the principals file anew and lets the second pass after which that has to count. */
  write(accounts: Accounts): void {
    writeFileSync(fileIn(this.#folder), principalsFile(accounts));
    this.clock.ahead += 1_000;
  }

  /** Changes whenever anything is changed in the database. */
  revision(): Promise<string> {
    return this.#ports.storage.revision();
  }

  /** The real AWS SDK, signing with these credentials. */
  aws(credentials: Credentials, more: sdk.CodeartifactClientConfig = {}): sdk.CodeartifactClient {
    return new sdk.CodeartifactClient({
      endpoint: this.url,
      region,
      credentials,
      maxAttempts: 1,
      requestHandler: this.#handler,
      systemClockOffset: this.clock.ahead,
      ...more,
    });
  }

  /** Calls an operation by its name with the real SDK. */
  async call(credentials: Credentials, operation: string, input: object): Promise<Outcome> {
    const Command = Reflect.get(sdk, `${operation}Command`) as new (input: object) => sdk.ListDomainsCommand;
    try {
      const answer = await this.aws(credentials).send(new Command(input));
      const { asset } = answer as { asset?: { destroy?(): void } };
      asset?.destroy?.();
      return { status: answer.$metadata.httpStatusCode ?? 0, message: '', answer: { ...answer } };
    } catch (error) {
      const { name, message, $metadata } = error as sdk.CodeartifactServiceException;
      if ($metadata?.httpStatusCode === undefined) throw error;
      return { status: $metadata.httpStatusCode, error: name, message, answer: {} };
    }
  }

  /** As `call`, and throws unless the answer is a good one; returns its members. */
  async ok(credentials: Credentials, operation: string, input: object): Promise<Outcome['answer']> {
    const { status, error, message, answer } = await this.call(credentials, operation, input);
    if (status !== 200) throw new Error(`${operation}: ${status} ${error} ${message}`);
    return answer;
  }

  /** Sends any request, signed by the SDK's signer; presigned where it says for how many seconds. */
  async send(
    credentials: Credentials,
    request: Unsigned,
    { service = 'codeartifact', expiresIn }: { readonly service?: string; readonly expiresIn?: number } = {},
  ): Promise<Response> {
    const { host } = new URL(this.url);
    const signed = await sign(
      { ...request, headers: { ...request.headers, host } },
      { credentials, at: this.clock.now(), service, region, ...(expiresIn !== undefined && { expiresIn }) },
    );
    const headers: [string, string][] = [];
    for (let index = 0; index < signed.rawHeaders.length; index += 2) {
      const name = signed.rawHeaders[index] ?? '';
      if (name !== 'host') headers.push([name, signed.rawHeaders[index + 1] ?? '']);
    }
    const query = signed.query === '' ? '' : `?${signed.query}`;
    const body = request.body === undefined ? {} : { body: request.body };
    return fetch(this.url + signed.path + query, { method: signed.method, headers, ...body });
  }

  /** Takes on a role; `parameters` are further ones of STS's AssumeRole. Throws with what STS says against it. */
  async assumeRole(
    credentials: Credentials,
    role: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<Required<Credentials>> {
    const form = new URLSearchParams({ Action: 'AssumeRole', Version: '2011-06-15', RoleArn: role, ...parameters });
    if (!form.has('RoleSessionName')) form.set('RoleSessionName', 'a-session');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const request = { method: 'POST', path: '/', headers, body: form.toString() };
    const response = await this.send(credentials, request, { service: 'sts' });
    const xml = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${xml}`);
    const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
    return {
      accessKeyId: element('AccessKeyId'),
      secretAccessKey: element('SecretAccessKey'),
      sessionToken: element('SessionToken'),
    };
  }

  /** A token for a domain; `more` is further input of GetAuthorizationToken. */
  async token(credentials: Credentials, domain: string, more: object = {}): Promise<string> {
    const { authorizationToken } = await this.ok(credentials, 'GetAuthorizationToken', { domain, ...more });
    return String(authorizationToken);
  }

  /** Someone with a token, at a repository's npm endpoint. */
  npm(token: string | undefined, owner: string, domain: string, repository: string): NpmUser {
    return new NpmUser(`${this.url}/d/${region}/${domain}-${owner}/npm/${repository}/`, token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#handler.destroy?.();
    await this.server[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }
}

function fileIn(folder: string): string {
  return join(folder, 'principals.yaml');
}

/** The text of a principals file; JSON is YAML. */
function principalsFile(accounts: Accounts): string {
  const entries = Object.entries(accounts).map(([id, { organization, users = {}, roles = {}, hasRoot }]) => {
    const keys = (user?: string) => {
      const { accessKeyId, secretAccessKey } = keyOf(id, user);
      return { accessKeys: [{ id: accessKeyId, secret: secretAccessKey }] };
    };
    const trusted = { Effect: 'Allow', Principal: { AWS: id }, Action: ['sts:AssumeRole', 'sts:TagSession'] };
    const account = {
      organization,
      users: mapEntries(users, (user, name) => ({ ...keys(name), ...principal(user) })),
      roles: mapEntries(roles, ({ trust = trusted, ...role }) => ({
        trust: { Version: '2012-10-17', Statement: trust },
        ...principal(role),
      })),
      ...(hasRoot === true && { root: keys() }),
    };
    return [id, account] as const;
  });
  return JSON.stringify({ accounts: Object.fromEntries(entries) });
}

function principal({ policies = [], permissionsBoundary, tags = {} }: PrincipalSketch) {
  return {
    policies: policies.map(document),
    permissionsBoundary: permissionsBoundary && document(permissionsBoundary),
    tags,
  };
}

function document(sketch: PolicySketch): unknown {
  return typeof sketch === 'string' ? sketch : { Version: '2012-10-17', Statement: sketch };
}

function mapEntries<From, To>(
  entries: Readonly<Record<string, From>>,
  change: (entry: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, change(entry, name)]));
}
