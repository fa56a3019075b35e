import type { Asset, RepositoryInDomain, RepositoryPackage, VersionInRepository } from '../ports/storage.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { assetNotFound } from './errors.ts';
import type { FormatRules } from './format.ts';
import { packageSources, type RegistrySource } from './package-sources.ts';
import type { RemoteVersion } from './remote-document.ts';
import { findSame } from './same-version.ts';
import { originKey, registryOrigin } from './version-origin.ts';
import { isDownloadable } from './version-status.ts';

/** A public registry that lists the version; whether the asset can be had is still to be asked. */
export interface RegistryPlace {
  readonly kind: 'registry';
  readonly source: RegistrySource;
  readonly remote: RemoteVersion;
}

/** A repository that has the asset. */
interface RepositoryPlace {
  readonly kind: 'repository';
  readonly record: RepositoryPackage;
  readonly version: VersionInRepository;
  readonly asset: Asset;
}

/** Where an asset may be had. */
export type AssetPlace = RepositoryPlace | RegistryPlace | { readonly kind: 'fault'; readonly error: unknown };

/**
 * Where an asset may be had, in search order, no further than the caller asks. The first place that has the version
 * decides, also by its status; where versions of the format grow, an asset that place lacks is looked for further on,
 * among versions of the same origin.
 *
 * Throws ResourceNotFoundException when the version that decides does not have the asset, or keeps it back.
 */
export async function* assetPlaces(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  version: string,
  assetName: string,
): AsyncGenerator<AssetPlace> {
  const rules = deps.formats.get(coordinate.format);
  const grows = rules?.takesAssets === 'always';
  let nearest: VersionInRepository | undefined;
  for await (const step of packageSources(deps, target, coordinate)) {
    if (step.kind === 'fault') yield { kind: 'fault', error: step.error };
    if (step.kind === 'repository') {
      const { repositoryId, packageId } = step.record;
      const found = await findSame(deps.storage.versions, rules ?? {}, repositoryId, packageId, version);
      if (found === undefined) continue;
      const isDecisive = nearest === undefined;
      if (isDecisive && !isDownloadable(found.status)) throw assetNotFound(assetName, coordinate.name, version);
      nearest ??= found;
      if (!isDecisive && !(isDownloadable(found.status) && originKey(found.origin) === originKey(nearest.origin)))
        continue;
      const asset = await deps.storage.versions.asset(found.versionId, assetName);
      if (asset !== undefined) yield { kind: 'repository', record: step.record, version: found, asset };
      else if (!grows) throw assetNotFound(assetName, coordinate.name, version);
    }
    if (step.kind === 'registry') {
      // Two registries' files never stand together in one version, nor one's with what was published here.
      if (nearest !== undefined && originKey(nearest.origin) !== registryOrigin(step.connection)) continue;
      const found = await listed(step, version, rules?.versionKey);
      if (found !== undefined) yield found;
    }
  }
}

async function listed(
  source: RegistrySource,
  version: string,
  versionKey: FormatRules['versionKey'],
): Promise<AssetPlace | undefined> {
  try {
    const document = await source.document();
    const spelling = document.spelling(version, versionKey);
    const remote = spelling === undefined ? undefined : await document.version(spelling);
    return remote && { kind: 'registry', source, remote };
  } catch (error) {
    return { kind: 'fault', error };
  }
}
