import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PackyardError } from '../../../src/core/errors.ts';
import { readUploadForm } from '../../../src/formats/pypi/upload-form.ts';
import { type FormPart, formBoundary, formOf, formType, wheelOf } from '../../support/pypi.ts';

const limits = { maxBodyBytes: 1_000_000, maxFields: 100, maxFieldBytes: 100_000 };
const wheel = wheelOf('Demo.Pkg', '1.0');
const sha256 = 'ab'.repeat(32);
const wheelName = 'demo_pkg-1.0-py3-none-any.whl';

/** Reads a body that arrives in these chunks; gives the form and the bytes that the sink got. */
async function readChunks(chunks: Iterable<Uint8Array>, some = {}, type = formType) {
  const files: { fileName: string; parts: Uint8Array[] }[] = [];
  const body = (async function* () {
    yield* chunks;
  })();
  const form = await readUploadForm(body, type, { ...limits, ...some }, async (fileName) => {
    const parts: Uint8Array[] = [];
    files.push({ fileName, parts });
    return {
      async write(chunk) {
        // Looked at later than given: a chunk that is handed out is never changed again.
        await new Promise(setImmediate);
        parts.push(chunk);
      },
    };
  });
  return { form, files: files.map(({ fileName, parts }) => ({ fileName, bytes: Buffer.concat(parts) })) };
}

const read = (parts: readonly FormPart[], some = {}) => readChunks([formOf(parts)], some);

const field = (name: string, value: string): FormPart => ({ name, value });
const content: FormPart = { name: 'content', value: wheel, fileName: wheelName };

/** What twine 4 sends, in its order. */
const twine: readonly FormPart[] = [
  field('name', 'Demo-Pkg'),
  field('version', '1.0'),
  field('filetype', 'bdist_wheel'),
  field('pyversion', 'py3'),
  field('metadata_version', '2.1'),
  field('summary', 'Says hello ✓'),
  field('home_page', ''),
  field('author', 'UNKNOWN'),
  field('sha256_digest', sha256.toUpperCase()),
  field('project_urls', 'Source, https://example.com'),
  field('project_urls', 'Docs, https://example.com/docs'),
  field('requires_dist', 'requests'),
  field('requires_python', '>=3.8'),
  field('md5_digest', 'cd'.repeat(16)),
  field('blake2_256_digest', 'ef'.repeat(32)),
  field(':action', 'file_upload'),
  field('protocol_version', '1'),
  content,
];

const without = (name: string) => twine.filter((part) => part.name !== name);
const having = (name: string, value: string) => [...without(name), field(name, value)];

