import type { Readable } from 'node:stream';
import type {
  DescribePackageVersionRequest,
  DescribePackageVersionResult,
  GetPackageVersionAssetRequest,
  GetPackageVersionAssetResult,
  GetPackageVersionReadmeRequest,
  GetPackageVersionReadmeResult,
  ListPackageVersionAssetsRequest,
  ListPackageVersionAssetsResult,
  ListPackageVersionDependenciesRequest,
  ListPackageVersionDependenciesResult,
  PackageFormat,
  PackageVersionOrigin,
  PublishPackageVersionRequest,
  PublishPackageVersionResult,
} from '@aws-sdk/client-codeartifact';
import { assetSummary } from '../../core/control/asset-summary.ts';
import { type FoundVersion, findVersion } from '../../core/control/find.ts';
import { publishAsset } from '../../core/control/publish-asset.ts';
import { type OpenedAsset, readAsset } from '../../core/control/read-asset.ts';
import { readReadme } from '../../core/control/read-readme.ts';
import type { PackageCoordinate } from '../../core/coordinates.ts';
import type { Origin } from '../../ports/storage.ts';
import type { Call } from '../messages.ts';
import { closePage, openPage, unreadableToken } from '../pagination.ts';
import type { Payload } from '../serialize.ts';
import { coordinateOf, repositoryName } from './names.ts';
import type { Checked } from './types.ts';

interface VersionInput {
  readonly domain: string;
  readonly domainOwner?: string | undefined;
  readonly repository: string;
  readonly format: string;
  readonly namespace?: string | undefined;
  readonly package: string;
  readonly packageVersion: string;
}

export const packageVersionHandlers = {
  async DescribePackageVersion(
    call: Call,
    input: Checked<DescribePackageVersionRequest>,
  ): Promise<DescribePackageVersionResult> {
    const found = await find(call, input);
    const { coordinate, version } = found;
    const rules = call.deps.formats.get(coordinate.format);
    const described = rules?.describe(coordinate, version.metadata);
    return {
      packageVersion: {
        ...formatAndNamespace(coordinate),
        packageName: coordinate.name,
        displayName: described?.displayName ?? found.displayName,
        version: version.version,
        summary: described?.summary,
        homePage: described?.homePage,
        sourceCodeRepository: described?.sourceCodeRepository,
        publishedTime: new Date(version.publishedAt),
        licenses: [...(described?.licenses ?? [])],
        revision: version.revision,
        status: version.status,
        origin: versionOrigin(version.origin),
      },
    };
  },

  async ListPackageVersionAssets(
    call: Call,
    input: Checked<ListPackageVersionAssetsRequest>,
  ): Promise<ListPackageVersionAssetsResult> {
    const found = await find(call, input);
    const page = openPage(call, input, 1);
    const [after] = page.after ?? [];
    // Another repository may keep the assets of a version that is Disposed here.
    const isGone = found.version.status === 'Disposed';
    const assets = isGone
      ? []
      : await call.deps.storage.versions.assets(found.version.versionId, {
          ...(after !== undefined && { after }),
          limit: page.limit + 1,
        });
    const { items, nextToken } = closePage(call, page, assets, (asset) => [asset.name]);
    return { ...identity(found), assets: items.map(assetSummary), nextToken };
  },

  async GetPackageVersionAsset(
    call: Call,
    input: Checked<GetPackageVersionAssetRequest>,
  ): Promise<Omit<GetPackageVersionAssetResult, 'asset'> & { asset: Payload }> {
    const found = await find(call, input);
    const { ranges } = call.request;
    const opened = await readAsset(call.deps, found, input.asset, input.packageVersionRevision, ranges);
    const { asset } = opened;
    return {
      asset: ranges === undefined ? { send: opened.send, size: asset.size } : partOf(opened),
      assetName: asset.name,
      packageVersion: found.version.version,
      packageVersionRevision: found.version.revision,
    };
  },

  async PublishPackageVersion(
    call: Call,
    input: Checked<PublishPackageVersionRequest>,
  ): Promise<PublishPackageVersionResult> {
    const coordinate = coordinateOf(input);
    const published = await publishAsset(call.deps, repositoryName(call, input), coordinate, {
      version: input.packageVersion,
      name: input.assetName,
      hashes: { sha256: input.assetSHA256 },
      bytes: input.assetContent as Readable,
      isUnfinished: input.unfinished ?? false,
    });
    return {
      ...formatAndNamespace(coordinate),
      package: coordinate.name,
      version: input.packageVersion,
      versionRevision: published.revision,
      status: published.status,
      asset: assetSummary(published.asset),
    };
  },

  async GetPackageVersionReadme(
    call: Call,
    input: Checked<GetPackageVersionReadmeRequest>,
  ): Promise<GetPackageVersionReadmeResult> {
    const found = await find(call, input);
    return { ...identity(found), readme: await readReadme(call.deps, found) };
  },

  async ListPackageVersionDependencies(
    call: Call,
    input: Checked<ListPackageVersionDependenciesRequest>,
  ): Promise<ListPackageVersionDependenciesResult> {
    const found = await find(call, input);
    const { coordinate, version } = found;
    const dependencies = call.deps.formats.get(coordinate.format)?.dependencies(version.metadata) ?? [];
    const page = openPage(call, input, 1);
    const start = offset(page.after?.[0]);
    const numbered = dependencies.slice(start).map((dependency, index) => ({ dependency, end: start + index + 1 }));
    const { items, nextToken } = closePage(call, page, numbered, ({ end }) => [String(end)]);
    return { ...identity(found), dependencies: items.map(({ dependency }) => dependency), nextToken };
  },
};

function find(call: Call, input: VersionInput): Promise<FoundVersion> {
  return findVersion(call.deps, repositoryName(call, input), coordinateOf(input), input.packageVersion);
}

/** What the answers about one version repeat on every page. */
function identity({ coordinate, version }: FoundVersion) {
  return {
    ...formatAndNamespace(coordinate),
    package: coordinate.name,
    version: version.version,
    versionRevision: version.revision,
  };
}

export function formatAndNamespace({ format, namespace }: PackageCoordinate) {
  return { format: format as PackageFormat, namespace: namespace ?? undefined };
}

/** Where a version entered the domain, as AWS shows it. */
export function versionOrigin(origin: Origin): PackageVersionOrigin {
  return {
    domainEntryPoint: {
      repositoryName: origin.repositoryName ?? undefined,
      externalConnectionName: origin.externalConnectionName ?? undefined,
    },
    originType: origin.type,
  };
}

/** What HTTP says of ranges, which AWS's model does not. Source: RFC 9110, 14. */
function partOf({ asset: { size, hashes }, send, range }: OpenedAsset): Payload {
  const headers = { etag: `"${hashes.sha256}"`, 'accept-ranges': 'bytes' };
  if (range === undefined) return { send, size, headers };
  if (range === 'unsatisfiable') {
    return { send, size: 0, status: 416, headers: { ...headers, 'content-range': `bytes */${size}` } };
  }
  const { start, end } = range;
  const contentRange = `bytes ${start}-${end}/${size}`;
  return { send, size: end - start + 1, status: 206, headers: { ...headers, 'content-range': contentRange } };
}

function offset(text: string | undefined): number {
  const value = Number(text ?? '0');
  if (!Number.isSafeInteger(value) || value < 0) throw unreadableToken();
  return value;
}
