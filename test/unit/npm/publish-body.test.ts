import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PackyardError } from '../../../src/core/errors.ts';
import { readPublishBody } from '../../../src/formats/npm/publish-body.ts';

const limits = { maxBodyBytes: 1_000_000, maxEnvelopeBytes: 100_000, maxDepth: 50, maxValues: 5_000 };

/** Reads a body that arrives in these chunks; gives the envelope and the bytes that each attachment's sink got. */
async function read(chunks: Iterable<string | Uint8Array>, some = {}) {
  const written = new Map<string, Buffer>();
  const body = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk as Uint8Array);
  })();
  const { envelope, attachments } = await readPublishBody(body, { ...limits, ...some }, async (name) => {
    const parts: Uint8Array[] = [];
    written.set(name, Buffer.alloc(0));
    return {
      async write(chunk) {
        parts.push(chunk);
        // Looked at later than given: a chunk that is handed out is never changed again.
        await Promise.resolve();
        written.set(name, Buffer.concat(parts));
      },
    };
  });
  return { envelope, attachments, written };
}

/** Cuts a body into pieces of these lengths, again and again. */
function* cut(body: string | Buffer, lengths: readonly number[]): Generator<Buffer> {
  const bytes = Buffer.from(body as Buffer);
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] || 1;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

const tarball = randomBytes(1000);
const manifest = { name: '@acme/hello', version: '1.0.0', description: 'Says "hello" \\ \u2713' };

function publishOf(data: unknown = tarball.toString('base64')) {
  return {
    _id: '@acme/hello',
    name: '@acme/hello',
    'dist-tags': { latest: '1.0.0' },
    versions: { '1.0.0': manifest },
    access: null,
    _attachments: {
      '@acme/hello-1.0.0.tgz': { content_type: 'application/octet-stream', data, length: 1000 },
    },
  };
}

