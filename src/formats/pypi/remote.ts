import { PackyardError } from '../../core/errors.ts';
import type { AssetSays, FormatRules, RemoteRules } from '../../core/format.ts';
import type { RemoteHashes, RemoteVersion } from '../../core/remote-document.ts';
import { storedMetadata } from './core-metadata.ts';
import { readDistribution, readmeOf } from './distribution.ts';
import { type FileFacts, noMetadata, writeEntry } from './entry.ts';
import { parseFileName } from './names.ts';
import { listingAccept, parseRemoteListing, type RemoteFile, type RemoteRelease } from './remote-listing.ts';

/** How the public index is read: by its simple pages, whose files may be anywhere. */
export const pypiRemote: RemoteRules = {
  connections: ['public:pypi'],

  packageRequest: (registryUrl, { name }) => ({
    url: `${registryUrl}${name}/`,
    headers: { accept: listingAccept },
  }),

  parsePackage: ({ name }, body, url) => ({
    tags: {},
    extra: null,
    versions: parseRemoteListing(name, url, body).map(remoteVersion),
  }),

  assetUrl: (_registry, { url }) => url,
};

/** Reads what a file from a public index says of its version; one that cannot be read is still a file to serve. */
export const inspect: NonNullable<FormatRules['inspect']> = async ({ name }, assetName, bytes) => {
  const file = parseFileName(assetName, name);
  if (file === undefined) return undefined;
  try {
    const found = await readDistribution(bytes, assetName, file);
    if (found === undefined) return undefined;
    return { metadata: storedMetadata(found.metadata), readme: readmeOf(found.metadata) } satisfies AssetSays;
  } catch (error) {
    if (error instanceof PackyardError) return undefined;
    throw error;
  }
};

function remoteVersion({ version, files }: RemoteRelease): RemoteVersion {
  const times = files.flatMap(({ uploadedAt }) => uploadedAt ?? []);
  return {
    version,
    publishedAt: times.length === 0 ? null : times.reduce((first, time) => Math.min(first, time)),
    metadata: noMetadata,
    entry: writeEntry(files.map((file) => [file.filename, factsOf(file)])),
    display: null,
    assets: files.map(({ filename, url, size, hashes }) => ({
      name: filename,
      url,
      size,
      hashes: knownHashes(hashes),
    })),
  };
}

function factsOf({ hashes, size, uploadedAt, requiresPython, yanked, coreMetadata }: RemoteFile): FileFacts {
  const { sha256, md5 } = hashes;
  return {
    ...(sha256 !== undefined && { sha256 }),
    ...(md5 !== undefined && { md5 }),
    ...(size !== null && { size }),
    ...(uploadedAt !== null && { uploadTime: uploadedAt }),
    ...(requiresPython !== undefined && { requiresPython }),
    ...(yanked !== undefined && { yanked }),
    // Only what is announced with its hash can be passed on as genuine.
    ...(typeof coreMetadata === 'string' && { coreMetadata }),
  };
}

function knownHashes({ md5, sha1, sha256, sha512 }: RemoteFile['hashes']): RemoteHashes {
  return {
    ...(md5 !== undefined && { md5 }),
    ...(sha1 !== undefined && { sha1 }),
    ...(sha256 !== undefined && { sha256 }),
    ...(sha512 !== undefined && { sha512 }),
  };
}
