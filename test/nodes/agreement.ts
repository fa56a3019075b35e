import { eachOf } from '../support/each-of.ts';
import { encoded, tarballPath } from '../support/load/work.ts';
import { distOf } from '../support/packages.ts';
import type { Json, NpmUser } from '../support/user.ts';

/**
 * Looks at packages of a repository through every node.
 *
 * @param users of the same repository, one at each node
 * @returns in words: what nodes show differently, and where bytes are not those that are listed
 */
export async function disagreements(users: readonly NpmUser[], names: readonly string[]): Promise<string[]> {
  const faults: string[] = [];
  await eachOf(names, 4, async (name) => {
    const shown = await Promise.all(users.map((user) => packument(user, name)));
    const [first = ''] = shown;
    if (shown.some((other) => other !== first)) faults.push(`${name}: the nodes show different packuments`);
    const { versions } = JSON.parse(first) as Json;
    for (const [version, { dist }] of Object.entries<Json>(versions)) {
      for (const [node, user] of users.entries()) {
        const response = await user.fetch(tarballPath(name, version));
        const { integrity } = distOf(Buffer.from(await response.arrayBuffer()));
        if (integrity !== dist['integrity']) faults.push(`${name}@${version}: node ${node} sends other bytes`);
      }
    }
  });
  return faults;
}

/** A packument's text, the same for the same package at every address. */
async function packument(user: NpmUser, name: string): Promise<string> {
  return JSON.stringify(await user.json(encoded(name))).replaceAll(user.endpoint, '/');
}