describe('a publish body', () => {
  test('gives the document without the tarball, and the tarball to its sink', async () => {
    const { envelope, attachments, written } = await read([JSON.stringify(publishOf())]);
    expect(envelope).toEqual(publishOf(''));
    expect(attachments).toEqual([{ name: '@acme/hello-1.0.0.tgz', decodedBytes: 1000 }]);
    expect(written).toEqual(new Map([['@acme/hello-1.0.0.tgz', tarball]]));
  });

  test('may have its attachments first, as yarn 4 sends them', async () => {
    const { _attachments, _id, ...rest } = publishOf();
    const { envelope, written } = await read([JSON.stringify({ _id, _attachments, ...rest })]);
    expect(envelope).toEqual(publishOf(''));
    expect([...written.values()]).toEqual([tarball]);
  });

  test('keeps a provenance, which is text, in the document', async () => {
    const body = publishOf();
    const bundle = { content_type: 'application/vnd.dev.sigstore.bundle+json', data: '{"a":"b c"}', length: 11 };
    const attachments = { ...body._attachments, '@acme/hello-1.0.0.sigstore': bundle };
    const answer = await read([JSON.stringify({ ...body, _attachments: attachments })]);
    expect(answer.envelope).toMatchObject({ _attachments: { '@acme/hello-1.0.0.sigstore': bundle } });
    expect([...answer.written.keys()]).toEqual(['@acme/hello-1.0.0.tgz']);
  });

  test('may have no attachment, as when a version is deprecated', async () => {
    const document = { _id: 'hello', versions: { '1.0.0': { deprecated: 'no', data: 'x' } }, data: 'y' };
    expect(await read([JSON.stringify(document)])).toEqual({ envelope: document, attachments: [], written: new Map() });
  });

  test('takes out data at its one place and nowhere else', async () => {
    const document = {
      data: '1',
      _attachments: {
        data: 'not an attachment',
        list: [{ data: '2' }],
        a: { nested: { data: '3' }, data: 'QUJD', after: { data: '4' }, list: [{ data: '5' }] },
      },
      versions: { _attachments: { a: { data: '6' } } },
      z: [{ _attachments: { a: { data: '7' } } }],
      after: { a: { data: '8' } },
    };
    const { envelope, written } = await read([JSON.stringify(document)]);
    const { _attachments, ...rest } = document;
    expect(envelope).toEqual({ ...rest, _attachments: { ..._attachments, a: { ..._attachments.a, data: '' } } });
    expect(written).toEqual(new Map([['a', Buffer.from('ABC')]]));
  });

  test('may list its attachments in an array, which has none', async () => {
    const document = { _attachments: [{ data: '1', a: { data: '2' } }] };
    expect((await read([JSON.stringify(document)])).envelope).toEqual(document);
  });

  test('may spell its keys and its base64 with escapes', async () => {
    const body = '{ "\\u005fattachments" : {"n\\u0061me": {"d\\u0061ta" :\n"\\/\\u002B8\\u003d"} } }';
    for (const length of [1, 2, 3, 1000]) {
      const { envelope, attachments, written } = await read(cut(body, [length]));
      expect(envelope).toEqual({ _attachments: { name: { data: '' } } });
      expect(attachments).toEqual([{ name: 'name', decodedBytes: 2 }]);
      expect(written.get('name')).toEqual(Buffer.from('/+8=', 'base64'));
    }
  });

  test('may have a `/` escaped throughout, as PHP writes JSON', async () => {
    const body = JSON.stringify(publishOf()).replaceAll('/', '\\/');
    const { envelope, written } = await read([body]);
    expect(envelope).toEqual(publishOf(''));
    expect([...written.values()]).toEqual([tarball]);
  });

  test('may have hostile names, which stay names', async () => {
    const body = '{"__proto__":{"x":1},"_attachments":{"__proto__":{"data":"QUJD"},"constructor":{"data":"QUJD"}}}';
    const { envelope, written } = await read([body]);
    expect(Object.keys(envelope as object)).toEqual(['__proto__', '_attachments']);
    expect([...written.keys()]).toEqual(['__proto__', 'constructor']);
  });

  test('may have empty data', async () => {
    const { attachments, written } = await read(['{"_attachments":{"a":{"data":""}}}']);
    expect(attachments).toEqual([{ name: 'a', decodedBytes: 0 }]);
    expect(written.get('a')).toHaveLength(0);
  });

  test('may be larger than what is decoded at a time', async () => {
    const large = randomBytes(5_000_001);
    const body = JSON.stringify({ _attachments: { a: { data: large.toString('base64') } } });
    const { written } = await read([body], { maxBodyBytes: 10_000_000 });
    expect(
      createHash('sha1')
        .update(written.get('a') ?? '')
        .digest('hex'),
    ).toBe(createHash('sha1').update(large).digest('hex'));
  });

  test('is read no faster than the sink takes it', async () => {
    let given = 0;
    const body = (async function* () {
      yield Buffer.from('{"_attachments":{"a":{"data":"');
      for (; given < 100; given += 1) yield Buffer.from('AAAA'.repeat(100));
      yield Buffer.from('"}}}');
    })();
    let release = () => {};
    const reading = readPublishBody(body, limits, async () => ({
      write: () =>
        new Promise<void>((resolve) => {
          if (given < 50) resolve();
          else release = resolve;
        }),
    }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(given).toBe(50);
    given = 100;
    release();
    await new Promise((resolve) => setTimeout(resolve, 10));
    release();
    expect((await reading).attachments).toHaveLength(1);
  });

  test('is the same however it is cut into chunks', async () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    const attachment = fc.record({ before: json, content: fc.uint8Array({ maxLength: 40 }), after: json });
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string({ unit: 'binary' }), json, { noNullPrototype: true }),
        fc.dictionary(fc.string({ unit: 'grapheme' }), attachment, { noNullPrototype: true }),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(undefined, '\t', 2),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        async (rest, contents, isFirst, isEscaped, indent, lengths) => {
          const names = Object.keys(contents).filter((name) => !name.endsWith('.sigstore'));
          const filled = (data: (content: Uint8Array) => string) =>
            Object.fromEntries(
              names.map((name) => [
                name,
                { x: contents[name]?.before, data: data(contents[name]?.content ?? tarball), y: 1 },
              ]),
            );
          const document = (data: (content: Uint8Array) => string) => {
            const _attachments = filled(data);
            return isFirst ? { _attachments, ...rest } : { ...rest, _attachments };
          };
          let body = JSON.stringify(
            document((content) => Buffer.from(content).toString('base64')),
            null,
            indent,
          );
          if (isEscaped) body = body.replaceAll('/', '\\/');
          const answer = await read(cut(body, lengths));
          expect(answer.envelope).toEqual(JSON.parse(JSON.stringify(document(() => ''))));
          const parsed = JSON.parse(body)._attachments as Record<string, { data: string }>;
          expect([...answer.written]).toEqual(
            Object.entries(parsed).map(([name, { data }]) => [name, Buffer.from(data, 'base64')]),
          );
          expect(answer.attachments.map(({ decodedBytes }) => decodedBytes)).toEqual(
            Object.keys(parsed).map((name) => contents[name]?.content.length),
          );
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);
});

describe('a publish body is refused', () => {
  const withData = (data: string) => `{"_attachments":{"a.tgz":{"data":"${data}"}}}`;

  test.each([
    ['empty', '', 'is empty'],
    ['cut off in its document', '{"a":1', 'cut off'],
    ['cut off in a text', '{"a":"b', 'cut off'],
    ['cut off in its tarball', '{"_attachments":{"a.tgz":{"data":"QUJD', 'cut off'],
    ['cut off before its tarball', '{"_attachments":{"a.tgz":{"data":"', 'cut off'],
    ['only spaces', '  ', 'cut off'],
    ['followed by more', '{} {}', 'goes on after'],
    ['followed by a text', '{}"x"', 'goes on after'],
    ['not an object', '[]', 'not a JSON object'],
    ['a text', '"x"', 'not a JSON object'],
    ['a number', '12', 'not a JSON object'],
    ['not JSON', '{"a":}', 'not valid JSON'],
    ['JSON with its brackets crossed', '{"a":[}]', 'not valid JSON'],
    ['JSON with a comment', '{/* x */}', 'not valid JSON'],
    ['JSON with a wrong escape in a key', '{"\\x":1}', 'not valid JSON'],
    ['JSON without a colon before data', '{"_attachments":{"a":{"data" "QUJD"}}}', 'not valid JSON'],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'not UTF-8'],
    ['nested too deep', `{"a":${'['.repeat(50)}${']'.repeat(50)}}`, 'deeper than 50'],
    ['two attachments of one name', '{"_attachments":{"a":{"data":""},"\\u0061":{"data":""}}}', '"a" twice'],
    ['two attachment lists', '{"_attachments":{},"_attachments":{}}', '"_attachments" twice'],
    ['two data in one attachment', '{"_attachments":{"a":{"data":"","data":""}}}', '"data" twice'],
    ['data that is null', '{"_attachments":{"a":{"data":null}}}', 'not a string'],
    ['data that is an object', '{"_attachments":{"a":{"data":{}}}}', 'not a string'],
    ['data that is missing', '{"_attachments":{"a":{"data":}}}', 'not a string'],
    ['base64 without its padding', withData('QUI'), 'not a multiple of four'],
    ['base64 cut inside a group', withData('QUJDQ'), 'not a multiple of four'],
    ['base64 with too much padding', withData('Q==='), 'not base64'],
    ['base64 of padding', withData('===='), 'not base64'],
    ['base64 that goes on after its padding', withData('QUI=QUJD'), 'not base64'],
    ['base64 with bits left over', withData('QUJ='), 'not base64'],
    ['base64 with a space', withData('QU JD'.repeat(8)), 'not base64'],
    ['base64 with a line end', withData('QUJD\\n'), 'not base64'],
    ['base64 with a raw line end', withData('QUJD\nQUJDQUI'), 'not base64'],
    ['base64 of the other alphabet', withData('QUJDQU-_QUJD'), 'not base64'],
    ['base64 of the other alphabet at its end', withData('QU-_'), 'not base64'],
    ['base64 with a letter beyond ASCII', withData('QUéJDQUJDQU'), 'not base64'],
    ['base64 with an escaped quote', withData('QUJD\\"AA'), 'not base64'],
    ['base64 with an escaped backslash', withData('QUJ\\\\'), 'not base64'],
    ['base64 with a wrong escape', withData('QUJ\\u00g1'), 'not base64'],
    ['base64 with half an escape', withData('QUJD\\u00'), 'not base64'],
    ['base64 with an escape beyond ASCII', withData('QUJ\\u0441'), 'not base64'],
  ])('when it is, or has, %s', async (_, body, reason) => {
    for (const length of [1, 3, 10_000]) {
      const refused = read(cut(body, [length]));
      await expect(refused).rejects.toThrow(reason);
      await expect(refused).rejects.toMatchObject({ code: 'ValidationException', status: 400 });
    }
  });

  test('when it is over its limit, at that byte', async () => {
    const body = JSON.stringify(publishOf());
    await expect(read([body], { maxBodyBytes: body.length - 1 })).rejects.toMatchObject({
      code: 'PayloadTooLargeException',
      status: 413,
    });
    await expect(read([body], { maxBodyBytes: Buffer.byteLength(body) })).resolves.toBeDefined();
  });

  test('when its document is over its limit, however large the tarball may be', async () => {
    const envelope = Buffer.byteLength(JSON.stringify(publishOf('')));
    const body = JSON.stringify(publishOf());
    await expect(read([body], { maxEnvelopeBytes: envelope })).resolves.toBeDefined();
    await expect(read([body], { maxEnvelopeBytes: envelope - 1 })).rejects.toThrow('besides its tarballs');
  });

  test('without destroying the request, so that the answer can still be sent', async () => {
    const body = Readable.from([Buffer.from('{"a":}'), Buffer.from('x'), Buffer.from('y')], { objectMode: false });
    await expect(readPublishBody(body, limits, async () => ({ write: async () => {} }))).rejects.toThrow(
      'goes on after',
    );
    expect(body.destroyed).toBe(false);
    body.destroy();
  });

  test('never by another error than ours, whatever is changed in it', async () => {
    const good = Buffer.from(JSON.stringify(publishOf(tarball.toString('base64', 0, 60))));
    const interesting = fc.constantFrom(...Buffer.from('"\\{}[]:,=/-_A \n\0\xff', 'latin1'));
    const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.oneof(interesting, fc.nat(255))), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        changes,
        fc.nat(good.length),
        fc.nat(3),
        fc.integer({ min: 1, max: 40 }),
        async (list, at, gone, length) => {
          const changed = Buffer.from(good);
          for (const [index, byte] of list) changed[index] = byte;
          const body = Buffer.concat([changed.subarray(0, at), changed.subarray(at + gone)]);
          const answer = await read(cut(body, [length])).catch((error: unknown) => error);
          if (answer instanceof Error) expect(answer).toBeInstanceOf(PackyardError);
          // What is accepted is what JSON.parse and base64 say of the same bytes.
          else expectSame(body, answer as Awaited<ReturnType<typeof read>>);
        },
      ),
      { numRuns: 3000 },
    );
  }, 60_000);

  test('by an error of the body or the sink as it is', async () => {
    const failing = (async function* () {
      yield Buffer.from('{');
      throw new Error('connection lost');
    })();
    await expect(readPublishBody(failing, limits, async () => ({ write: async () => {} }))).rejects.toThrow(
      'connection lost',
    );
    const full = async () => {
      throw new Error('disk full');
    };
    const body = Readable.from([Buffer.from(JSON.stringify(publishOf()))]);
    await expect(readPublishBody(body, limits, full)).rejects.toThrow('disk full');
  });
});

function expectSame(body: Buffer, { envelope, written }: Awaited<ReturnType<typeof read>>) {
  const document = JSON.parse(body.toString());
  for (const [name, bytes] of written) {
    const attachment = document._attachments[name];
    expect(bytes.toString('base64')).toBe(attachment.data);
    attachment.data = '';
  }
  expect(envelope).toEqual(document);
}
