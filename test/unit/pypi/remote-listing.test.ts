import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PackyardError } from '../../../src/core/errors.ts';
import { parseRemoteListing } from '../../../src/formats/pypi/remote-listing.ts';

const page = 'https://index.example/simple/demo/';
const sha256 = 'ab'.repeat(32);

const readHtml = (html: string) => parseRemoteListing('demo', page, Buffer.from(html));
const readJson = (document: unknown) => parseRemoteListing('demo', page, Buffer.from(JSON.stringify(document)));
const listing = (files: unknown[], some = {}) => ({ meta: { 'api-version': '1.1' }, name: 'Demo', files, ...some });
const file = { filename: 'demo-1.0.tar.gz', url: 'https://files.example/x/demo-1.0.tar.gz', hashes: { sha256 } };

describe('a listing in JSON', () => {
  test('tells all there is of a file', () => {
    const whole = {
      ...file,
      hashes: { SHA256: sha256.toUpperCase(), md5: 'c'.repeat(32), sha3: 'x' },
      size: 12,
      'upload-time': '2024-01-02T03:04:05.123456Z',
      'requires-python': '>=3.6.*',
      yanked: 'broken',
      'core-metadata': { sha256 },
      provenance: 'https://x.example',
    };
    expect(readJson(listing([whole], { versions: ['1.0'] }))).toEqual([
      {
        version: '1.0',
        files: [
          {
            filename: 'demo-1.0.tar.gz',
            url: file.url,
            hashes: { sha256, md5: 'c'.repeat(32) },
            size: 12,
            uploadedAt: Date.UTC(2024, 0, 2, 3, 4, 5, 123),
            requiresPython: '>=3.6.*',
            yanked: 'broken',
            coreMetadata: sha256,
          },
        ],
      },
    ]);
  });

  test.each([
    [{}, {}],
    [{ yanked: false, 'core-metadata': false, size: -1 }, {}],
    [{ yanked: true }, { yanked: true }],
    [{ yanked: '' }, { yanked: true }],
    [{ 'core-metadata': true }, { coreMetadata: true }],
    [{ 'core-metadata': { md5: 'x' } }, { coreMetadata: true }],
    [{ 'dist-info-metadata': { sha256 } }, { coreMetadata: sha256 }],
    [{ 'core-metadata': false, 'dist-info-metadata': { sha256 } }, {}],
    [{ 'requires-python': null, 'upload-time': 'never', hashes: [], size: 1.5 }, { hashes: {} }],
  ])('with %j has a file with %j', (given, expected) => {
    const [release] = readJson(listing([{ ...file, ...given }]));
    expect(release?.files).toEqual([
      { filename: file.filename, url: file.url, hashes: { sha256 }, size: null, uploadedAt: null, ...expected },
    ]);
  });

  test('is grouped by version, as the index spells it', () => {
    const names = [
      'demo-1.0-py3-none-any.whl',
      'demo-1.0.0.tar.gz',
      'Demo-2004d.tar.gz',
      'demo-2.0.tar.gz',
      'demo-1.0.0.tar.gz',
    ];
    const files = names.map((filename) => ({ ...file, filename }));
    const releases = readJson(listing(files, { versions: ['1.0.0', '2.0', 7] }));
    expect(releases.map(({ version, files }) => [version, files.map(({ filename }) => filename)])).toEqual([
      ['1.0.0', ['demo-1.0-py3-none-any.whl', 'demo-1.0.0.tar.gz']],
      ['2004d', ['Demo-2004d.tar.gz']],
      ['2.0', ['demo-2.0.tar.gz']],
    ]);
  });

  test.each([
    { filename: '../demo-1.0.tar.gz' },
    { filename: 'demo-1.0.rar' },
    { filename: 'other-1.0.tar.gz' },
    { filename: 7 },
    { url: 'file:///etc/passwd' },
    { url: 'javascript:alert(1)' },
    { url: 'https://[' },
    { url: undefined },
  ])('leaves out a file with %j', (wrong) => {
    expect(readJson(listing([{ ...file, ...wrong }, null, 'x', []]))).toEqual([]);
  });

  test.each([
    null,
    [],
    {},
    { ...listing([]), meta: {} },
    { ...listing([]), meta: { 'api-version': '2.0' } },
    { ...listing([]), meta: { 'api-version': 1 } },
    { ...listing([]), name: 'other' },
    { ...listing([]), files: {} },
  ])('is none when it is %j', (document) => {
    expect(() => readJson(document)).toThrow('not a page of that project');
    expect(() => readJson(document)).toThrow(PackyardError);
  });

  test('is none when it is no JSON', () => {
    expect(() => parseRemoteListing('demo', page, Buffer.from('\ufeff {html}'))).toThrow('not a page');
  });
});

