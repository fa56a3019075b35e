/** Actions and the resources they are needed on: CodeArtifact's, unless a prefix says otherwise. */
export type Needs = Readonly<Record<string, string>>;

interface OperationAsk {
  readonly needs: Needs;
  /** Input beyond the sample, so that everything is asked for that an operation may need. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Says that only the caller's own account can be meant. */
  readonly isOfOwnAccount?: boolean;
}

const domain = 'domain/acme';
const app = 'repository/acme/app';
const base = 'repository/acme/base';
const widget = 'package/acme/app/npm//widget';
const group = 'package-group/acme/npm/%2a';
const tags = [{ key: 'team', value: 'core' }];
const upstreams = [{ repositoryName: 'base' }];

function own(resource: string): (operation: string) => OperationAsk {
  return (operation) => ({ needs: { [operation]: resource } });
}

const asks: Readonly<Record<string, OperationAsk | ((operation: string) => OperationAsk)>> = {
  AssociateExternalConnection: own(app),
  CopyPackageVersions: {
    needs: { CopyPackageVersions: 'package/acme/other/npm//widget', ReadFromRepository: app },
  },
  CreateDomain: { needs: { CreateDomain: domain, TagResource: domain }, more: { tags }, isOfOwnAccount: true },
  CreatePackageGroup: { needs: { CreatePackageGroup: group, TagResource: group }, more: { tags } },
  CreateRepository: {
    needs: {
      CreateRepository: 'repository/acme/fresh',
      TagResource: 'repository/acme/fresh',
      AssociateWithDownstreamRepository: base,
    },
    more: { repository: 'fresh', tags, upstreams },
  },
  DeleteDomain: own(domain),
  DeleteDomainPermissionsPolicy: own(domain),
  DeletePackage: own(widget),
  DeletePackageGroup: own(group),
  DeletePackageVersions: own(widget),
  DeleteRepository: own(app),
  DeleteRepositoryPermissionsPolicy: own(app),
  DescribeDomain: own(domain),
  DescribePackage: own(widget),
  DescribePackageGroup: own(group),
  DescribePackageVersion: own(widget),
  DescribeRepository: own(app),
  DisassociateExternalConnection: own(app),
  DisposePackageVersions: own(widget),
  GetAssociatedPackageGroup: own('package-group/acme/%2a'),
  GetAuthorizationToken: { needs: { GetAuthorizationToken: domain, 'sts:GetServiceBearerToken': '*' } },
  GetDomainPermissionsPolicy: own(domain),
  GetPackageVersionAsset: own(widget),
  GetPackageVersionReadme: own(widget),
  GetRepositoryEndpoint: own(app),
  GetRepositoryPermissionsPolicy: own(app),
  ListAllowedRepositoriesForGroup: own(group),
  ListAssociatedPackages: own(group),
  ListDomains: { needs: { ListDomains: '*' }, isOfOwnAccount: true },
  ListPackageGroups: own(domain),
  ListPackageVersionAssets: own(widget),
  ListPackageVersionDependencies: own(widget),
  ListPackageVersions: own(widget),
  ListPackages: own(app),
  ListRepositories: { needs: { ListRepositories: '*' }, isOfOwnAccount: true },
  ListRepositoriesInDomain: own(domain),
  ListSubPackageGroups: own(group),
  ListTagsForResource: own(domain),
  PublishPackageVersion: own(widget),
  PutDomainPermissionsPolicy: own(domain),
  PutPackageOriginConfiguration: own(widget),
  PutRepositoryPermissionsPolicy: own(app),
  TagResource: { needs: { TagResource: domain }, more: { tags } },
  UntagResource: { needs: { UntagResource: domain }, more: { tagKeys: ['team'] } },
  UpdatePackageGroup: own(group),
  UpdatePackageGroupOriginConfiguration: own(group),
  UpdatePackageVersionsStatus: own(widget),
  UpdateRepository: { needs: { UpdateRepository: app, AssociateWithDownstreamRepository: base }, more: { upstreams } },
};

/**
 * What each operation needs, from AWS's service authorization reference (reference, control plane 5), and what is asked
 * for to need it. Resources are without the ARN's beginning; the account is the domain's owner.
 */
export const operationAsks: Readonly<Record<string, OperationAsk>> = Object.fromEntries(
  Object.entries(asks).map(([name, ask]) => [name, typeof ask === 'function' ? ask(name) : ask]),
);

interface RouteAsk {
  /** The route's address with its parameters filled in. */
  readonly path: string;
  readonly needs: Needs;
  readonly body?: 'publish' | 'upload' | string;
}

