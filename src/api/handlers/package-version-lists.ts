import type { ListPackageVersionsRequest, ListPackageVersionsResult } from '@aws-sdk/client-codeartifact';
import { findPackage, type PackageInRepository } from '../../core/control/find.ts';
import { defaultDisplayVersion } from '../../core/default-display-version.ts';
import type { VersionListFilter, VersionSummary } from '../../ports/storage.ts';
import type { Call } from '../messages.ts';
import { closePage, openPage, unreadableToken } from '../pagination.ts';
import { coordinateOf, repositoryName } from './names.ts';
import { formatAndNamespace, versionOrigin } from './package-versions.ts';
import type { Checked } from './types.ts';

type Input = Checked<ListPackageVersionsRequest>;

export const packageVersionListHandlers = {
  async ListPackageVersions(call: Call, input: Input): Promise<ListPackageVersionsResult> {
    const found = await findPackage(call.deps, repositoryName(call, input), coordinateOf(input));
    const { items, nextToken } = await listVersions(call, input, found);
    const { storage, formats } = call.deps;
    const tagName = formats.get(found.coordinate.format)?.defaultDisplayTag ?? null;
    return {
      // botocore's paginator takes these from any page, so every page has them.
      defaultDisplayVersion: (await defaultDisplayVersion(storage, found.record, tagName))?.version,
      ...formatAndNamespace(found.coordinate),
      package: found.coordinate.name,
      versions: items.map(({ version, revision, status, origin }) => ({
        version,
        revision,
        status,
        origin: versionOrigin(origin),
      })),
      nextToken,
    };
  },
};

interface VersionPage {
  readonly items: readonly VersionSummary[];
  readonly nextToken: string | undefined;
}

async function listVersions(call: Call, input: Input, found: PackageInRepository): Promise<VersionPage> {
  const { status, originType, sortBy } = input;
  // Deleted versions are gone: the status is accepted and finds nothing (reference, 2.33; unverified).
  if (status === 'Deleted') return { items: [], nextToken: undefined };
  const filter = { ...(status !== undefined && { status }), ...(originType !== undefined && { originType }) };
  return sortBy === 'PUBLISHED_TIME'
    ? listNewestFirst(call, input, found, filter)
    : listByVersion(call, input, found, filter);
}

async function listByVersion(
  call: Call,
  input: Input,
  { repository, record }: PackageInRepository,
  filter: VersionListFilter,
): Promise<VersionPage> {
  const page = openPage(call, input, 1);
  const [after] = page.after ?? [];
  const versions = await call.deps.storage.versions.list(repository.id, record.packageId, filter, {
    ...(after !== undefined && { after }),
    limit: page.limit + 1,
  });
  return closePage(call, page, versions, ({ version }) => [version]);
}

async function listNewestFirst(
  call: Call,
  input: Input,
  { repository, record }: PackageInRepository,
  filter: VersionListFilter,
): Promise<VersionPage> {
  const page = openPage(call, input, 2);
  const [time, version] = page.after ?? [];
  const publishedAt = Number(time ?? 0);
  if (!Number.isSafeInteger(publishedAt)) throw unreadableToken();
  const versions = await call.deps.storage.versions.listByPublishedTime(repository.id, record.packageId, filter, {
    ...(version !== undefined && { after: { publishedAt, version } }),
    limit: page.limit + 1,
  });
  return closePage(call, page, versions, (item) => [String(item.publishedAt), item.version]);
}
