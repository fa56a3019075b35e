import type {
  RepositoryInDomain,
  RepositoryPackage,
  Tag,
  VersionInRepository,
  VersionStatus,
} from '../ports/storage.ts';
import { type PackageCoordinate, unitOf } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { packageSources, type RegistrySource, type RepositorySource } from './package-sources.ts';
import type { Moment } from './present.ts';
import { originKey, registryOrigin } from './version-origin.ts';

/** Who knows a package, seen from one repository, before anyone read its versions. */
export interface PackageSurvey {
  readonly coordinate: PackageCoordinate;
  /** In search order. */
  readonly sources: readonly (RepositorySource | RegistrySource)[];
  /** Equal for equal views: changes with every change any of the sources can show. */
  readonly stamp: string;
  /**
   * False when the stamp does not name the whole state: a registry could not be asked and nothing was known of it, or
   * the search came to its limit. What is rendered then is not kept.
   */
  readonly isComplete: boolean;
  /** When one of the registries has to be asked again (ms since epoch). */
  readonly freshUntil: number;
  readonly faults: readonly unknown[];
}

/** A version as the view shows it. */
export interface ViewedVersion {
  readonly version: string;
  /** The stored version's id; absent for one that only a registry lists. */
  readonly versionId?: string;
  readonly publishedAt: number | null;
  /** JSON text, or its bytes: what a listing is rendered from is not looked into. */
  readonly metadata: string | Buffer;
  readonly entry: string | Buffer;
  readonly display: string | null;
  /**
   * What places further on have under the same number and of the same origin, in search order: of a format whose
   * versions grow, they may have assets that the nearest one lacks.
   */
  readonly also: readonly ViewedVersion[];
}

/** The union of what a repository, its upstreams and their registries hold of a package. */
export interface PackageView {
  readonly coordinate: PackageCoordinate;
  /** Listed versions; the nearest repository's one of each. */
  readonly versions: readonly ViewedVersion[];
  /** Merged tags whose versions are listed. */
  readonly tags: ReadonlyMap<string, string>;
  /** The nearest registry's document about the package as a whole. */
  readonly extra: string | null;
}

/**
 * Finds everyone who knows the package, in search order. Costs two queries and, per connection on the way, a look at
 * the known listing (revalidated when it is old).
 */
export async function surveyPackage(
  deps: Deps,
  moment: Moment,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
): Promise<PackageSurvey> {
  return moment.recall(`survey ${target.repository.id} ${unitOf(coordinate)}`, async () => {
    const value = await survey(deps, target, coordinate);
    return { value, freshUntil: value.isComplete ? value.freshUntil : 0 };
  });
}

async function survey(deps: Deps, target: RepositoryInDomain, coordinate: PackageCoordinate): Promise<PackageSurvey> {
  const sources: (RepositorySource | RegistrySource)[] = [];
  const faults: unknown[] = [];
  const marks = [String(target.domain.topologyRevision)];
  let isComplete = true;
  let freshUntil = Number.POSITIVE_INFINITY;
  for await (const step of packageSources(deps, target, coordinate)) {
    if (step.kind === 'fault') {
      faults.push(step.error);
      if (!step.isLasting) isComplete = false;
    } else if (step.kind === 'limit') {
      // What lies beyond can come nearer by retention, which no stamp shows.
      isComplete = false;
    } else if (step.kind === 'asked') {
      marks.push(`${step.connection}:${step.state}`);
      freshUntil = Math.min(freshUntil, step.freshUntil);
    } else {
      sources.push(step);
      // A record that only retention made shows nothing that its registry or upstream did not show in the same state.
      if (step.kind === 'repository' && step.record.changeCounter > 0) {
        marks.push(`${step.record.repositoryId}:${step.record.changeCounter}`);
      }
    }
  }
  return { coordinate, sources, stamp: marks.join(' '), isComplete, freshUntil, faults };
}

/** Whether the survey found anything at all; throws the registry's fault when that is why nothing was found. */
export function isKnown(survey: PackageSurvey): boolean {
  if (survey.sources.length > 0) return true;
  if (survey.faults.length > 0) throw survey.faults[0];
  return false;
}

/**
 * Reads the versions and tags of a surveyed package and merges them: the nearest repository that holds a version
 * decides, also by its status; of a tag, the value from further up wins, and among upstreams the first listed one's.
 * Source: AWS user guide, "Working with upstream repositories" and "npm tags".
 */
