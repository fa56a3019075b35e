import { addAbortSignal, Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { ByteRange } from '../../ports/blobs.ts';
import type { Bucket } from './bucket.ts';
import { pauseBefore } from './retries.ts';

const readAheadBytes = 256 * 1024;

/**
 * Streams an object or a range of it. A body that ends early, or stays silent for too long, is taken up again where it
 * stopped; when that leads nowhere the stream fails. It never ends short. Destroying it closes the connection.
 */
export function download(bucket: Bucket, key: string, range: ByteRange | undefined): Readable {
  const leaving = new AbortController();
  const chunks = read(bucket, key, range, leaving.signal);
  return new Readable({
    highWaterMark: readAheadBytes,
    read() {
      chunks.next().then(
        ({ done, value }) => this.push(done ? null : value),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, callback) {
      leaving.abort();
      callback(error);
    },
  });
}

async function* read(
  bucket: Bucket,
  key: string,
  range: ByteRange | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const what = `read ${key}`;
  let position = range?.start ?? 0;
  let lastByte: number | undefined;
  for (let failures = 0; ; ) {
    const asked = range === undefined && position === 0 ? undefined : `bytes=${position}-${range?.end ?? ''}`;
    const answer = await get(bucket, key, asked, what, signal);
    if (answer.start !== position) throw bucket.failure(what, new Error(`it answered ${asked} with other bytes`));
    lastByte ??= answer.end;
    let failure: unknown = new Error('the body ended early');
    try {
      for await (const chunk of answer.body) {
        position += (chunk as Uint8Array).length;
        failures = 0;
        yield chunk as Uint8Array;
      }
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
    if (position > lastByte) return;
    failures += 1;
    if (failures > bucket.limits.maxResumes) throw bucket.failure(what, failure);
    await pauseBefore(failures, bucket.limits, signal);
  }
}

/** Begins to read; resolves with the body and which bytes it holds. */
async function get(
  bucket: Bucket,
  key: string,
  range: string | undefined,
  what: string,
  signal: AbortSignal,
): Promise<ByteRange & { readonly body: Readable }> {
  const input = { ...bucket.at(key), ...(range === undefined ? {} : { Range: range }) };
  const { Body, ContentLength, ContentRange } = await bucket.call(
    what,
    (client, options) => client.send(new GetObjectCommand(input), options),
    { signal },
  );
  const body = addAbortSignal(signal, Body as Readable);
  // Between two reads nobody listens.
  body.on('error', () => undefined);
  const [, start = '', end = ''] = /^bytes (\d+)-(\d+)\//.exec(ContentRange ?? '') ?? [];
  if (start !== '') return { start: Number(start), end: Number(end), body };
  if (ContentLength === undefined) throw bucket.failure(what, new Error('it does not say how long the object is'));
  return { start: 0, end: ContentLength - 1, body };
}
