import type { PackageCoordinate } from '../../core/coordinates.ts';
import type { Dependency, License, VersionDescription } from '../../core/format.ts';
import type { Pom } from './pom.ts';

/** What is kept of a POM, as the stored JSON text of a version; all of it is absent while there is no POM. */
type StoredPom = Partial<
  Pick<Pom, 'name' | 'description' | 'url' | 'scmUrl' | 'licenses' | 'parent' | 'dependencies' | 'packaging'>
>;

/** AWS's pattern of names: a POM may have anything, an answer may not. */
const namePattern = /^[^#/\s]{1,255}$/;

/** Makes the stored text of a version from its POM; undefined stands for one that is not there or cannot be read. */
export function storedMetadata(pom: Pom | undefined): string {
  if (pom === undefined) return '{}';
  const { name, description, url, scmUrl, licenses, parent, dependencies, packaging } = pom;
  return JSON.stringify({ name, description, url, scmUrl, licenses, parent, dependencies, packaging });
}

/** What the API tells of a version (DescribePackageVersion). Source: API reference, PackageVersionDescription. */
export function describe({ name: artifactId }: PackageCoordinate, metadata: string): VersionDescription {
  const { name, description, url, scmUrl, licenses = [] } = JSON.parse(metadata) as StoredPom;
  const homePage = link(url);
  const sourceCodeRepository = link(scmUrl);
  return {
    // A project without a name has its artifact's: Maven's POM reference.
    displayName: name ?? artifactId,
    ...(description !== undefined && { summary: description }),
    ...(homePage !== undefined && { homePage }),
    ...(sourceCodeRepository !== undefined && { sourceCodeRepository }),
    licenses: licenses.map(shownLicense).filter((license) => Object.keys(license).length > 0),
  };
}

/**
 * The parent and the direct dependencies of a version, in the POM's order (ListPackageVersionDependencies). The types
 * are AWS's: `parent`, `optional`, or the scope, which is `compile` by default. What cannot be a package's name is
 * passed over.
 */
export function dependencies(metadata: string): Dependency[] {
  const { parent, dependencies: direct = [] } = JSON.parse(metadata) as StoredPom;
  const entry = (
    { groupId, artifactId, version }: { groupId: string; artifactId: string; version?: string },
    dependencyType: string,
  ): Dependency => ({
    namespace: groupId,
    package: artifactId,
    dependencyType,
    ...(version !== undefined && { versionRequirement: version }),
  });
  return [
    ...(parent === undefined ? [] : [entry(parent, 'parent')]),
    ...direct.map((one) => entry(one, one.optional === true ? 'optional' : (one.scope ?? 'compile'))),
  ].filter(({ namespace = '', package: name }) => namePattern.test(namespace) && namePattern.test(name));
}

function shownLicense({ name, url }: License): License {
  const address = link(url);
  return { ...(name !== undefined && { name }), ...(address !== undefined && { url: address }) };
}

/** Any text but one that would run where someone follows it (`javascript:`). */
function link(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return text;
  return /^(https?|ssh|git|svn|scm):$/.test(new URL(text).protocol) ? text : undefined;
}
