/**
 * What AWS's model says of values and its SDK does not carry: lengths, patterns, enums by named type, and which input
 * member has which type. Source: the service model of 2018-09-22 (reference, control-plane 1.7 and 5); a test compares
 * this table with botocore's copy of the model.
 */
export interface Constraint {
  /** Smallest length in characters, number of items, or number. */
  readonly min?: number;
  readonly max?: number;
  /** As the model writes it, which is how it stands in error texts. */
  readonly pattern?: string;
  readonly values?: readonly string[];
  /** Type of a list's elements. */
  readonly element?: string;
  /** Types of a map's keys and values. */
  readonly key?: string;
  readonly value?: string;
}

export const constraints: Readonly<Record<string, Constraint>> = {
  AccountId: { min: 12, max: 12, pattern: '[0-9]{12}' },
  AllowPublish: { values: ['ALLOW', 'BLOCK'] },
  AllowUpstream: { values: ['ALLOW', 'BLOCK'] },
  Arn: { min: 1, max: 1011, pattern: '\\S+' },
  AssetName: { min: 1, max: 255, pattern: '\\P{C}+' },
  AuthorizationTokenDurationSeconds: { min: 0, max: 43200 },
  Description: { max: 1000, pattern: '\\P{C}*' },
  DomainName: { min: 2, max: 50, pattern: '[a-z][a-z0-9\\-]{0,48}[a-z0-9]' },
  EndpointType: { values: ['dualstack', 'ipv4'] },
  ExternalConnectionName: { min: 2, max: 100, pattern: '[A-Za-z0-9][A-Za-z0-9._\\-:]{1,99}' },
  // The model has eight types of this shape, one for each list operation.
  MaxResults: { min: 1, max: 1000 },
  OriginRestrictions: { key: 'PackageGroupOriginRestrictionType', value: 'PackageGroupOriginRestrictionMode' },
  PackageFormat: { values: ['npm', 'pypi', 'maven', 'nuget', 'generic', 'ruby', 'swift', 'cargo'] },
  PackageGroupContactInfo: { min: 0, max: 1000, pattern: '\\P{C}*' },
  PackageGroupOriginRestrictionMode: { values: ['ALLOW', 'ALLOW_SPECIFIC_REPOSITORIES', 'BLOCK', 'INHERIT'] },
  PackageGroupOriginRestrictionType: { values: ['EXTERNAL_UPSTREAM', 'INTERNAL_UPSTREAM', 'PUBLISH'] },
  PackageGroupPattern: { min: 2, max: 520, pattern: '[^\\p{C}\\p{IsWhitespace}]+' },
  PackageGroupPatternPrefix: { min: 0, max: 520, pattern: '\\P{C}*' },
  PackageName: { min: 1, max: 255, pattern: '[^#/\\s]+' },
  PackageNamespace: { min: 1, max: 255, pattern: '[^#/\\s]+' },
  PackageVersion: { min: 1, max: 255, pattern: '[^#/\\s]+' },
  PackageVersionList: { max: 100, element: 'PackageVersion' },
  PackageVersionOriginType: { values: ['INTERNAL', 'EXTERNAL', 'UNKNOWN'] },
  PackageVersionRevision: { min: 1, max: 50, pattern: '\\S+' },
  PackageVersionRevisionMap: { key: 'PackageVersion', value: 'PackageVersionRevision' },
  PackageVersionSortType: { values: ['PUBLISHED_TIME'] },
  PackageVersionStatus: { values: ['Published', 'Unfinished', 'Unlisted', 'Archived', 'Disposed', 'Deleted'] },
  PaginationToken: { min: 1, max: 2000, pattern: '\\S+' },
  PolicyDocument: { min: 1, max: 7168, pattern: '[\\P{C}\\s]+' },
  PolicyRevision: { min: 1, max: 100, pattern: '\\S+' },
  RepositoryName: { min: 2, max: 100, pattern: '[A-Za-z0-9][A-Za-z0-9._\\-]{1,99}' },
  SHA256: { min: 64, max: 64, pattern: '[0-9a-f]+' },
  String: {},
  TagKey: { min: 1, max: 128, pattern: '\\P{C}+' },
  TagKeyList: { min: 0, max: 200, element: 'TagKey' },
  TagList: { min: 0, max: 200 },
  TagValue: { min: 0, max: 256, pattern: '\\P{C}*' },
};

