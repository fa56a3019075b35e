import type { FormatUser, Place, Release, ReleaseFile } from '../../contract/formats/format-user.ts';
import { formOf, formType, sdistOf, wheelOf } from '../pypi.ts';
import { PublicIndex } from '../pypi-index.ts';
import { jsonType, uploadParts } from '../pypi-user.ts';
import { jsonOf } from '../user.ts';

const underscored = (name: string) => name.replaceAll('-', '_');

function headersOf({ text = 'none', says }: Release): string[] {
  if (says === undefined) return [`Keywords: ${text}`];
  return [
    `Keywords: ${text}`,
    `Summary: ${says.summary}`,
    `Requires-Dist: ${says.dependency}`,
    'Description-Content-Type: text/markdown',
  ];
}

function wheel(release: Release): ReleaseFile {
  const { name, version, says } = release;
  const bytes = wheelOf(name, version, headersOf(release), says?.readme);
  return { name: `${underscored(name)}-${version}-py3-none-any.whl`, bytes };
}

async function upload({ user }: Place, { name, version }: Release, file: ReleaseFile): Promise<number> {
  const form = formOf(uploadParts(name, version, { fileName: file.name, bytes: file.bytes }));
  const headers = { 'content-type': formType };
  return (await user.fetch('', { method: 'POST', headers, body: Uint8Array.from(form) })).status;
}

export const pypiUser: FormatUser = {
  format: 'pypi',
  cannot: { unfinished: 'an upload is one file of a version that counts at once' },
  coordinate: (name) => ({ package: name }),
  publishActions: ['PublishPackageVersion'],
  files: async (release) => [wheel(release)],
  publish: (place, release) => upload(place, release, wheel(release)),

  async extraFile(release, text) {
    const name = underscored(release.name);
    const bytes = await sdistOf(name, release.version, headersOf({ ...release, text }));
    return { name: `${name}-${release.version}.tar.gz`, bytes };
  },

  add: (place, release, file) => upload(place, release, file),

  async listed({ user }, name) {
    const response = await user.fetch(`simple/${name}/`, { headers: { accept: jsonType } });
    if (response.status === 404) return [];
    if (response.status !== 200) throw new Error(`${name}: ${response.status}`);
    const files: { filename: string }[] = (await jsonOf(response))['files'];
    // pip goes by the names of the files.
    return [...new Set(files.map(({ filename }) => filename.split(/-|\.tar\.gz$/)[1] ?? ''))];
  },

  pathOf: ({ name, version }, fileName) => `simple/${name}/${version}/${fileName}`,
  dependency: (name) => ({ package: name, dependencyType: 'Requires-Dist' }),

  registry: {
    connection: 'public:pypi',
    async start() {
      const index = await PublicIndex.start();
      return {
        url: index.url,
        requests: index.requests,
        async publish(release) {
          const { name, bytes } = wheel(release);
          index.publish(release.name, release.version, [{ fileName: name, bytes }]);
        },
        goAway: () => index.stop(),
        comeBack: () => index.listen(),
        sendOtherBytes(isOn) {
          index.corruptsFiles = isOn;
        },
        stop: () => index.stop(),
      };
    },
  },
};
