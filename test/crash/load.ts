import { distOf, publishDocument } from '../support/packages.ts';
import type { Json, NpmUser } from '../support/user.ts';
import type { Chance } from './chance.ts';
import type { Ledger } from './ledger.ts';

const packageNames = Array.from({ length: 40 }, (_, index) => (index % 4 === 0 ? `@team/p${index}` : `p${index}`));

/** A version that only the public registry has at first. */
export interface RemoteVersion {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

/** What the clients of all rounds share. */
export interface Load {
  readonly chance: Chance;
  /** Random bytes that packages are cut from. */
  readonly block: Buffer;
  readonly published: Ledger;
  readonly retained: Ledger;
  readonly tags: Ledger;
  readonly remote: readonly RemoteVersion[];
  /** Versions attempted so far, by package. */
  readonly attempted: Map<string, string[]>;
  /** Answers that no client should ever get. */
  readonly surprises: string[];
}

/** One connection's work until `isOver`: mostly publishes, with downloads, tags and reads between them. */
export async function work(load: Load, user: NpmUser, id: number, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const dice = load.chance.fraction();
    try {
      if (dice < 0.72) await publish(load, user);
      else if (dice < 0.84) await download(load, user);
      else if (dice < 0.94) await tag(load, user, id);
      else await user.fetch(encoded(load.chance.pick(packageNames))).then((response) => response.arrayBuffer());
    } catch (error) {
      // fetch says so when the connection breaks: nobody knows what became of the request.
      if (!(error instanceof TypeError) || !/^(fetch failed|terminated)$/.test(error.message)) throw error;
      if (!isOver()) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

async function publish(load: Load, user: NpmUser): Promise<void> {
  const { chance, block, attempted } = load;
  const name = chance.pick(packageNames);
  const versions = attempted.get(name) ?? [];
  attempted.set(name, versions);
  // Now and then one that somebody else is just publishing with other bytes.
  const isRace = versions.length > 0 && chance.fraction() < 0.1;
  const version = isRace ? (versions.at(-1) ?? '') : `1.0.${versions.length}`;
  if (!isRace) versions.push(version);
  const size = chance.size(1024, 2 * 1024 * 1024);
  const start = chance.between(0, block.length - size);
  const document = await publishDocument({ name, version, files: { data: block.subarray(start, start + size) } });
  const acknowledge = load.published.attempt(`${name}@${version}`, integrityIn(document, version));
  const response = await user.put(encoded(name), document);
  if (response.status === 200) acknowledge();
  const text = await response.text();
  if (response.status !== 200 && response.status !== 409)
    load.surprises.push(`publish ${name}@${version}: ${response.status} ${text}`);
}

async function download(load: Load, user: NpmUser): Promise<void> {
  const { name, version, integrity } = load.chance.pick(load.remote);
  const acknowledge = load.retained.attempt(`${name}@${version}`, integrity);
  const response = await user.fetch(`${name}/-/${name}-${version}.tgz`);
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status === 200 && distOf(bytes).integrity === integrity) acknowledge();
  else load.surprises.push(`download ${name}@${version}: ${response.status}, ${bytes.length} bytes`);
}

/** Each client has a tag of its own, so that it knows what the tag must be. */
async function tag(load: Load, user: NpmUser, id: number): Promise<void> {
  const name = load.chance.pick(packageNames);
  const versions = (load.attempted.get(name) ?? []).filter((each) => load.published.isAcknowledged(`${name}@${each}`));
  if (versions.length === 0) return;
  const version = load.chance.pick(versions);
  const acknowledge = load.tags.attempt(`${name}#client-${id}`, version);
  const response = await user.put(`-/package/${encoded(name)}/dist-tags/client-${id}`, JSON.stringify(version));
  if (response.status === 200) acknowledge();
  const text = await response.text();
  if (response.status !== 200) load.surprises.push(`tag ${name} ${version}: ${response.status} ${text}`);
}

/** A package's path segment; npm writes the slash of a scope like this. */
export function encoded(name: string): string {
  return name.replace('/', '%2f');
}

function integrityIn(document: Json, version: string): string {
  return document['versions'][version].dist.integrity;
}
