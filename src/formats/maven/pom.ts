import { interpolation } from './properties.ts';
import {
  childOf,
  childrenOf,
  readXml,
  textOf,
  type XmlDocument,
  type XmlElement,
  type XmlLimits,
  XmlReader,
} from './xml.ts';

/** POMs of the largest projects have a few hundred KB. */
export const pomLimits: XmlLimits = { maxBytes: 4 * 1024 * 1024, maxDepth: 100, maxElements: 100_000 };

export interface PomParent {
  readonly groupId: string;
  readonly artifactId: string;
  readonly version?: string;
}

export interface PomDependency {
  readonly groupId: string;
  readonly artifactId: string;
  /** Absent where it is managed elsewhere. */
  readonly version?: string;
  readonly scope?: string;
  readonly optional?: boolean;
}

/** What a POM says by itself. */
export interface Pom {
  /** Its own, else its parent's, as in Maven. */
  readonly groupId?: string;
  readonly artifactId?: string;
  /** Its own, else its parent's, as in Maven. */
  readonly version?: string;
  readonly packaging: string;
  readonly name?: string;
  readonly description?: string;
  readonly url?: string;
  readonly scmUrl?: string;
  readonly licenses: readonly { readonly name?: string; readonly url?: string }[];
  readonly parent?: PomParent;
  /** The direct ones, in the POM's order. */
  readonly dependencies: readonly PomDependency[];
  /** As they are written, with other properties in them. */
  readonly properties: ReadonlyMap<string, string>;
}

/**
 * Reads a POM from a stream, no further than the limits go. `${…}` of the POM's own properties and of `project.*` is
 * replaced; what comes from the parent stays as it is written. Parents are never read: API reference,
 * PackageVersionDescription.
 *
 * Returns what could be read. Real POMs break XML's rules: they lack their namespace, lie about their encoding, and have
 * HTML's entities, which stay as they are. Undefined when there is no `<project>`, when there is a DOCTYPE, or when a limit
 * is met: a version without a description is better than one that cannot be published.
 *
 * The stream is destroyed when this settles. Its errors come through as they are.
 */
export async function readPom(stream: AsyncIterable<Uint8Array>, limits: XmlLimits): Promise<Pom | undefined> {
  const reader = new XmlReader(limits);
  for await (const chunk of stream) {
    reader.write(chunk);
    if (reader.isFinished) break;
  }
  return pomOf(reader.end());
}

/** The same for a POM whose bytes are at hand. */
export function parsePom(bytes: Uint8Array, limits: XmlLimits): Pom | undefined {
  return pomOf(readXml(bytes, limits));
}

function pomOf({ root }: XmlDocument): Pom | undefined {
  if (root?.name !== 'project') return undefined;
  const properties = new Map(childOf(root, 'properties')?.children.map(({ name, text }) => [name, text]));
  const replaced = interpolation(new Map([...properties, ...projectValues(root)]));
  const text = (element: XmlElement | undefined, name: string) => {
    const written = textOf(element, name);
    return written && replaced(written);
  };
  const parent = parentOf(childOf(root, 'parent'), text);
  const scmUrl = text(childOf(root, 'scm'), 'url');
  return {
    ...present('groupId', text(root, 'groupId') ?? parent?.groupId),
    ...present('artifactId', text(root, 'artifactId')),
    ...present('version', text(root, 'version') ?? parent?.version),
    packaging: text(root, 'packaging') ?? 'jar',
    ...present('name', text(root, 'name')),
    ...present('description', text(root, 'description')),
    ...present('url', text(root, 'url')),
    ...present('scmUrl', scmUrl),
    licenses: childrenOf(childOf(root, 'licenses'), 'license')
      .map((license) => ({ ...present('name', text(license, 'name')), ...present('url', text(license, 'url')) }))
      .filter((license) => Object.keys(license).length > 0),
    ...present('parent', parent),
    dependencies: childrenOf(childOf(root, 'dependencies'), 'dependency').flatMap((element) => {
      const groupId = text(element, 'groupId');
      const artifactId = text(element, 'artifactId');
      if (groupId === undefined || artifactId === undefined) return [];
      const isOptional = text(element, 'optional') === 'true';
      const rest = { ...present('version', text(element, 'version')), ...present('scope', text(element, 'scope')) };
      return [{ groupId, artifactId, ...rest, ...(isOptional && { optional: true }) }];
    }),
    properties,
  };
}

type Text = (element: XmlElement | undefined, name: string) => string | undefined;

function parentOf(element: XmlElement | undefined, text: Text): PomParent | undefined {
  const groupId = text(element, 'groupId');
  const artifactId = text(element, 'artifactId');
  if (groupId === undefined || artifactId === undefined) return undefined;
  return { groupId, artifactId, ...present('version', text(element, 'version')) };
}

/** The values under `project.`, which come before properties of the same names. */
function* projectValues(root: XmlElement): Generator<[string, string]> {
  const parent = childOf(root, 'parent');
  for (const name of ['groupId', 'artifactId', 'version'] as const) {
    const inherited = textOf(parent, name);
    if (inherited !== undefined) yield [`project.parent.${name}`, inherited];
    // An artifact is never called like its parent by default.
    const value = textOf(root, name) ?? (name === 'artifactId' ? undefined : inherited);
    if (value !== undefined) yield [`project.${name}`, value];
  }
  yield ['project.packaging', textOf(root, 'packaging') ?? 'jar'];
  for (const name of ['name', 'description', 'url', 'inceptionYear']) {
    const value = textOf(root, name);
    if (value !== undefined) yield [`project.${name}`, value];
  }
}

function present<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [key in K]: V });
}
