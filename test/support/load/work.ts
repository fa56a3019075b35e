import { setTimeout } from 'node:timers/promises';
import { distOf, publishDocument } from '../packages.ts';
import type { Json, NpmUser } from '../user.ts';
import type { Chance } from './chance.ts';
import type { Ledger } from './ledger.ts';

const packageNames = Array.from({ length: 40 }, (_, index) => (index % 4 === 0 ? `@team/p${index}` : `p${index}`));

/** A version that only the public registry has at first. */
export interface RemoteVersion {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

/** What all clients share. */
export interface Load {
  readonly chance: Chance;
  /** Random bytes that packages are cut from. */
  readonly block: Buffer;
  readonly maxPackageBytes: number;
  /** Longest pause of a client between two requests. */
  readonly maxPauseMs: number;
  readonly published: Ledger;
  readonly retained: Ledger;
  readonly tags: Ledger;
  readonly remote: readonly RemoteVersion[];
  /** Versions attempted so far, by package. */
  readonly attempted: Map<string, string[]>;
  /** Answers that no client should ever get. */
  readonly surprises: string[];
  /** Whether a client must put up with this status just now, or with a connection that breaks. */
  excuses(status: number | 'broken'): boolean;
}

/** One client of a server, or of several nodes that are one. */
export interface LoadClient {
  /** The same repository through each node; which one answers a request is left to chance. */
  readonly through: readonly NpmUser[];
  readonly id: number;
}

/** One client's work until `isOver`: mostly publishes, with downloads, tags and reads between them. */
export async function work(load: Load, client: LoadClient, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const dice = load.chance.fraction();
    try {
      if (dice < 0.64) await publish(load, client);
      else if (dice < 0.76) await download(load, client);
      else if (dice < 0.86) await tag(load, client);
      else await read(load, client);
    } catch (error) {
      // fetch says so when the connection breaks: nobody knows what became of the request.
      if (!(error instanceof TypeError) || !/^(fetch failed|terminated)$/.test(error.message)) throw error;
      if (!load.excuses('broken')) load.surprises.push(`the connection broke: ${String(error.cause)}`);
      if (!isOver()) await setTimeout(5);
    }
    await setTimeout(load.chance.between(0, load.maxPauseMs));
  }
}

async function publish(load: Load, client: LoadClient): Promise<void> {
  const { chance, block, attempted } = load;
  const name = chance.pick(packageNames);
  const versions = attempted.get(name) ?? [];
  attempted.set(name, versions);
  // Now and then one that somebody else is just publishing with other bytes.
  const isRace = versions.length > 0 && chance.fraction() < 0.1;
  const version = isRace ? (versions.at(-1) ?? '') : `1.0.${versions.length}`;
  if (!isRace) versions.push(version);
  const size = chance.size(1024, load.maxPackageBytes);
  const start = chance.between(0, block.length - size);
  const document = await publishDocument({ name, version, files: { data: block.subarray(start, start + size) } });
  const acknowledge = load.published.attempt(`${name}@${version}`, integrityIn(document, version));
  const response = await chance.pick(client.through).put(encoded(name), document);
  if (response.status === 200) acknowledge();
  const text = await response.text();
  if (response.status !== 200 && response.status !== 409)
    surprise(load, response.status, `publish ${name}@${version}: ${text}`);
}

async function download(load: Load, client: LoadClient): Promise<void> {
  const { name, version, integrity } = load.chance.pick(load.remote);
  const acknowledge = load.retained.attempt(`${name}@${version}`, integrity);
  const response = await load.chance.pick(client.through).fetch(tarballPath(name, version));
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status === 200 && distOf(bytes).integrity === integrity) acknowledge();
  else surprise(load, response.status, `download ${name}@${version}: ${bytes.length} bytes`);
}

/** Each client has a tag of its own, so that it knows what the tag must be. */
async function tag(load: Load, client: LoadClient): Promise<void> {
  const name = load.chance.pick(packageNames);
  const versions = acknowledgedVersions(load, name);
  if (versions.length === 0) return;
  const version = load.chance.pick(versions);
  const acknowledge = load.tags.attempt(`${name}#client-${client.id}`, version);
  const path = `-/package/${encoded(name)}/dist-tags/client-${client.id}`;
  const response = await load.chance.pick(client.through).put(path, JSON.stringify(version));
  if (response.status === 200) acknowledge();
  const text = await response.text();
  if (response.status !== 200) surprise(load, response.status, `tag ${name} ${version}: ${text}`);
}

/** What was acknowledged before, is listed, under the client's own tag as well; and what is listed can be had. */
async function read(load: Load, client: LoadClient): Promise<void> {
  const { chance, surprises, tags } = load;
  const name = chance.pick(packageNames);
  const expected = acknowledgedVersions(load, name);
  const response = await chance.pick(client.through).fetch(encoded(name));
  const text = await response.text();
  if (response.status !== 200) {
    if (response.status !== 404 || expected.length > 0) surprise(load, response.status, `read ${name}: ${text}`);
    return;
  }
  const { versions, 'dist-tags': tagged } = JSON.parse(text) as Json;
  for (const version of expected)
    if (versions[version] === undefined) surprises.push(`${name}@${version} was acknowledged and is not listed`);
  const tag = `client-${client.id}`;
  if (tags.isAcknowledged(`${name}#${tag}`) && !tags.possibleLast(`${name}#${tag}`).has(tagged[tag]))
    surprises.push(`${name}: '${tag}' is ${tagged[tag]} right after it was set to another`);

  const version = chance.pick(Object.keys(versions));
  const { integrity } = versions[version].dist;
  const tarball = await chance.pick(client.through).fetch(tarballPath(name, version));
  const bytes = Buffer.from(await tarball.arrayBuffer());
  if (tarball.status !== 200) surprise(load, tarball.status, `${name}@${version} is listed and not to be had`);
  else if (distOf(bytes).integrity !== integrity) surprises.push(`${name}@${version}: other bytes than are listed`);
}

function surprise(load: Load, status: number, what: string): void {
  if (!load.excuses(status)) load.surprises.push(`${status} for ${what}`);
}

function acknowledgedVersions({ attempted, published }: Load, name: string): string[] {
  return (attempted.get(name) ?? []).filter((version) => published.isAcknowledged(`${name}@${version}`));
}

/** A package's path segment; npm writes the slash of a scope like this. */
export function encoded(name: string): string {
  return name.replace('/', '%2f');
}

/** Where a version's tarball is below an npm endpoint. */
export function tarballPath(name: string, version: string): string {
  return `${encoded(name)}/-/${name.replace(/^.*\//, '')}-${version}.tgz`;
}

function integrityIn(document: Json, version: string): string {
  return document['versions'][version].dist.integrity;
}
