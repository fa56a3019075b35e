import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ByteRange } from '../../ports/blobs.ts';
import { sizeOf } from './objects.ts';
import { payloadHash, readPart } from './payload.ts';
import type { Upload } from './upload.ts';

/** S3 takes 10,000. */
const maxParts = 9_000;
const partsInFlight = 4;

/** Sends a large blob as a multipart upload. When that fails, the parts that have arrived are removed again. */
export async function uploadInParts(blob: Upload): Promise<void> {
  const { bucket, key } = blob;
  const what = `store ${key}`;
  const input = { ...bucket.at(key), ContentType: 'application/octet-stream' };
  const begun = await bucket.call(what, (client, options) =>
    client.send(new CreateMultipartUploadCommand(input), options),
  );
  if (begun.UploadId === undefined) throw bucket.failure(what, new Error('it began an upload without an id'));
  const upload = { ...bucket.at(key), UploadId: begun.UploadId };
  try {
    await join(blob, upload, await sendParts(blob, upload));
  } catch (error) {
    const giveUp = bucket.call(`give up storing ${key}`, (client, options) =>
      client.send(new AbortMultipartUploadCommand(upload), options),
    );
    // The first error says more than one of tidying up.
    await giveUp.catch(() => undefined);
    throw error;
  }
}

/** What S3 knows an upload by. */
interface UploadName {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

/** Sends all parts, a few at a time. When one fails the others are broken off; none is on its way afterwards. */
async function sendParts(blob: Upload, upload: UploadName): Promise<CompletedPart[]> {
  const { bucket, file } = blob;
  const partBytes = Math.max(bucket.limits.partBytes, Math.ceil(file.size / maxParts));
  const count = Math.ceil(file.size / partBytes);
  const failing = new AbortController();
  const parts: CompletedPart[] = [];
  let begun = 0;
  const sendSome = async () => {
    while (begun < count && !failing.signal.aborted) {
      const start = begun * partBytes;
      begun += 1;
      const PartNumber = begun;
      const range = { start, end: Math.min(start + partBytes, file.size) - 1 };
      const ETag = await sendPart(blob, { ...upload, PartNumber }, range, failing.signal);
      parts[PartNumber - 1] = { PartNumber, ETag };
    }
  };
  await Promise.all(Array.from({ length: partsInFlight }, () => sendSome().catch((error) => failing.abort(error))));
  failing.signal.throwIfAborted();
  return parts;
}

async function sendPart(
  { bucket, key, file, budget }: Upload,
  part: UploadName & { readonly PartNumber: number },
  range: ByteRange,
  signal: AbortSignal,
): Promise<string | undefined> {
  return budget.hold(range.end - range.start + 1, async () => {
    const hash = createHash('sha256');
    const Body = await readPart(file, range, hash);
    const sha256 = hash.digest('hex');
    const { ETag } = await bucket.call(
      `store ${key}`,
      (client, options) => {
        const command = new UploadPartCommand({ ...part, Body });
        command.middlewareStack.add(payloadHash(sha256), { step: 'build' });
        return client.send(command, options);
      },
      { limitMs: bucket.limits.sendMs, signal },
    );
    return ETag;
  });
}

/** Makes the object of its parts. */
async function join({ bucket, key, file }: Upload, upload: UploadName, Parts: CompletedPart[]): Promise<void> {
  try {
    await bucket.call(
      `store ${key}`,
      (client, options) =>
        client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }), options),
      { limitMs: bucket.limits.sendMs, isSlow: true },
    );
  } catch (error) {
    // When the answer to the first try was lost, the second finds no upload any more.
    const isOver = ((error as Error).cause as Error).name === 'NoSuchUpload';
    if (!isOver || (await sizeOf(bucket, key)) !== file.size) throw error;
  }
}
