/** Requests per second. The first seven are operations of the API, by an account in a region. */
export interface Rates {
  readonly GetAuthorizationToken: number;
  readonly CopyPackageVersions: number;
  readonly PublishPackageVersion: number;
  readonly GetPackageVersionAsset: number;
  readonly ListPackages: number;
  readonly ListPackageVersions: number;
  readonly ListPackageVersionAssets: number;
  /** Package managers' GET and HEAD requests with tokens of one account. */
  readonly readsPerAccount: number;
  /** All their other requests. */
  readonly writesPerAccount: number;
  readonly requestsPerToken: number;
  /** Package managers' requests without a valid token, from one network address. */
  readonly requestsPerAddress: number;
}

/** AWS's, as an account has them before it asks for more. Source: AWS user guide, "Quotas in AWS CodeArtifact". */
export const defaultRates: Rates = {
  GetAuthorizationToken: 40,
  CopyPackageVersions: 5,
  PublishPackageVersion: 10,
  GetPackageVersionAsset: 50,
  ListPackages: 200,
  ListPackageVersions: 200,
  ListPackageVersionAssets: 200,
  readsPerAccount: 800,
  writesPerAccount: 100,
  requestsPerToken: 1_200,
  requestsPerAddress: 600,
};