export async function viewPackage(deps: Deps, survey: PackageSurvey): Promise<PackageView> {
  const rules = deps.formats.get(survey.coordinate.format);
  const versions = new VersionMerge(rules?.takesAssets === 'always');
  const tags = new TagMerge();
  let extra: string | null = null;
  for (const source of survey.sources) {
    if (source.kind === 'repository') {
      const record = await readRecord(deps, source.record);
      for (const version of record.versions) {
        versions.add(version.key ?? version.version, originKey(version.origin), isListed(version.status), () =>
          viewOf(version),
        );
      }
      for (const { tag, version } of record.tags) tags.add(tag, version, source.path);
    } else {
      const document = await source.document();
      extra ??= await document.extra();
      for (const version of await document.versions()) {
        const key = rules?.versionKey?.(version.version) ?? version.version;
        versions.add(key, registryOrigin(source.connection), true, () => version);
      }
      for (const [tag, version] of document.tags) tags.add(tag, version, source.path);
    }
  }
  const listed = new Set(versions.listed.map(({ version }) => version));
  return { coordinate: survey.coordinate, versions: versions.listed, tags: tags.over(listed), extra };
}

function isListed(status: VersionStatus): boolean {
  return status === 'Published';
}

interface MutableView extends ViewedVersion {
  readonly also: ViewedVersion[];
}

/** Merges versions met in search order. */
class VersionMerge {
  readonly listed: MutableView[] = [];
  readonly #grow: boolean;
  /** By number, or what its spellings have in common: where it came from, and its view when it is listed. */
  readonly #decided = new Map<string, { readonly origin: string; readonly view: MutableView | undefined }>();

  constructor(grow: boolean) {
    this.#grow = grow;
  }

  /** The nearest place decides, also that a version is not listed. */
  add(key: string, origin: string, isListed: boolean, view: () => Omit<ViewedVersion, 'also'>): void {
    const decided = this.#decided.get(key);
    if (decided === undefined) {
      const listed = isListed ? { ...view(), also: [] } : undefined;
      this.#decided.set(key, { origin, view: listed });
      if (listed !== undefined) this.listed.push(listed);
    } else if (this.#grow && isListed && decided.origin === origin) {
      decided.view?.also.push({ ...view(), also: [] });
    }
  }
}

/** How often a record is read again that changes meanwhile. */
const maxReads = 10;

/** A repository's versions and tags as they were at one moment: what changes between the questions is seen whole. */
async function readRecord(
  { storage }: Deps,
  record: RepositoryPackage,
): Promise<{ versions: VersionInRepository[]; tags: Tag[] }> {
  const { repositoryId, packageId } = record;
  let { changeCounter } = record;
  for (let reads = 1; ; reads += 1) {
    // Tags first: those that come in meanwhile would point to versions that are not listed.
    const tags = await storage.tags.list(repositoryId, packageId);
    const versions = await storage.versions.all(repositoryId, packageId);
    const [now] = await storage.packages.findIn([repositoryId], record);
    if (now === undefined || now.changeCounter === changeCounter || reads === maxReads) return { versions, tags };
    changeCounter = now.changeCounter;
  }
}

function viewOf(version: VersionInRepository): Omit<ViewedVersion, 'also'> {
  return {
    version: version.version,
    versionId: version.versionId,
    publishedAt: version.firstPublishedAt,
    metadata: version.metadata,
    entry: version.entry,
    display: version.display,
  };
}

interface TagValue {
  readonly version: string;
  readonly path: readonly string[];
}

/** Merges tags met in search order. */
class TagMerge {
  readonly #values = new Map<string, TagValue[]>();

  add(tag: string, version: string, path: readonly string[]): void {
    const values = this.#values.get(tag);
    if (values === undefined) this.#values.set(tag, [{ version, path }]);
    else values.push({ version, path });
  }

  /** Of each tag the value that wins among those whose version is listed. */
  over(listed: ReadonlySet<string>): Map<string, string> {
    const merged = new Map<string, string>();
    for (const [tag, values] of this.#values) {
      let winner: TagValue | undefined;
      for (const value of values) {
        if (listed.has(value.version) && (winner === undefined || isUpstreamOf(value, winner))) winner = value;
      }
      if (winner !== undefined) merged.set(tag, winner.version);
    }
    return merged;
  }
}

function isUpstreamOf(value: TagValue, other: TagValue): boolean {
  return other.path.every((id, position) => value.path[position] === id);
}
