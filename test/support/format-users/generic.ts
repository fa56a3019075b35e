import type { FormatUser, Release, ReleaseFile } from '../../contract/formats/format-user.ts';

const namespace = 'tools';
const nothingRead = 'nothing is read out of the files';

function file({ name, version, text = '', says }: Release, kind: string): ReleaseFile {
  const bytes = Buffer.from(JSON.stringify({ kind, name, version, text, says }));
  return { name: `${name} ${kind}.bin`, bytes };
}

const pathOf = ({ name, version }: Release, fileName: string) =>
  [namespace, name, version, fileName].map(encodeURIComponent).join('/');

export const genericUser: FormatUser = {
  format: 'generic',
  cannot: {
    upstreams: 'AWS looks for generic packages in the repository itself only',
    'public registry': 'there is none',
    'more files': 'what is published is closed',
    summary: nothingRead,
    dependencies: nothingRead,
    readme: nothingRead,
  },
  coordinate: (name) => ({ namespace, package: name }),
  publishActions: ['PublishPackageVersion'],
  files: async (release) => [file(release, 'main'), file(release, 'manual')],

  async publish(place, release) {
    const [main, manual] = [file(release, 'main'), file(release, 'manual')];
    const first = await genericUser.add?.(place, release, main, false);
    if (first === undefined || first >= 300) return first ?? 0;
    return (await genericUser.add?.(place, release, manual, true)) ?? 0;
  },

  extraFile: async (release, text) => file({ ...release, text }, 'extra'),

  async add({ user }, release, { name, bytes }, isLast) {
    const path = `${pathOf(release, name)}?unfinished=${!isLast}`;
    return (await user.put(path, Uint8Array.from(bytes))).status;
  },

  // The protocol lists nothing: scripts ask `aws codeartifact list-package-versions --status Published`.
  listed: (place, name) => place.publishedByApi(name),
  pathOf,
};
