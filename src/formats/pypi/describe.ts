import type { PackageCoordinate } from '../../core/coordinates.ts';
import type { Dependency, License, VersionDescription } from '../../core/format.ts';
import type { CoreMetadata } from './core-metadata.ts';
import { normalizeName } from './names.ts';
import { parseRequirement } from './requires-dist.ts';

/** Labels of Project-URLs as PEP 753 lists them, with those that were usual before it. The first one found wins. */
const homePageLabels = ['homepage', 'home'];
const sourceLabels = ['source', 'repository', 'sourcecode', 'github', 'gitlab', 'code'];

/** A longer `License` is a licence's text, not its name. */
const maxLicenseNameLength = 100;

/**
 * What the API tells of a version (DescribePackageVersion).
 *
 * @param metadata as `storedMetadata` made it; `{}` for a version of which only the file names are known
 */
export function describe(coordinate: PackageCoordinate, metadata: string): VersionDescription {
  const core = parseStored(metadata);
  const homePage = webAddress(core.homePage) ?? projectUrl(core, homePageLabels);
  const sourceCodeRepository = projectUrl(core, sourceLabels);
  return {
    displayName: core.name ?? coordinate.name,
    ...(core.summary !== undefined && { summary: core.summary }),
    ...(homePage !== undefined && { homePage }),
    ...(sourceCodeRepository !== undefined && { sourceCodeRepository }),
    licenses: licensesOf(core),
  };
}

/** One for each Requires-Dist, in their order; what is no requirement is left out. Source: AWS guide, ListPackageVersionDependencies. */
export function dependencies(metadata: string): Dependency[] {
  return (parseStored(metadata).requiresDist ?? []).flatMap((text) => {
    const requirement = parseRequirement(text);
    if (requirement === undefined) return [];
    const { project, specifier } = requirement;
    const versionRequirement = specifier === undefined ? {} : { versionRequirement: specifier };
    return [{ package: project, dependencyType: 'Requires-Dist', ...versionRequirement }];
  });
}

function parseStored(metadata: string): Partial<CoreMetadata> {
  return JSON.parse(metadata);
}

/** AWS documents no precedence: the exact expression first, then the name given, then the classifiers. */
function licensesOf({ licenseExpression, license, classifiers = [] }: Partial<CoreMetadata>): License[] {
  if (licenseExpression !== undefined) return [{ name: licenseExpression }];
  if (license !== undefined && license.length <= maxLicenseNameLength && !license.includes('\n')) {
    return [{ name: license }];
  }
  const classified = classifiers
    .map((classifier) => classifier.split('::').map((part) => part.trim()))
    .filter(([topic, ...rest]) => topic === 'License' && rest.at(-1) !== 'OSI Approved')
    .flatMap((parts) => parts.at(-1) ?? []);
  return [...new Set(classified)].map((name) => ({ name }));
}

function projectUrl({ projectUrls = [] }: Partial<CoreMetadata>, labels: readonly string[]): string | undefined {
  const urls = projectUrls.map((text): [string, string] => {
    const comma = text.indexOf(',');
    // PEP 753, "Label normalization": without punctuation and white space, in lower case.
    const label = normalizeName(text.slice(0, comma)).replace(/[^\p{L}\p{N}]/gu, '');
    return [label, text.slice(comma + 1)];
  });
  for (const label of labels) {
    const url = webAddress(urls.find(([given]) => given === label)?.[1]);
    if (url !== undefined) return url;
  }
  return undefined;
}

/** The address when a browser may follow it; undefined for anything else, such as `javascript:`. */
function webAddress(text: string | undefined): string | undefined {
  const url = text?.trim() ?? '';
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? url : undefined;
}