/** The type of an input member by its name, which means the same in every operation but those of `memberExceptions`. */
export const memberTypes: Readonly<Record<string, string>> = {
  administratorAccount: 'AccountId',
  asset: 'AssetName',
  assetName: 'AssetName',
  assetSHA256: 'SHA256',
  contactInfo: 'PackageGroupContactInfo',
  description: 'Description',
  destinationRepository: 'RepositoryName',
  domain: 'DomainName',
  domainOwner: 'AccountId',
  durationSeconds: 'AuthorizationTokenDurationSeconds',
  encryptionKey: 'Arn',
  endpointType: 'EndpointType',
  expectedStatus: 'PackageVersionStatus',
  externalConnection: 'ExternalConnectionName',
  format: 'PackageFormat',
  maxResults: 'MaxResults',
  namespace: 'PackageNamespace',
  nextToken: 'PaginationToken',
  originRestrictionType: 'PackageGroupOriginRestrictionType',
  originType: 'PackageVersionOriginType',
  package: 'PackageName',
  packageGroup: 'PackageGroupPattern',
  packagePrefix: 'PackageName',
  packageVersion: 'PackageVersion',
  packageVersionRevision: 'PackageVersionRevision',
  policyDocument: 'PolicyDocument',
  policyRevision: 'PolicyRevision',
  prefix: 'PackageGroupPatternPrefix',
  publish: 'AllowPublish',
  repository: 'RepositoryName',
  repositoryPrefix: 'RepositoryName',
  resourceArn: 'Arn',
  restrictions: 'OriginRestrictions',
  sortBy: 'PackageVersionSortType',
  sourceRepository: 'RepositoryName',
  status: 'PackageVersionStatus',
  tagKeys: 'TagKeyList',
  tags: 'TagList',
  targetStatus: 'PackageVersionStatus',
  upstream: 'AllowUpstream',
  versionRevisions: 'PackageVersionRevisionMap',
  versions: 'PackageVersionList',
};

/** The type of a member of one operation or of one structure, where its name alone does not tell it. */
export const memberExceptions: Readonly<Record<string, string>> = {
  'DeletePackageGroup.packageGroup': 'String',
  'Tag.key': 'TagKey',
  'Tag.value': 'TagValue',
  'UpstreamRepository.repositoryName': 'RepositoryName',
  'PackageGroupAllowedRepository.repositoryName': 'RepositoryName',
  'PackageGroupAllowedRepository.originRestrictionType': 'PackageGroupOriginRestrictionType',
};

/** The service's own names in error texts, where they are not the model's. From recordings (reference, 1.4). */
export const errorFieldNames: Readonly<Record<string, string>> = { package: 'packageName' };

/** What an operation acts on, for its authorization. `none`: the action has no resource (`*`). */
export type ResourceKind = 'domain' | 'repository' | 'package' | 'package-group' | 'arn' | 'none';

/**
 * Source: service authorization reference. Where that names no resource (the Create operations), the resource is what
 * would be made, as the user guide's samples have it.
 */
export const resourceKinds: Readonly<Record<string, ResourceKind>> = {
  AssociateExternalConnection: 'repository',
  CopyPackageVersions: 'package',
  CreateDomain: 'domain',
  CreatePackageGroup: 'package-group',
  CreateRepository: 'repository',
  DeleteDomain: 'domain',
  DeleteDomainPermissionsPolicy: 'domain',
  DeletePackage: 'package',
  DeletePackageGroup: 'package-group',
  DeletePackageVersions: 'package',
  DeleteRepository: 'repository',
  DeleteRepositoryPermissionsPolicy: 'repository',
  DescribeDomain: 'domain',
  DescribePackage: 'package',
  DescribePackageGroup: 'package-group',
  DescribePackageVersion: 'package',
  DescribeRepository: 'repository',
  DisassociateExternalConnection: 'repository',
  DisposePackageVersions: 'package',
  GetAssociatedPackageGroup: 'package-group',
  GetAuthorizationToken: 'domain',
  GetDomainPermissionsPolicy: 'domain',
  GetPackageVersionAsset: 'package',
  GetPackageVersionReadme: 'package',
  GetRepositoryEndpoint: 'repository',
  GetRepositoryPermissionsPolicy: 'repository',
  ListAllowedRepositoriesForGroup: 'package-group',
  ListAssociatedPackages: 'package-group',
  ListDomains: 'none',
  ListPackageGroups: 'domain',
  ListPackageVersionAssets: 'package',
  ListPackageVersionDependencies: 'package',
  ListPackageVersions: 'package',
  ListPackages: 'repository',
  ListRepositories: 'none',
  ListRepositoriesInDomain: 'domain',
  ListSubPackageGroups: 'package-group',
  ListTagsForResource: 'arn',
  PublishPackageVersion: 'package',
  PutDomainPermissionsPolicy: 'domain',
  PutPackageOriginConfiguration: 'package',
  PutRepositoryPermissionsPolicy: 'repository',
  TagResource: 'arn',
  UntagResource: 'arn',
  UpdatePackageGroup: 'package-group',
  UpdatePackageGroupOriginConfiguration: 'package-group',
  UpdatePackageVersionsStatus: 'package',
  UpdateRepository: 'repository',
};
