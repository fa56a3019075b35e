import type { FormatRules, VersionTexts } from '../../core/format.ts';
import type { Asset } from '../../ports/storage.ts';
import { dependencies, describe, storedMetadata } from './describe.ts';
import { inspect, mavenRemote } from './remote.ts';
import { parseBuild } from './snapshot.ts';

/** Maven in the core's terms. The metadata of a version is its POM's; its entry is the build, of a SNAPSHOT's builds. */
export const mavenRules: FormatRules = {
  name: 'maven',
  normalize: (coordinate) => coordinate,
  displayName: ({ namespace, name }) => `${namespace}:${name}`,
  defaultDisplayTag: null,
  describe,
  dependencies,
  remote: mavenRemote,
  inspect,
  takesAssets: 'always',
  isFronted: (version) => parseBuild(version) !== undefined,
  join: (existing, added) => (added.metadata === noPom ? existing : { ...existing, metadata: added.metadata }),
  narrow,
};

const noPom = storedMetadata(undefined);

function narrow({ metadata, entry }: VersionTexts, assets: readonly Asset[]): VersionTexts {
  return { metadata: assets.some(({ name }) => name.endsWith('.pom')) ? metadata : noPom, entry };
}
