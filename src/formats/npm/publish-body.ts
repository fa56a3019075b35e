import { PackyardError } from '../../core/errors.ts';
import { AttachmentData, type AttachmentSink } from './attachment-data.ts';
import { type EnvelopeLimits, EnvelopeScanner } from './envelope-scanner.ts';

export interface PublishBodyLimits extends EnvelopeLimits {
  readonly maxBodyBytes: number;
}

export interface PublishBody {
  /** The JSON object of the body, with `""` for the data of each attachment that went to a sink. */
  readonly envelope: unknown;
  readonly attachments: readonly { readonly name: string; readonly decodedBytes: number }[];
}

/**
 * Reads the body of an npm publish: JSON of up to gigabytes with the tarball inside as base64
 * (`_attachments[name].data`). Each data is decoded and written to `sink(name)` while it arrives; all else becomes the
 * envelope, so memory is bounded by its limit. The data of keys that end in `.sigstore` is text and stays in the
 * envelope. Bodies without attachments (`npm deprecate`) are read the same way.
 *
 * The envelope's syntax is judged by JSON.parse; the scanner before it only finds where data begins, and what it takes
 * out of a string leaves a string.
 *
 * @throws ValidationException for a body that is cut off, not JSON, not UTF-8, nested too deep, or whose attachments
 *   are not strict base64 (RFC 4648, padded) or not distinct; PayloadTooLargeException over `maxBodyBytes`. What was
 *   written to a sink until then is to be thrown away. The body is not destroyed then, because destroying a request
 *   would cut the connection before the answer: it stays the caller's to drain or destroy. Errors of the body and of
 *   the sinks come through as they are.
 */
export async function readPublishBody(
  body: AsyncIterable<Uint8Array>,
  limits: PublishBodyLimits,
  sink: (attachment: string) => Promise<AttachmentSink>,
): Promise<PublishBody> {
  const scanner = new EnvelopeScanner(limits);
  const attachments: { name: string; decodedBytes: number }[] = [];
  let data: AttachmentData | undefined;
  let bodyBytes = 0;

  // Not `for await`: that would destroy the body on an error.
  const chunks = body[Symbol.asyncIterator]();
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    bodyBytes += chunk.length;
    if (bodyBytes > limits.maxBodyBytes) {
      throw new PackyardError(
        'PayloadTooLargeException',
        `The body has more than ${limits.maxBodyBytes} bytes, the limit of a publish. Publish a smaller package.`,
      );
    }
    let at = 0;
    while (at < chunk.length) {
      if (data === undefined) {
        at = scanner.scan(chunk, at);
        if (scanner.attachment !== undefined) {
          data = new AttachmentData(scanner.attachment, await sink(scanner.attachment));
        }
      } else {
        at = await data.read(chunk, at);
        if (data.isComplete) {
          attachments.push({ name: data.name, decodedBytes: data.decodedBytes });
          data = undefined;
        }
      }
    }
  }
  return { envelope: scanner.finish(bodyBytes), attachments };
}
