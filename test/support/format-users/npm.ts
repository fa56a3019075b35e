import type { FormatUser, Release } from '../../contract/formats/format-user.ts';
import { type PackageSketch, publishDocument, tarballOf } from '../packages.ts';
import { PublicRegistry } from '../public-registry.ts';
import { jsonOf } from '../user.ts';

function sketchOf({ name, version, text = '', says }: Release): PackageSketch {
  const files: Record<string, string> = { 'index.js': `module.exports = ${JSON.stringify(`${name} ${text}`)};\n` };
  if (says === undefined) return { name, version, files };
  const manifest = { description: says.summary, dependencies: { [says.dependency]: '*' } };
  return { name, version, files: { ...files, 'README.md': says.readme }, manifest };
}

const tarball = ({ name, version }: Release) => `${name}-${version}.tgz`;

export const npmUser: FormatUser = {
  format: 'npm',
  cannot: {
    'more files': 'a version of npm is its tarball',
    unfinished: 'a publish is one request with all there is',
  },
  coordinate: (name) => ({ package: name }),
  publishActions: ['PublishPackageVersion'],

  // The API lists the tarball under npm's own name for it, whatever the package is called.
  files: async (release) => [{ name: 'package.tgz', bytes: await tarballOf(sketchOf(release)) }],

  async publish({ user }, release) {
    const body = JSON.stringify(await publishDocument(sketchOf(release)));
    return (await user.put(release.name, body, { 'content-type': 'application/json' })).status;
  },

  async listed({ user }, name) {
    const response = await user.fetch(name);
    if (response.status === 404) return [];
    if (response.status !== 200) throw new Error(`${name}: ${response.status}`);
    return Object.keys((await jsonOf(response))['versions']);
  },

  pathOf: (release) => `${release.name}/-/${tarball(release)}`,
  dependency: (name) => ({ package: name, dependencyType: 'regular', versionRequirement: '*' }),

  registry: {
    connection: 'public:npmjs',
    async start() {
      const registry = await PublicRegistry.start();
      return {
        url: registry.url,
        requests: registry.requests,
        publish: (release) => registry.publish(sketchOf(release)),
        goAway: () => registry.stop(),
        comeBack: () => registry.listen(),
        sendOtherBytes(isOn) {
          registry.corruptsTarballs = isOn;
        },
        stop: () => registry.stop(),
      };
    },
  },
};
