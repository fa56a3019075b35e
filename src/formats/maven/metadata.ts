import { baseVersion, compareBuilds, isSnapshot, latestBuild, type SnapshotBuild } from './snapshot.ts';
import { sortVersions } from './version-order.ts';
import { escapeXml } from './xml.ts';

/** A file of a build: the main one has no classifier. */
export interface BuildFile {
  readonly classifier?: string;
  readonly extension: string;
}

export interface BuildWithFiles extends SnapshotBuild {
  readonly files: readonly BuildFile[];
}

/** A Maven plugin, which `mvn prefix:goal` finds by its prefix. */
export interface PluginEntry {
  readonly name?: string;
  readonly prefix: string;
  readonly artifactId: string;
}

/**
 * The metadata of an artifact: its versions in Maven's order. `latest` is the last of them, `release` the last that is
 * no SNAPSHOT; each is left out where there is none. A build is listed as its SNAPSHOT.
 *
 * @param lastUpdated milliseconds since 1970
 */
export function gaMetadata({ groupId, artifactId, versions, lastUpdated, plugins = [] }: ArtifactVersions): string {
  const sorted = sortVersions(new Set([...versions].map(baseVersion)));
  return document([
    ['groupId', groupId],
    ['artifactId', artifactId],
    [
      'versioning',
      [
        ['latest', sorted.at(-1)],
        ['release', sorted.findLast((version) => !isSnapshot(version))],
        ['versions', sorted.map((version): Node => ['version', version])],
        ['lastUpdated', compactTime(lastUpdated)],
      ],
    ],
    ['plugins', plugins.length === 0 ? undefined : pluginNodes(plugins)],
  ]);
}

interface ArtifactVersions {
  readonly groupId: string;
  readonly artifactId: string;
  readonly versions: Iterable<string>;
  readonly lastUpdated: number;
  /** Of the group that has the same path. */
  readonly plugins?: readonly PluginEntry[];
}

/**
 * The metadata of a SNAPSHOT: its newest build, and for every kind of file the newest build that has it. Clients
 * make a file's name from the entry of its classifier and extension.
 *
 * @param builds at least one
 */
export function gavMetadata({ groupId, artifactId, version, builds }: SnapshotBuilds): string {
  const latest = latestBuild(builds);
  if (latest === undefined) throw new Error(`The SNAPSHOT ${groupId}:${artifactId}:${version} has no builds.`);
  return document([
    ['groupId', groupId],
    ['artifactId', artifactId],
    ['version', version],
    [
      'versioning',
      [
        [
          'snapshot',
          [
            ['timestamp', latest.timestamp],
            ['buildNumber', String(latest.buildNumber)],
          ],
        ],
        ['lastUpdated', updated(latest)],
        ['snapshotVersions', newestFiles(builds).map(snapshotVersion)],
      ],
    ],
  ]);
}

interface SnapshotBuilds {
  readonly groupId: string;
  readonly artifactId: string;
  /** `1.0-SNAPSHOT` */
  readonly version: string;
  readonly builds: readonly BuildWithFiles[];
}

/** The metadata of a group: the plugins in it, by prefix. Of several with one prefix the last one given counts. */
export function groupMetadata(plugins: Iterable<PluginEntry>): string {
  return document([['plugins', pluginNodes(plugins)]]);
}

function pluginNodes(plugins: Iterable<PluginEntry>): Node[] {
  const byPrefix = new Map([...plugins].map((plugin) => [plugin.prefix, plugin]));
  const sorted = [...byPrefix.values()].sort((one, other) => (one.prefix < other.prefix ? -1 : 1));
  return sorted.map(
    ({ name, prefix, artifactId }): Node => [
      'plugin',
      [
        ['name', name],
        ['prefix', prefix],
        ['artifactId', artifactId],
      ],
    ],
  );
}

/** Of the builds that have a file of this kind, the newest one's. */
export function newestFile<File extends BuildFile>(
  builds: readonly (SnapshotBuild & { readonly files: readonly File[] })[],
  { classifier, extension }: BuildFile,
): File | undefined {
  const isWanted = (file: BuildFile) => file.classifier === classifier && file.extension === extension;
  return latestBuild(builds.filter(({ files }) => files.some(isWanted)))?.files.find(isWanted);
}

/** For each kind of file, by extension and classifier, the newest build that has it. */
function newestFiles(builds: readonly BuildWithFiles[]): [BuildFile, SnapshotBuild][] {
  const newest = new Map<string, [BuildFile, SnapshotBuild]>();
  for (const build of builds.toSorted(compareBuilds)) {
    for (const file of build.files) newest.set(JSON.stringify([file.extension, file.classifier ?? '']), [file, build]);
  }
  return [...newest].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, entry]) => entry);
}

function snapshotVersion([{ classifier, extension }, build]: [BuildFile, SnapshotBuild]): Node {
  const entry: Node[] = [
    ['classifier', classifier],
    ['extension', extension],
    ['value', build.version],
    ['updated', updated(build)],
  ];
  return ['snapshotVersion', entry];
}

/** Builds carry the time of their deploy. */
function updated({ timestamp }: SnapshotBuild): string {
  return timestamp.replace('.', '');
}

/** `yyyyMMddHHmmss`, UTC. */
function compactTime(time: number): string {
  return new Date(time).toISOString().replace(/\D/g, '').slice(0, 14);
}

/** An element and what is in it; left out where that is undefined. */
type Node = readonly [name: string, content: string | readonly Node[] | undefined];

function document(nodes: readonly Node[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<metadata>\n${written(nodes, '  ')}</metadata>\n`;
}

function written(nodes: readonly Node[], indent: string): string {
  return nodes
    .map(([name, content]) => {
      if (content === undefined) return '';
      if (typeof content === 'string') return `${indent}<${name}>${escapeXml(content)}</${name}>\n`;
      return `${indent}<${name}>\n${written(content, `${indent}  `)}${indent}</${name}>\n`;
    })
    .join('');
}
