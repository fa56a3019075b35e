import type { Readable } from 'node:stream';
import type { PackageCoordinate } from '../../core/coordinates.ts';
import type { Ports } from '../../core/core-ports.ts';
import { invalid } from '../../core/errors.ts';
import { asObject, asText, type JsonObject } from '../../core/json.ts';
import type { NewVersion } from '../../core/publish-version.ts';
import { AssetReceiver, type ReceivedAsset } from '../../core/receive-asset.ts';
import { hexDigests } from './integrity.ts';
import { displayText, manifestTexts } from './manifest.ts';
import { checkTag, fullName, parseVersion, versionOfTarball } from './names.ts';
import { readPublishBody } from './publish-body.ts';
import { tarballAsset } from './remote.ts';
import { readTarball } from './tarball.ts';

const envelopeLimits = {
  // Room for `npm deprecate` of a package with 10,000 versions, which sends its whole packument.
  maxEnvelopeBytes: 64 * 1024 * 1024,
  maxDepth: 200,
  maxValues: 1_500_000,
};

export const tarballLimits = {
  maxUnpackedBytes: 16 * 1024 ** 3,
  maxEntries: 500_000,
  maxManifestBytes: 16 * 1024 * 1024,
  maxReadmeBytes: 4 * 1024 * 1024,
};

const maxTags = 100;

/** What a PUT of a package document asks for. */
export type Ingested =
  | { readonly kind: 'publish'; readonly version: NewVersion }
  /** A document without a tarball: deprecations by version, null where a version is not deprecated (any more). */
  | { readonly kind: 'display'; readonly displays: ReadonlyMap<string, string | null> };

/**
 * Reads a publish or deprecate request and hands it to `use`; the tarball waits in a staged blob that is released
 * afterwards, whatever happens. Everything a client can get wrong is refused with a ValidationException before `use`
 * is called. `publisher` becomes the manifest's `_npmUser`. Source: the public registry's publish document,
 * reference `formats/npm.md` section 3.
 */
export async function ingest<T>(
  ports: Pick<Ports, 'blobs' | 'quotas'>,
  coordinate: PackageCoordinate,
  body: Readable,
  publisher: string,
  use: (ingested: Ingested) => Promise<T>,
): Promise<T> {
  const receivers = new Map<string, AssetReceiver>();
  const bodyLimits = { ...envelopeLimits, maxBodyBytes: ports.quotas.npmPublishRequestBytes };
  try {
    const { envelope, attachments } = await readPublishBody(body, bodyLimits, async (name) => {
      if (receivers.size > 0) throw invalid('The document has more than one tarball. Publish one version at a time.');
      const receiver = await AssetReceiver.start(ports);
      receivers.set(name, receiver);
      return receiver;
    });
    const document = asObject(envelope);
    if (document === undefined)
      throw invalid('The body is not a package document: it is not a JSON object.', 'CANNOT_PARSE');
    checkName(coordinate, document);
    const [attachment] = attachments;
    if (attachment === undefined) {
      if (document['_attachments'] !== undefined)
        throw invalid('The document has "_attachments" but no tarball in them.');
      return await use({ kind: 'display', displays: readDisplays(document) });
    }
    const received = receivers.get(attachment.name)?.finish();
    if (received === undefined) throw invalid(`The attachment '${attachment.name}' has no data.`);
    const version = await readVersion(coordinate, document, attachment.name, received, publisher);
    return await use({ kind: 'publish', version });
  } finally {
    for (const { staged } of receivers.values()) await staged.release();
  }
}

function checkName(coordinate: PackageCoordinate, document: JsonObject): void {
  const name = fullName(coordinate);
  for (const field of ['name', '_id']) {
    if (document[field] !== undefined && document[field] !== name) {
      throw invalid(`The document's "${field}" is ${shown(document[field])}, but it was sent to '${name}'.`);
    }
  }
}

function readDisplays(document: JsonObject): Map<string, string | null> {
  const versions = asObject(document['versions']);
  if (versions === undefined) throw invalid('The document has neither a tarball nor versions. Nothing was changed.');
  return new Map(
    Object.entries(versions).map(([version, manifest]) => [version, displayText(asObject(manifest)?.['deprecated'])]),
  );
}

