/** AWS's default quotas. Source: AWS user guide, "Quotas in AWS CodeArtifact". */
export const limits = {
  domainsPerAccount: 10,
  repositoriesPerDomain: 1_000,
  directUpstreams: 10,
  repositoriesSearched: 25,
  tagsPerResource: 50,
  assetBytes: 5 * 1024 ** 3,
  npmPublishRequestBytes: 2 * 1024 ** 3,
} as const;