const read: Needs = { ReadFromRepository: app };
const publish: Needs = { PublishPackageVersion: 'package/acme/app/npm/team/widget' };
const retag: Needs = { PutPackageMetadata: 'package/acme/app/npm/team/widget' };

const genericFile = 'team/widget/1.0.0/widget.zip';

const mavenPackage = 'package/acme/app/maven/com.team/widget';
const mavenMetadata = 'com/team/widget/maven-metadata.xml';
/** By what follows the name of a metadata's file. */
const mavenBodies = {
  '': '<metadata><groupId>com.team</groupId><artifactId>widget</artifactId><versioning/></metadata>',
  '.md5': '0'.repeat(32),
  '.sha1': '0'.repeat(40),
  '.sha256': '0'.repeat(64),
  '.sha512': '0'.repeat(128),
};

/** What each route of a format needs (reference, semantics 7.5), by the format's name and the route as it is declared. */
export const routeAsks: Readonly<Record<string, RouteAsk>> = {
  'npm GET -/ping': { path: '-/ping', needs: read },
  'npm GET -/whoami': { path: '-/whoami', needs: read },
  'npm GET -/v1/search': { path: '-/v1/search?text=widget', needs: read },
  'npm GET -/npm/v1/keys': { path: '-/npm/v1/keys', needs: read },
  'npm GET -/package/:package/dist-tags': { path: '-/package/@team%2fwidget/dist-tags', needs: read },
  'npm PUT -/package/:package/dist-tags/:tag': {
    path: '-/package/@team%2fwidget/dist-tags/next',
    needs: retag,
    body: '"1.0.0"',
  },
  'npm DELETE -/package/:package/dist-tags/:tag': { path: '-/package/@team%2fwidget/dist-tags/next', needs: retag },
  'npm GET :package/-/:file': { path: '@team/widget/-/widget-1.0.0.tgz', needs: read },
  'npm GET :package': { path: '@team%2Fwidget', needs: read },
  'npm GET :package/:selector': { path: '@team%2fwidget/latest', needs: read },
  'npm PUT :package': { path: '@team%2fwidget', needs: publish, body: 'publish' },
  'npm PUT :package/-rev/:rev': { path: '@team%2fwidget/-rev/1-0', needs: publish, body: '{}' },
  'npm DELETE :package/-rev/:rev': { path: '@team%2fwidget/-rev/1-0', needs: publish },
  'npm DELETE :package/-/:file/-rev/:rev': { path: '@team/widget/-/widget-1.0.0.tgz/-rev/1-0', needs: publish },
  'pypi POST ': { path: '', needs: { PublishPackageVersion: 'package/acme/app/pypi//widget' }, body: 'upload' },
  'pypi POST simple': { path: 'simple', needs: read, body: 'upload' },
  'pypi POST simple/': { path: 'simple/', needs: read, body: 'upload' },
  'pypi GET simple': { path: 'simple', needs: read },
  'pypi GET simple/': { path: 'simple/', needs: read },
  'pypi GET simple/:project': { path: 'simple/Widget', needs: read },
  'pypi GET simple/:project/': { path: 'simple/widget/', needs: read },
  'pypi GET simple/:project/:version/:file': {
    path: 'simple/widget/1.0.0/widget-1.0.0-py3-none-any.whl',
    needs: read,
  },
  'generic GET :namespace/:package/:version/:asset': { path: genericFile, needs: read },
  'generic PUT :namespace/:package/:version/:asset': {
    path: genericFile,
    needs: { PublishPackageVersion: 'package/acme/app/generic/team/widget' },
    body: 'the bytes',
  },
  'maven GET *': { path: mavenMetadata, needs: read },
  'maven PUT *': {
    path: 'com/team/widget/1.0/widget-1.0.jar',
    needs: { PublishPackageVersion: mavenPackage },
    body: 'the bytes',
  },
  ...Object.fromEntries(
    Object.entries(mavenBodies).map(([end, body]) => [
      `maven PUT */maven-metadata.xml${end}`,
      {
        path: mavenMetadata + end,
        needs: end === '' ? { PublishPackageVersion: mavenPackage, PutPackageMetadata: mavenPackage } : read,
        body,
      },
    ]),
  ),
};

/** What is at no route of any format is for those who may read. */
export const strayAsks: Readonly<Record<string, string>> = {
  'an unknown route': 'GET -/nothing/of/the/kind',
  'an unknown method': 'POST @team%2fwidget',
  'a path that leaves its place': 'GET @team%2f..%2f..%2fwidget',
  'a path that cannot be decoded': 'GET %zz',
};

export const readNeeds = read;
