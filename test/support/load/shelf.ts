import {
  type CodeartifactClient,
  ListPackageVersionAssetsCommand,
  paginateListPackages,
  paginateListPackageVersions,
} from '@aws-sdk/client-codeartifact';
import { distOf } from '../packages.ts';
import type { NpmUser } from '../user.ts';
import { tarballPath } from './work.ts';

/** Who looks at a repository: as a caller of the API and as a package manager. */
export interface Visitor {
  readonly aws: CodeartifactClient;
  readonly npm: NpmUser;
  readonly domain: string;
  readonly repository: string;
}

/** Full names of all npm packages that the API lists in a repository. */
export async function packagesIn({ aws, domain, repository }: Visitor): Promise<string[]> {
  const names: string[] = [];
  for await (const { packages = [] } of paginateListPackages({ client: aws }, { domain, repository })) {
    for (const { namespace, package: name } of packages)
      names.push(namespace === undefined ? `${name}` : `@${namespace}/${name}`);
  }
  return names;
}

/** The versions that the API lists of a package. */
export async function versionsIn({ aws, domain, repository }: Visitor, name: string): Promise<string[]> {
  const listed: string[] = [];
  const input = { domain, repository, format: 'npm', ...apiName(name) } as const;
  for await (const { versions = [] } of paginateListPackageVersions({ client: aws }, input))
    for (const { version } of versions) if (version !== undefined) listed.push(version);
  return listed;
}

/**
 * Downloads a version and compares it with what the API says of its assets.
 *
 * @returns the integrity of the bytes, or in words what is wrong with them
 */
export async function downloadedIntegrity(visitor: Visitor, name: string, version: string): Promise<string> {
  const { aws, npm, domain, repository } = visitor;
  const { assets = [] } = await aws.send(
    new ListPackageVersionAssetsCommand({
      domain,
      repository,
      format: 'npm',
      ...apiName(name),
      packageVersion: version,
    }),
  );
  const [asset] = assets;
  if (asset === undefined || assets.length > 1) return `${assets.length} assets`;
  const response = await npm.fetch(tarballPath(name, version));
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) return `the download answers ${response.status}`;
  const { integrity } = distOf(bytes);
  const promised = `sha512-${Buffer.from(asset.hashes?.['SHA-512'] ?? '', 'hex').toString('base64')}`;
  if (asset.size !== bytes.length || promised !== integrity) return 'the API lists other bytes';
  return integrity;
}

function apiName(name: string): { namespace?: string; package: string } {
  const [, namespace, plain = name] = /^@([^/]+)\/(.+)$/.exec(name) ?? [];
  return namespace === undefined ? { package: plain } : { namespace, package: plain };
}
