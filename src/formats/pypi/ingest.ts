import type { Readable } from 'node:stream';
import type { PackageCoordinate } from '../../core/coordinates.ts';
import type { Ports } from '../../core/core-ports.ts';
import { invalid } from '../../core/errors.ts';
import type { NewVersion } from '../../core/publish-version.ts';
import { stagedBytes } from '../../core/random-access.ts';
import { AssetReceiver } from '../../core/receive-asset.ts';
import { storedMetadata } from './core-metadata.ts';
import { checkDigests, type Digesting, startBlake2b256 } from './digests.ts';
import { metadataHash, readDistribution, readmeOf } from './distribution.ts';
import { type FileFacts, writeEntry } from './entry.ts';
import { formLimits } from './limits.ts';
import { readUploadForm, type UploadForm } from './upload-form.ts';

/** An upload as it was sent. */
export interface Upload {
  readonly body: Readable;
  readonly contentType: string;
}

/** A file for a version, whose `version` is as the file itself spells it. */
export interface Ingested {
  readonly coordinate: PackageCoordinate;
  readonly version: NewVersion;
}

/** How much of a file is taken in before the form has said which package it is for, and so who may send it. */
const maxUnpermittedBytes = 64 * 1024 * 1024;

interface Taking {
  readonly receiver: AssetReceiver;
  readonly blake2b256: Digesting;
}

/**
 * Reads an upload and hands it to `use`; the file waits in a staged blob that is released afterwards, whatever happens.
 * Everything a client can get wrong is refused with a ValidationException before `use` is called. What is displayed and
 * announced is what the file says of itself; the form counts where it says nothing.
 *
 * @param permit asks whether the caller may publish the package: before the file is taken in where the form names the
 *   package first, as all clients do, and always before the file is looked into
 */
export async function ingest<T>(
  ports: Pick<Ports, 'blobs' | 'quotas' | 'clock'>,
  { body, contentType }: Upload,
  permit: (coordinate: PackageCoordinate) => Promise<void>,
  use: (ingested: Ingested) => Promise<T>,
): Promise<T> {
  const limits = { ...formLimits, maxBodyBytes: ports.quotas.assetBytes + 2 * formLimits.maxFieldBytes };
  const takings: Taking[] = [];
  const chunks = body.iterator({ destroyOnReturn: false });
  try {
    const form = await readUploadForm(chunks, contentType, limits, async (_fileName, project) => {
      const isPermitted = project !== undefined;
      if (isPermitted) await permit(coordinateOf(project));
      const taking = await startTaking(ports);
      takings.push(taking);
      const { receiver, blake2b256 } = taking;
      return {
        async write(chunk) {
          if (!isPermitted && receiver.size > maxUnpermittedBytes) {
            throw invalid(
              "The form's file is too large to stand in front of its fields. Send 'name' before 'content'.",
            );
          }
          blake2b256.update(chunk);
          await receiver.write(chunk);
        },
      };
    });
    await permit(coordinateOf(form.project));
    const [taking] = takings;
    if (taking === undefined) throw invalid("The form has no file 'content'.");
    return await use(await readFile(ports, form, taking));
  } finally {
    // Lets go of the body, so that what is left of it can be drained and the client be answered.
    await chunks.return?.();
    for (const { receiver } of takings) await receiver.staged.release();
  }
}

function coordinateOf(project: string): PackageCoordinate {
  return { format: 'pypi', namespace: null, name: project };
}

async function startTaking(ports: Pick<Ports, 'blobs' | 'quotas'>): Promise<Taking> {
  const blake2b256 = await startBlake2b256();
  return { blake2b256, receiver: await AssetReceiver.start(ports) };
}

async function readFile(
  { clock }: Pick<Ports, 'clock'>,
  { project, fileName, file, digests, metadata: said }: UploadForm,
  { receiver, blake2b256 }: Taking,
): Promise<Ingested> {
  const received = receiver.finish();
  const { size, hashes, staged } = received;
  if (size === 0) throw invalid(`The file '${fileName}' is empty.`);
  checkDigests(digests, { md5: hashes.md5, sha256: hashes.sha256, blake2b256: blake2b256.digest() });
  const found = await readDistribution(stagedBytes(staged, size), fileName, file);
  const metadata = found?.metadata ?? said;
  const facts: FileFacts = {
    sha256: hashes.sha256,
    md5: hashes.md5,
    size,
    uploadTime: clock.now(),
    ...(metadata.requiresPython !== undefined && { requiresPython: metadata.requiresPython }),
    ...(file.kind === 'wheel' && found !== undefined && { coreMetadata: metadataHash(found.bytes) }),
  };
  return {
    coordinate: coordinateOf(project),
    version: {
      version: metadata.version,
      metadata: storedMetadata(metadata),
      entry: writeEntry([[fileName, facts]]),
      display: null,
      readme: readmeOf(metadata) ?? readmeOf(said),
      tags: [],
      assets: [{ name: fileName, received }],
    },
  };
}
