import type { Ports } from '../core-ports.ts';
import { PackyardError } from '../errors.ts';
import type { FoundVersion } from './find.ts';

/**
 * A version's readme: the one kept with it, else the one its format finds in an asset.
 *
 * Throws 404 when there is none (reference, section 6; unverified).
 */
export async function readReadme(ports: Ports, found: FoundVersion): Promise<string> {
  const { version, coordinate, displayName } = found;
  const kept = await ports.storage.versions.readme(version.versionId);
  const readme = kept ?? (await readmeInAsset(ports, found));
  if (readme !== undefined) return readme;
  throw new PackyardError(
    'ResourceNotFoundException',
    `Version '${version.version}' of the ${coordinate.format} package '${displayName}' has no readme.`,
    { resourceType: 'package-version', resourceId: version.version },
  );
}

async function readmeInAsset(ports: Ports, { version, coordinate }: FoundVersion): Promise<string | undefined> {
  // Another repository may keep the assets of a version that is Disposed here.
  if (version.status === 'Disposed') return undefined;
  const rules = ports.formats.get(coordinate.format)?.readme;
  if (rules === undefined) return undefined;
  const asset = await ports.storage.versions.asset(version.versionId, rules.assetName);
  if (asset === undefined) return undefined;
  const bytes = ports.blobs.open(asset.hashes.sha256);
  try {
    return await rules.read(bytes);
  } catch (error) {
    // An asset that came from outside need not be what its format says; then it has no readme, and the request is fine.
    if (error instanceof PackyardError && error.code === 'ValidationException') return undefined;
    throw error;
  } finally {
    bytes.destroy();
  }
}