describe('a listing in HTML', () => {
  test('tells what its links say', () => {
    const html = `<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.0"></head><body>
      <!-- <a href="demo-9.tar.gz">commented out</a> --><script>"<a href='demo-8.tar.gz'>"</script>
      <A HREF='../../packages/demo-1.0.tar.gz#sha256=${sha256}' data-requires-python="&gt;=3.8" data-yanked>demo-1.0.tar.gz</A>
      <a href=https://files.example/demo-1.0-py3-none-any.whl?x=1#md5=${'c'.repeat(32)} rel="internal"
         data-yanked="it&#39;s &#x62;roken &amp; &unknown;" data-dist-info-metadata="sha256=${sha256}"/>x</a>
      <a>nowhere</a><a href="#top">top</a><a href="mailto:x@y.example">mail</a><a href="demo-%zz.tar.gz">bad</a>`;
    expect(readHtml(html)).toEqual([
      {
        version: '1.0',
        files: [
          {
            filename: 'demo-1.0.tar.gz',
            url: 'https://index.example/packages/demo-1.0.tar.gz',
            hashes: { sha256 },
            size: null,
            uploadedAt: null,
            requiresPython: '>=3.8',
            yanked: true,
          },
          {
            filename: 'demo-1.0-py3-none-any.whl',
            url: 'https://files.example/demo-1.0-py3-none-any.whl?x=1',
            hashes: { md5: 'c'.repeat(32) },
            size: null,
            uploadedAt: null,
            yanked: "it's broken & &unknown;",
            coreMetadata: sha256,
          },
        ],
      },
    ]);
  });

  test('may say where its links begin, and escape them', () => {
    const html = '<base href="/mirror/"><a href="demo-1.0%2Bcu118.tar.gz" data-core-metadata="true">x</a>';
    expect(readHtml(html)[0]?.files[0]).toMatchObject({
      filename: 'demo-1.0+cu118.tar.gz',
      url: 'https://index.example/mirror/demo-1.0%2Bcu118.tar.gz',
      coreMetadata: true,
    });
  });

  test('may have no files, but is a page', () => {
    expect(readHtml('<!DOCTYPE html><html><body></body></html>')).toEqual([]);
    expect(() => readHtml('Service unavailable')).toThrow('not a page');
    expect(() => readHtml('<html><meta name="pypi:repository-version" content="2.0">')).toThrow('not a page');
  });

  test('is read in time however it is made', () => {
    const start = performance.now();
    for (const text of ['<', '<a', '<a ', '<a href="', "<a x='", '<!--', '<script>', '<a =', '<a / ', '&#', '<a\t\n']) {
      for (const repeated of [text.repeat(100_000), `<a href=x ${' '.repeat(300_000)}${text}`]) {
        expect(readHtml(`<html>${repeated}`)).toEqual([]);
      }
    }
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test('of any text is a listing or a refusal', () => {
    const piece = fc.constantFrom(
      '<a ',
      'href=',
      '"',
      "'",
      '>',
      '</a>',
      'demo-1.0.tar.gz',
      '#sha256=',
      '&amp;',
      '<!--',
      '-->',
      ' ',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        for (const release of readHtml(`<html>${pieces.join('')}`)) {
          for (const { url } of release.files) expect(url).toMatch(/^https:\/\/index\.example\//);
        }
      }),
    );
  });
});
