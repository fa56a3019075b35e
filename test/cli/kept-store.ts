import { createHash, randomBytes } from 'node:crypto';
import { cp } from 'node:fs/promises';
import {
  AssociateExternalConnectionCommand,
  type CodeartifactClient,
  CreateDomainCommand,
  CreateRepositoryCommand,
  ListPackagesCommand,
  ListPackageVersionsCommand,
  ListRepositoriesCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
} from '@aws-sdk/client-codeartifact';
import { type Ended, runProcess, startProcess } from '../support/process.ts';
import { PublicRegistry } from '../support/public-registry.ts';
import { awsClient, type Json, jsonOf, NpmUser, npmEndpoint, tokenFor } from '../support/user.ts';

const domainArn = 'arn:aws:codeartifact:eu-central-1:000000000000:domain/acme';
const packages = ['left-pad', '@acme/hello', 'heavy', 'lib'];
/** A team's store in a folder that no server has, with something of everything, and what its users see in it. */
export interface KeptStore {
  readonly folder: string;
  readonly token: string;
  /** What makes answers the same whichever port a server has got. */
  readonly flags: readonly string[];
  readonly seen: Json;
}

/** Fills a new data folder as users do, and looks at it once. The public registry is away from then on. */
export async function keptStore(folder: string): Promise<KeptStore> {
  await using registry = await PublicRegistry.start();
  await registry.publish({ name: 'lib', version: '1.0.0' }, { readme: 'From outside.' });
  await registry.publish({ name: 'lib', version: '2.0.0' });
  const flags = ['--endpoint-host', 'packages.example', '--registry', `public:npmjs=${registry.url}`];
  await using server = await startProcess(['--data', folder, ...flags]);
  const aws = awsClient(server.url);
  await aws.send(new CreateDomainCommand({ domain: 'acme' }));
  await aws.send(new TagResourceCommand({ resourceArn: domainArn, tags: [{ key: 'Größe', value: 'klein' }] }));
  await aws.send(new CreateRepositoryCommand({ domain: 'acme', repository: 'store', description: 'the world' }));
  const externalConnection = 'public:npmjs';
  await aws.send(new AssociateExternalConnectionCommand({ domain: 'acme', repository: 'store', externalConnection }));
  const upstreams = [{ repositoryName: 'store' }];
  await aws.send(new CreateRepositoryCommand({ domain: 'acme', repository: 'team', upstreams }));
  const token = await tokenFor(aws, 'acme');
  const npm = new NpmUser(npmEndpoint(server.url, 'acme', 'team'), token);
  await npm.publish({ name: 'left-pad', version: '1.0.0' });
  await npm.publish({ name: 'left-pad', version: '1.1.0-rc.1' }, 'next');
  await npm.publish({ name: '@acme/hello', version: '1.0.0', files: { 'README.md': 'Hello, Wörld \u{1F44B}' } });
  await npm.publish({ name: 'heavy', version: '1.0.0', files: { data: randomBytes(300_000) } });
  await (await npm.fetch('lib/-/lib-1.0.0.tgz')).arrayBuffer();
  return { folder, token, flags, seen: await lookAt(server.url, aws, token) };
}

/** Another copy of the same folder, made with the operating system's means. */
export async function twin(store: KeptStore, folder: string): Promise<string> {
  await cp(store.folder, folder, { recursive: true });
  return folder;
}

/** What the users of a kept store see, with their old token, when a server is started with these arguments. */
export async function seenWith(store: KeptStore, args: readonly string[]): Promise<Json> {
  await using server = await startProcess([...args, ...store.flags]);
  return await lookAt(server.url, awsClient(server.url), store.token);
}

/** Runs `packyard copy`. */
export function copy(...args: readonly string[]): Promise<Ended> {
  return runProcess(['copy', ...args], { killAfterMs: 60_000 });
}

async function lookAt(serverUrl: string, aws: CodeartifactClient, token: string): Promise<Json> {
  const seen: Json = {};
  const { repositories } = await aws.send(new ListRepositoriesCommand({}));
  seen['repositories'] = repositories;
  seen['tags'] = (await aws.send(new ListTagsForResourceCommand({ resourceArn: domainArn }))).tags;
  for (const repository of ['store', 'team']) {
    const input = { domain: 'acme', repository, format: 'npm' } as const;
    seen[`packages in ${repository}`] = (await aws.send(new ListPackagesCommand(input))).packages;
    const npm = new NpmUser(npmEndpoint(serverUrl, 'acme', repository), token);
    for (const name of packages) {
      for (const accept of ['application/json', 'application/vnd.npm.install-v1+json']) {
        const response = await npm.fetch(name.replace('/', '%2f'), { headers: { accept } });
        seen[`${repository} ${name} ${accept}`] = [
          response.status,
          response.headers.get('etag'),
          await response.text(),
        ];
      }
    }
  }
  const npm = new NpmUser(npmEndpoint(serverUrl, 'acme', 'team'), token);
  for (const name of packages) {
    const { versions } = await jsonOf(await npm.fetch(name.replace('/', '%2f')));
    for (const { version, dist } of Object.values<Json>(versions)) {
      if (version === '2.0.0') continue;
      const path = new URL(dist.tarball).pathname.split('/team/')[1] ?? '';
      const bytes = Buffer.from(await (await npm.fetch(path)).arrayBuffer());
      seen[path] = createHash('sha512').update(bytes).digest('base64') === dist.integrity.replace('sha512-', '');
    }
    const [, namespace, plain = name] = /^@([^/]+)\/(.+)$/.exec(name) ?? [];
    const input = { domain: 'acme', repository: 'team', format: 'npm', namespace, package: plain } as const;
    seen[`versions of ${name}`] = (await aws.send(new ListPackageVersionsCommand(input))).versions;
  }
  return seen;
}
