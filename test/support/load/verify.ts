import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Blobs } from '../../../src/ports/blobs.ts';
import { eachOf } from '../each-of.ts';
import { downloadedIntegrity, packagesIn, type Visitor, versionsIn } from './shelf.ts';
import { encoded, type Load } from './work.ts';

/**
 * Looks at everything a repository shows and holds it against what was acknowledged and tried.
 *
 * @returns what is wrong, in words; empty when all is well
 */
export async function faultsIn(load: Load, visitor: Visitor): Promise<string[]> {
  const faults: string[] = [];
  const shown = new Set<string>();
  await eachOf(await packagesIn(visitor), 8, async (name) => {
    const isRemote = load.remote.some((remote) => remote.name === name);
    const versions = await versionsIn(visitor, name);
    const packument = await visitor.npm.json(encoded(name));
    if (versions.length === 0) faults.push(`${name}: a package without versions`);
    // What the public registry has is listed as well, and is not of this repository.
    if (!isRemote && Object.keys(packument['versions']).toSorted().join() !== versions.toSorted().join())
      faults.push(`${name}: the packument and the API list different versions`);
    for (const [tag, version] of Object.entries<string>(packument['dist-tags'])) {
      if (packument['versions'][version] === undefined)
        faults.push(`${name}: '${tag}' points to ${version}, not there`);
      const possible = load.tags.possibleLast(`${name}#${tag}`);
      if (tag.startsWith('client-') && !possible.has(version)) faults.push(`${name}: '${tag}' is ${version}`);
    }
    for (const tag of load.tags.acknowledgedNames().filter((each) => each.startsWith(`${name}#`)))
      if (packument['dist-tags'][tag.slice(name.length + 1)] === undefined) faults.push(`${tag} was lost`);
    for (const version of versions) {
      const key = `${name}@${version}`;
      shown.add(key);
      const integrity = await downloadedIntegrity(visitor, name, version);
      const possible = (isRemote ? load.retained : load.published).possibleOnce(key);
      if (possible.size > 1 && (isRemote ? load.retained : load.published).isAcknowledged(key))
        faults.push(`${key}: two clients were told that theirs was published`);
      if (!possible.has(integrity)) faults.push(`${key}: ${integrity} instead of ${[...possible].join(' or ')}`);
      if (packument['versions'][version]?.dist.integrity !== integrity)
        faults.push(`${key}: the packument promises other bytes`);
    }
  });
  return [...faults, ...lost(load, visitor, shown)];
}

/** What was acknowledged and is not shown. Retained versions are in every repository of these tests. */
function lost(load: Load, { repository }: Visitor, shown: ReadonlySet<string>): string[] {
  const expected = [
    ...load.retained.acknowledgedNames(),
    ...(repository === 'team' ? load.published.acknowledgedNames() : []),
  ];
  return expected.filter((name) => !shown.has(name)).map((name) => `${name} was acknowledged and is lost`);
}

/** Which stored blobs are not what their name says. */
export async function faultsInBlobs(blobs: Blobs): Promise<string[]> {
  const faults: string[] = [];
  await eachOf(await Array.fromAsync(blobs.list()), 8, async ({ sha256 }) => {
    const bytes = await buffer(blobs.open(sha256));
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) faults.push(`blob ${sha256} has other bytes`);
  });
  return faults;
}