describe('an upload', () => {
  test('by twine tells its file and what goes with it', async () => {
    const { form, files } = await read(twine);
    expect(files).toEqual([{ fileName: wheelName, bytes: wheel }]);
    expect(form).toMatchObject({
      project: 'demo-pkg',
      version: '1.0',
      fileName: wheelName,
      file: { kind: 'wheel', project: 'demo-pkg', version: '1.0' },
      digests: { md5: 'cd'.repeat(16), sha256, blake2b256: 'ef'.repeat(32) },
      metadata: {
        name: 'Demo-Pkg',
        summary: 'Says hello ✓',
        projectUrls: ['Source, https://example.com', 'Docs, https://example.com/docs'],
        requiresDist: ['requests'],
        requiresPython: '>=3.8',
      },
    });
    expect(form.metadata).not.toHaveProperty('homePage');
    expect(form.metadata).not.toHaveProperty('author');
  });

  test('may have its file first, and in pieces of any size', async () => {
    const body = formOf([content, ...without('content')]);
    for (const size of [1, 7, 1000, body.length]) {
      const pieces = Array.from({ length: Math.ceil(body.length / size) }, (_, index) =>
        body.subarray(index * size, (index + 1) * size),
      );
      const { form, files } = await readChunks(pieces);
      expect(files[0]?.bytes.equals(wheel)).toBe(true);
      expect(form.project).toBe('demo-pkg');
    }
  });

  test('may have a file with everything in it that looks like the end of one', async () => {
    const pieces = ['\r\n', '--', `\r\n--${formBoundary.slice(0, -1)}`, formBoundary, '-', '\r', '\n', 'PK', '\0'];
    const value = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((list) => Buffer.from(list.join('')));
    await fc.assert(
      fc.asyncProperty(value, fc.integer({ min: 1, max: 400 }), async (bytes, size) => {
        fc.pre(!bytes.includes(`--${formBoundary}`));
        const body = formOf([{ ...content, value: bytes }, ...without('content')]);
        const cut = Array.from({ length: Math.ceil(body.length / size) }, (_, n) =>
          body.subarray(n * size, (n + 1) * size),
        );
        const { files } = await readChunks(cut);
        expect(files[0]?.bytes.equals(bytes)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test('of an sdist, with a long description', async () => {
    const description = 'é'.repeat(40_000);
    const parts = [
      ...having('filetype', 'sdist').filter(({ name }) => name !== 'content'),
      field('description', description),
    ];
    const { form } = await read([...parts, { ...content, fileName: 'Demo.Pkg-1.0.0.tar.gz' }]);
    expect(form.file).toMatchObject({ kind: 'sdist', version: '1.0.0' });
    expect(form.metadata.description).toBe(description);
  });

  test('may come with a signature, which is not kept', async () => {
    const { files } = await read([...twine, { name: 'gpg_signature', value: 'x', fileName: 'x.asc' }]);
    expect(files).toHaveLength(1);
  });

  test('may repeat what it says', async () => {
    expect((await read([...twine, field('name', 'Demo-Pkg')])).form.project).toBe('demo-pkg');
  });
});

describe('a part', () => {
  const disposed = async (disposition: string, before = '') => {
    const part = `${before}--${formBoundary}\r\n${disposition}\r\n\r\nPK\r\n`;
    const { files } = await readChunks([Buffer.concat([Buffer.from(part), formOf(without('content'))])]);
    return files[0]?.fileName;
  };

  test.each([
    `Content-Disposition: form-data; name="content"; filename="${wheelName}"`,
    `content-disposition:form-data;filename=${wheelName};name=content;`,
    `CONTENT-DISPOSITION: Form-Data ; Name = content ; FileName="${wheelName}"`,
    `Content-Type: a/b\r\nContent-Disposition: form-data; name="content"; filename*=UTF-8''demo%5Fpkg-1.0-py3-none-any.whl`,
    `Content-Disposition: form-data; name="content"; filename="x"; filename*=utf-8'en'${wheelName}`,
    `Content-Transfer-Encoding: BINARY\r\nContent-Disposition: form-data; name="content"; filename="${wheelName}"`,
  ])('may begin with %j', async (disposition) => {
    expect(await disposed(disposition)).toBe(wheelName);
  });

  test('may stand behind a preamble, and its boundary before white space', async () => {
    const disposition = `Content-Disposition: form-data; name="content"; filename="${wheelName}"`;
    expect(await disposed(disposition, 'This is a form.\r\n')).toBe(wheelName);
    const padded = formOf(twine).toString('latin1').replaceAll(`--${formBoundary}\r\n`, `--${formBoundary} \t\r\n`);
    expect((await readChunks([Buffer.from(padded, 'latin1')])).form.project).toBe('demo-pkg');
  });

  test.each([
    ['', 'the header ""'],
    ['hello', 'the header "hello"'],
    ['Content-Disposition: form-data;\r\n name="content"', 'the header " name='],
    ['Content-Type: text/plain', 'the Content-Disposition ""'],
    ['Content-Disposition: attachment; name="content"', 'the Content-Disposition "attachment'],
    ['Content-Disposition: form-data', 'no name'],
    ['Content-Disposition: form-data; filename="x"', 'no name'],
    ['Content-Disposition: form-data; name="content', 'the Content-Disposition'],
    ['Content-Disposition: form-data; name="content" x', 'the Content-Disposition'],
    ['Content-Disposition: form-data; name=a; name=b', 'the Content-Disposition'],
    ["Content-Disposition: form-data; name=a; filename*=latin1''x", 'the Content-Disposition'],
    ["Content-Disposition: form-data; name=a; filename*=utf-8''%ff", 'the Content-Disposition'],
    ['Content-Disposition: form-data; name="content"; filename="a\rb.whl"', 'the header'],
    ["Content-Disposition: form-data; name=content; filename*=utf-8''a%0d%0ab.whl", 'cannot be used'],
    ["Content-Disposition: form-data; name=content; filename*=utf-8''..%2fb.whl", 'cannot be used'],
  ])('may not begin with %j', async (disposition, reason) => {
    await expect(disposed(disposition)).rejects.toThrow(reason);
    await expect(disposed(disposition)).rejects.toThrow(PackyardError);
  });

  test('may not have its boundary within', async () => {
    await expect(read([field('a', `\r\n--${formBoundary}x`)])).rejects.toThrow('stands within a part');
    await expect(read([field('a', `\r\n--${formBoundary}${' '.repeat(300)}`)])).rejects.toThrow('stands within a part');
  });
});

describe('an upload is refused', () => {
  const other = (fileName: string): FormPart[] => [...without('content'), { ...content, fileName }];

  test.each<[string, FormPart[], string]>([
    ['without an action', without(':action'), "no ':action'"],
    ['with the action submit', having(':action', 'submit'), "only 'file_upload'"],
    ['of another protocol', having('protocol_version', '2'), 'protocol_version'],
    ['without a name', without('name'), "no 'name'"],
    ['with an empty name', having('name', ''), "no 'name'"],
    ['without a version', without('version'), "no 'version'"],
    ['with the version UNKNOWN', having('version', 'UNKNOWN'), "no 'version'"],
    ['without a filetype', without('filetype'), "no 'filetype'"],
    ['without a file', without('content'), "no file 'content'"],
    ['with a file that is a field', having('content', 'x'), "no file 'content'"],
    ['with two files', [...twine, content], "more than one file 'content'"],
    ['with another file', [...twine, { ...content, name: 'other' }], "only 'content'"],
    ['with two names', [...twine, field('name', 'other')], "more than one 'name'"],
    ['with a name that is none', having('name', '../x'), "not a project's name"],
    ['with a version that is none', having('version', '1.0-x!'), 'PEP 440'],
    ['with an empty file name', other(''), 'cannot be used'],
    ['with a path', other(`a/${wheelName}`), 'cannot be used'],
    ['with a path of Windows', other(`C:\\\\${wheelName}`), 'cannot be used'],
    ['with a file name that leads elsewhere', other('..'), 'cannot be used'],
    ['with a file of another project', other('other-1.0-py3-none-any.whl'), "the project 'other'"],
    ['with a file of another version', other('demo_pkg-1.1-py3-none-any.whl'), "version '1.1'"],
    ['with a file of no kind', other('demo_pkg-1.0.rar'), 'not that of a Python distribution'],
    ['with another filetype', having('filetype', 'sdist'), 'not that of the file'],
    ['with an unknown filetype', having('filetype', 'constructor'), 'not that of the file'],
    ['with a digest that is none', having('md5_digest', 'xyz'), '32 hexadecimal digits'],
    ['in base64', [...without('content'), { ...content, headers: ['Content-Transfer-Encoding: base64'] }], 'base64'],
  ])('%s', async (_, parts, reason) => {
    const refused = read(parts);
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.toMatchObject({ code: 'ValidationException', status: 400 });
  });

  test.each([
    ['application/json', 'Content-Type'],
    ['multipart/form-data', 'Content-Type'],
    ['multipart/form-data; charset=utf-8', 'no valid boundary'],
    ['multipart/form-data; boundary=""', 'no valid boundary'],
    [`multipart/form-data; boundary=${'x'.repeat(71)}`, 'no valid boundary'],
    ['application/x-www-form-urlencoded', 'Content-Type'],
    ['multipart/form-data; boundary=another', 'cut off'],
  ])('when its Content-Type is %s', async (type, reason) => {
    const refused = readChunks([formOf(twine)], {}, type);
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.toThrow(PackyardError);
  });

  test('over a limit', async () => {
    await expect(read(twine, { maxBodyBytes: 100 })).rejects.toMatchObject({ status: 413 });
    await expect(read(twine, { maxFields: 5 })).rejects.toThrow('more than 5 fields');
    await expect(read(twine, { maxFieldBytes: 10 })).rejects.toThrow('more than 10 bytes together');
    const header = [`X: ${'y'.repeat(20_000)}`];
    await expect(read([{ ...field('name', 'x'), headers: header }])).rejects.toThrow('more than 16384 bytes');
  });

  test('wherever it is cut off', async () => {
    const small = twine.map((part) => (part === content ? { ...content, value: 'PK' } : part));
    const body = formOf(small);
    // The last line's end may be missing.
    for (let length = 0; length < body.length - 2; length += 1) {
      await expect(readChunks([body.subarray(0, length)]), `${length}`).rejects.toThrow('not a whole multipart');
    }
    const first = formOf([content, ...without('content')]);
    await fc.assert(
      fc.asyncProperty(fc.nat(first.length - 3), fc.integer({ min: 1, max: 500 }), async (length, size) => {
        const cut = Array.from({ length: Math.ceil(length / size) }, (_, n) =>
          first.subarray(n * size, Math.min(length, (n + 1) * size)),
        );
        await expect(readChunks(cut)).rejects.toThrow('not a whole multipart');
      }),
      { numRuns: 100 },
    );
  });

  test('with what the sink says, once it fails', async () => {
    const body = (async function* () {
      yield formOf(twine);
    })();
    const full = { write: async () => Promise.reject(new Error('disk full')) };
    await expect(readUploadForm(body, formType, limits, async () => full)).rejects.toThrow('disk full');
    const again = (async function* () {
      yield formOf(twine);
    })();
    const reading = readUploadForm(again, formType, limits, async () => Promise.reject(new Error('no room')));
    await expect(reading).rejects.toThrow('no room');
  });

  test('with what the body says, once it fails', async () => {
    const body = (async function* () {
      yield formOf(twine).subarray(0, 500);
      throw new Error('connection lost');
    })();
    await expect(readUploadForm(body, formType, limits, async () => ({ write: async () => {} }))).rejects.toThrow(
      'connection lost',
    );
  });
});

test('no file is being written any more once an upload is refused', async () => {
  for (const some of [{ maxFields: 3 }, { maxBodyBytes: 400 }, { maxFieldBytes: 5 }]) {
    let writing = 0;
    const body = (async function* () {
      const bytes = formOf([content, ...without('content')]);
      for (let at = 0; at < bytes.length; at += 50) yield bytes.subarray(at, at + 50);
    })();
    const reading = readUploadForm(body, formType, { ...limits, ...some }, async () => ({
      async write() {
        writing += 1;
        await new Promise((resolve) => setTimeout(resolve, 2));
        writing -= 1;
      },
    }));
    await expect(reading).rejects.toThrow(PackyardError);
    expect(writing).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(writing).toBe(0);
  }
});

test('a body is read no faster than its file is written', async () => {
  const big = formOf([{ ...content, value: randomBytes(8_000_000) }, ...without('content')]);
  let given = 0;
  let written = 0;
  let ahead = 0;
  const body = (async function* () {
    for (; given < big.length; given += 64 * 1024) yield big.subarray(given, given + 64 * 1024);
  })();
  await readUploadForm(body, formType, { ...limits, maxBodyBytes: 10_000_000 }, async () => ({
    async write(chunk) {
      await new Promise(setImmediate);
      written += chunk.length;
      ahead = Math.max(ahead, given - written);
    },
  }));
  expect(written).toBe(8_000_000);
  expect(ahead).toBeLessThan(1_000_000);
});

test('whatever a body is, the answer is a form or a refusal', async () => {
  const small = formOf(twine.map((part) => (part === content ? { ...content, value: 'PK' } : part)));
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(changes, fc.integer({ min: 1, max: 2000 }), async (list, size) => {
      const bytes = Buffer.from(small);
      for (const [at, byte] of list) bytes[at % bytes.length] = byte;
      const cut = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.subarray(n * size, (n + 1) * size),
      );
      const answer = await readChunks(cut).catch((error: unknown) => error);
      if (answer instanceof Error) expect(answer).toBeInstanceOf(PackyardError);
      else expect(answer).toHaveProperty('form.project', 'demo-pkg');
    }),
    { numRuns: 500 },
  );
  const piece = fc.constantFrom(
    `--${formBoundary}`,
    `\r\n--${formBoundary}`,
    '--',
    '-',
    '\r\n',
    '\r',
    'Content-Disposition: form-data; name="name"',
    'Content-Disposition: form-data; name="content"; filename="demo-1.0.tar.gz"',
    'Content-Disposition: attachment',
    "Content-Disposition: form-data; name=x; filename*=utf-8''%2e%2e%2fx",
    'Content-Type: text/plain; charset=utf-16le',
    'x',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 200 }), async (pieces, size) => {
      const bytes = Buffer.from(pieces.join(''));
      const cut = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.subarray(n * size, (n + 1) * size),
      );
      await expect(readChunks(cut)).rejects.toThrow(PackyardError);
    }),
    { numRuns: 2000 },
  );
}, 60_000);