async function readVersion(
  coordinate: PackageCoordinate,
  document: JsonObject,
  attachment: string,
  received: ReceivedAsset,
  publisher: string,
): Promise<NewVersion> {
  const { version, manifest } = onlyVersion(coordinate, document);
  if (versionOfTarball(coordinate, attachment) !== version) {
    throw invalid(`The attachment '${attachment}' is not the tarball of ${fullName(coordinate)}@${version}.`);
  }
  checkBytes(document, attachment, manifest, received);
  const { staged, size, hashes } = received;
  const tarball = await readTarball(staged.read({ start: 0, end: size - 1 }), tarballLimits);
  for (const [field, expected] of Object.entries({ name: fullName(coordinate), version })) {
    const found = tarball.manifest[field];
    const actual = field === 'version' && typeof found === 'string' ? parseVersion(found.trim()) : found;
    if (actual === expected) continue;
    throw invalid(`The tarball's package.json has ${field} ${shown(found)}, the document says '${expected}'.`);
  }
  const dist = {
    integrity: `sha512-${Buffer.from(hashes.sha512, 'hex').toString('base64')}`,
    shasum: hashes.sha1,
    fileCount: tarball.fileCount,
    unpackedSize: tarball.unpackedSize,
  };
  const facts = {
    _npmUser: { name: publisher },
    _hasShrinkwrap: tarball.hasShrinkwrap,
    ...(tarball.hasInstallScript ? { hasInstallScript: true } : {}),
  };
  return {
    version,
    ...manifestTexts({ ...manifest, ...facts }, dist),
    readme: readmeText(manifest['readme']) ?? readmeText(document['readme']) ?? tarball.readme ?? null,
    tags: readTags(document, version),
    assets: [{ name: tarballAsset, received }],
  };
}

function onlyVersion(coordinate: PackageCoordinate, document: JsonObject): { version: string; manifest: JsonObject } {
  const versions = Object.entries(asObject(document['versions']) ?? {});
  const [first] = versions;
  if (first === undefined || versions.length > 1) {
    throw invalid(`A publish document has exactly one version; this one has ${versions.length}.`);
  }
  const version = first[0];
  const manifest = asObject(first[1]);
  if (parseVersion(version) !== version) {
    throw invalid(`'${version}' is not a version in its clean form (semver 2, without "v", "=" or build metadata).`);
  }
  for (const [field, expected] of Object.entries({ name: fullName(coordinate), version })) {
    if (manifest?.[field] !== expected) {
      throw invalid(`The manifest's ${field} is ${shown(manifest?.[field])}, the document says '${expected}'.`);
    }
  }
  return { version, manifest: manifest ?? {} };
}

/** Holds the received bytes against every size and hash the document gives. */
function checkBytes(
  document: JsonObject,
  attachment: string,
  manifest: JsonObject,
  { size, hashes }: ReceivedAsset,
): void {
  if (size === 0) throw invalid(`The attachment '${attachment}' is empty.`);
  const length = asObject(asObject(document['_attachments'])?.[attachment])?.['length'];
  if (length !== undefined && length !== size) {
    throw invalid(`The attachment '${attachment}' has ${size} bytes, the document says ${shown(length)}.`);
  }
  const dist = asObject(manifest['dist']) ?? {};
  const shasum = dist['shasum'];
  if (shasum !== undefined && shasum !== hashes.sha1) {
    throw invalid(`The tarball's SHA-1 is ${hashes.sha1}, the manifest's dist.shasum says ${shown(shasum)}.`);
  }
  const integrity = dist['integrity'];
  if (integrity === undefined) return;
  if (typeof integrity !== 'string' || !hexDigests(integrity, 'sha512').includes(hashes.sha512)) {
    throw invalid(`The tarball does not match the manifest's dist.integrity ${shown(integrity)} (sha512 expected).`);
  }
}

function readTags(document: JsonObject, version: string): { tag: string; version: string }[] {
  const tags = Object.entries(asObject(document['dist-tags']) ?? {});
  if (tags.length > maxTags)
    throw invalid(`A version is published with at most ${maxTags} dist-tags; these are ${tags.length}.`);
  return tags.map(([tag, tagged]) => {
    checkTag(tag);
    if (tagged === version) return { tag, version };
    throw invalid(`The dist-tag '${tag}' points to ${shown(tagged)}, but the version published is '${version}'.`);
  });
}

/** npm sends a sentence of its own where a package has no readme. */
function readmeText(value: unknown): string | undefined {
  return value === 'ERROR: No README data found!' ? undefined : asText(value);
}

/** A value of the sender's in a message: never long. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
