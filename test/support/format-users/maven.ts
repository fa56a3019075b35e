import type { FormatUser, Release, ReleaseFile } from '../../contract/formats/format-user.ts';
import { type ArtifactSketch, folderOf, MavenRegistry, pomOf } from '../maven-registry.ts';
import { artifactMetadata } from '../maven-world.ts';

const groupId = 'com.example.tools';

function sketchOf({ name, version, text = '', says }: Release): ArtifactSketch {
  const jar = `the jar of ${name} ${version} ${text}`;
  const sketch = { groupId, artifactId: name, version, files: { '.jar': jar } };
  if (says === undefined) return sketch;
  const dependency = `<groupId>${groupId}</groupId><artifactId>${says.dependency}</artifactId><version>[0,)</version>`;
  const pom =
    `<description>${says.summary}</description>` +
    `<dependencies><dependency>${dependency}</dependency></dependencies>`;
  return { ...sketch, pom };
}

const fileName = ({ name, version }: Release, end: string) => `${name}-${version}${end}`;
const pathOf = (release: Release, file: string) =>
  `${folderOf({ groupId, artifactId: release.name })}${release.version}/${file}`;

async function files(release: Release): Promise<ReleaseFile[]> {
  const sketch = sketchOf(release);
  return [
    { name: fileName(release, '.jar'), bytes: Buffer.from(sketch.files?.['.jar'] ?? '') },
    { name: fileName(release, '.pom'), bytes: Buffer.from(pomOf(sketch)) },
  ];
}

export const mavenUser: FormatUser = {
  format: 'maven',
  cannot: { readme: 'AWS has none for maven: a POM has no place for it' },
  coordinate: (name) => ({ namespace: groupId, package: name }),
  publishActions: ['PublishPackageVersion', 'PutPackageMetadata'],
  files,

  // What is named in the metadata is published.
  async publish({ user }, release) {
    for (const { name, bytes } of await files(release)) {
      const { status } = await user.put(pathOf(release, name), Uint8Array.from(bytes));
      if (status >= 300) return status;
    }
    const path = `${folderOf({ groupId, artifactId: release.name })}maven-metadata.xml`;
    return (await user.put(path, artifactMetadata(groupId, release.name, [release.version]))).status;
  },

  extraFile: async (release, text) => ({ name: fileName(release, '-sources.jar'), bytes: Buffer.from(text) }),

  async add({ user }, release, { name, bytes }) {
    return (await user.put(pathOf(release, name), Uint8Array.from(bytes))).status;
  },

  async listed({ user }, name) {
    const response = await user.fetch(`${folderOf({ groupId, artifactId: name })}maven-metadata.xml`);
    if (response.status === 404) return [];
    if (response.status !== 200) throw new Error(`${name}: ${response.status}`);
    return [...(await response.text()).matchAll(/<version>([^<]*)<\/version>/g)].map(([, version = '']) => version);
  },

  pathOf,
  dependency: (name) => ({
    namespace: groupId,
    package: name,
    dependencyType: 'compile',
    versionRequirement: '[0,)',
  }),

  registry: {
    connection: 'public:maven-central',
    async start() {
      const registry = await MavenRegistry.start();
      return {
        url: registry.url,
        requests: registry.requests,
        publish: async (release) => registry.publish(sketchOf(release)),
        goAway: () => registry.stop(),
        comeBack: () => registry.listen(),
        sendOtherBytes(isOn) {
          registry.corrupts = isOn ? '.jar' : undefined;
        },
        stop: () => registry.stop(),
      };
    },
  },
};
