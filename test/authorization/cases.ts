import { operations } from '../../src/api/operations.ts';
import { formats } from '../../src/formats/all.ts';
import { publishDocument } from '../support/packages.ts';
import { arnIn, type Credentials, type GuardedServer, type Outcome } from '../support/principals.ts';
import { formType, uploadForm } from '../support/pypi-user.ts';
import { sampleInput } from '../support/sample-input.ts';
import { type Needs, operationAsks, readNeeds, routeAsks, strayAsks } from './needs.ts';

/** The account that owns the domain, and another one. */
export const owner = '111122223333';
export const stranger = '444455556666';

/** Something that a caller must be allowed. */
export interface Need {
  /** With its service's prefix. */
  readonly action: string;
  /** An ARN, or `*`. */
  readonly resource: string;
  /** Whether the domain's policy may give it, and the policy of which repository. */
  readonly isInDomainPolicy: boolean;
  readonly inPolicyOf: string | undefined;
}

/** Someone who asks: with an access key, with a token for the domain. */
export interface Person {
  readonly credentials: Credentials;
  readonly token?: string | undefined;
}

/** One thing that can be asked for, in one way. */
export interface Case {
  readonly name: string;
  /** A name for principals that are made for it; cases of the same needs and credentials share it. */
  readonly id: string;
  readonly needs: readonly Need[];
  readonly isOfOwnAccount: boolean;
  readonly by: 'signature' | 'token';
  /** Whether the answer has a body that says why. */
  readonly isTold: boolean;
  ask(server: GuardedServer, person: Person): Promise<Outcome>;
}

function operationCase(operation: (typeof operations)[number]): Case {
  const { needs, more, isOfOwnAccount = false } = operationAsks[operation.name] ?? { needs: {} };
  const input = { ...sampleInput(operation, owner), ...more };
  return {
    name: operation.name,
    id: operation.name,
    needs: needsOf(needs, isOfOwnAccount),
    isOfOwnAccount,
    by: 'signature',
    isTold: true,
    ask: (server, { credentials }) => server.call(credentials, operation.name, input),
  };
}

function routeCase(format: string, method: string, route: string): Case {
  const { path, needs, body } = routeAsks[`${format} ${route}`] ?? { path: '', needs: {} };
  return {
    ...requestCase(`${format} ${route}`, format, `${method} ${path}`, body),
    ...(method === 'HEAD' && { name: `${format} ${route}, by HEAD`, isTold: false }),
    // Packages of one name are others in each format.
    id: `route-${needs === readNeeds ? '' : `${format}-`}${Object.keys(needs).join('-')}`,
    needs: needsOf(needs),
  };
}

function requestCase(name: string, format: string, request: string, body?: string): Case {
  const [method = '', path = ''] = request.split(' ');
  return {
    name,
    id: 'route-ReadFromRepository',
    needs: needsOf(readNeeds),
    isOfOwnAccount: false,
    by: 'token',
    isTold: true,
    async ask(server, { token }) {
      const npm = server.npm(token, owner, 'acme', 'app');
      const url = npm.endpoint.replace('/npm/', `/${format}/`) + path;
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const { type, ...init } = await bodyOf(body);
      return read(await fetch(url, { method, headers: { ...headers, 'content-type': type }, ...init }));
    },
  };
}

const team = { name: '@team/widget', version: '1.0.0' };

/** A body as it is named in `routeAsks`, with its type. */
async function bodyOf(name: string | undefined): Promise<{ type: string; body?: string | Uint8Array<ArrayBuffer> }> {
  if (name === 'upload') return { type: formType, body: await uploadForm('widget', '1.0.0') };
  const type = 'application/json';
  if (name === undefined) return { type };
  return { type, body: name === 'publish' ? JSON.stringify(await publishDocument(team)) : name };
}

const path = '/_packyard/events';

const eventCases: readonly Case[] = [
  {
    name: `${path}, signed`,
    id: 'events-signed',
    needs: [{ action: 'packyard:ReadEvents', resource: '*', isInDomainPolicy: false, inPolicyOf: undefined }],
    isOfOwnAccount: true,
    by: 'signature',
    isTold: true,
    ask: async (server, { credentials }) => read(await server.send(credentials, { path, query: { limit: '1' } })),
  },
  {
    name: `${path}, with a token`,
    id: 'events-token',
    needs: needsOf({ 'packyard:ReadEvents': 'domain/acme' }),
    isOfOwnAccount: false,
    by: 'token',
    isTold: true,
    async ask(server, { token }) {
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return read(await fetch(`${server.url}${path}?limit=1`, { headers }));
    },
  },
];

async function read(response: Response): Promise<Outcome> {
  return { status: response.status, message: await response.text(), answer: {} };
}

/** Every operation, every route of every format, what is beside the routes, and the events. */
export const cases: readonly Case[] = [
  ...operations.map(operationCase),
  ...formats.flatMap(({ rules, routes }) => {
    const asked = routes.flatMap(({ method, path }) =>
      (method === 'GET' ? ['GET', 'HEAD'] : [method]).map((word) => routeCase(rules.name, word, `${method} ${path}`)),
    );
    const stray = Object.entries(strayAsks).map(([what, request]) =>
      requestCase(`${rules.name} ${what}`, rules.name, request),
    );
    return [...asked, ...stray];
  }),
  requestCase('a format that is not there', 'cobol', 'GET widget'),
  ...eventCases,
];

/** No policy on a resource gives a right on a service of another name, on an account, or to replace the policy itself. */
function needsOf(needs: Needs, isOfOwnAccount = false): Need[] {
  return Object.entries(needs).map(([name, resource]) => {
    const [kind, , repository] = resource.split('/');
    const isOnDomain = resource !== '*' && !isOfOwnAccount;
    const isOnRepository = kind === 'repository' || kind === 'package';
    return {
      action: name.includes(':') ? name : `codeartifact:${name}`,
      resource: resource === '*' ? resource : arnIn(owner, resource),
      isInDomainPolicy: isOnDomain && name !== 'PutDomainPermissionsPolicy',
      // One that is still to be made has no policy yet.
      inPolicyOf:
        isOnRepository && repository !== 'fresh' && name !== 'PutRepositoryPermissionsPolicy' ? repository : undefined,
    };
  });
}
