import type { PackageCoordinate } from '../../core/coordinates.ts';
import type { Deps } from '../../core/deps.ts';
import { packageSources } from '../../core/package-sources.ts';
import type { RepositoryInDomain, RepositoryPackage } from '../../ports/storage.ts';
import { versionKey } from './versions.ts';

const pageSize = 1_000;

/**
 * How the repository spells the version if it has it already, or else the place nearest to it that it takes versions
 * from: `1.0` and `1.0.0` are one (PEP 440), and older tools spell it otherwise in an sdist than in a wheel. As given
 * where it is new. A registry that cannot be asked is no obstacle.
 */
export async function knownSpelling(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  version: string,
): Promise<string> {
  const key = versionKey(version);
  for await (const step of packageSources(deps, target, coordinate)) {
    let known: string | undefined;
    if (step.kind === 'repository') known = await spellingIn(deps, step.record, version, key);
    if (step.kind === 'registry') known = spellingAmong((await step.document()).numbers(), key);
    if (known !== undefined) return known;
  }
  return version;
}

async function spellingIn(
  { storage }: Pick<Deps, 'storage'>,
  { repositoryId, packageId }: RepositoryPackage,
  version: string,
  key: string,
): Promise<string | undefined> {
  if ((await storage.versions.find(repositoryId, packageId, version)) !== undefined) return version;
  for (let after: string | undefined; ; ) {
    const page = { limit: pageSize, ...(after !== undefined && { after }) };
    const versions = await storage.versions.list(repositoryId, packageId, {}, page);
    const numbers = versions.map(({ version }) => version);
    const same = spellingAmong(numbers, key);
    if (same !== undefined || numbers.length < pageSize) return same;
    after = numbers.at(-1);
  }
}

function spellingAmong(versions: Iterable<string>, key: string): string | undefined {
  for (const version of versions) if (versionKey(version) === key) return version;
  return undefined;
}
