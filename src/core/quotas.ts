/** How much there may be of something. Sizes are in bytes. */
export interface Quotas {
  readonly domainsPerAccount: number;
  readonly repositoriesPerDomain: number;
  readonly directUpstreams: number;
  /** Where one search looks at most, the asked repository included. */
  readonly repositoriesSearched: number;
  readonly tagsPerResource: number;
  readonly assetsPerVersion: number;
  readonly assetBytes: number;
  readonly npmPublishRequestBytes: number;
}

/** AWS's, as an account has them before it asks for more. Source: AWS user guide, "Quotas in AWS CodeArtifact". */
export const defaultQuotas: Quotas = {
  domainsPerAccount: 10,
  repositoriesPerDomain: 1_000,
  directUpstreams: 10,
  repositoriesSearched: 25,
  tagsPerResource: 50,
  assetsPerVersion: 350,
  assetBytes: 5 * 1024 ** 3,
  npmPublishRequestBytes: 2 * 1024 ** 3,
};
