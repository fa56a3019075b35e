import { describe, expect, test } from 'vitest';
import { negotiate } from '../../../src/formats/pypi/accept.ts';
import { parseRemoteListing } from '../../../src/formats/pypi/remote-listing.ts';
import { type IndexedFile, projectList, projectPage } from '../../../src/formats/pypi/simple-index.ts';

const json = { type: 'json', contentType: 'application/vnd.pypi.simple.v1+json' } as const;
const html = { type: 'html', contentType: 'text/html; charset=utf-8' } as const;

const wheel: IndexedFile = {
  filename: 'demo-1.0-py3-none-any.whl',
  version: '1.0',
  sha256: 'a'.repeat(64),
  size: 1234,
  uploadTime: Date.UTC(2024, 0, 2, 3, 4, 5, 123),
  requiresPython: '>=3.8,<4',
  coreMetadataSha256: 'b'.repeat(64),
};
const sdist: IndexedFile = { filename: 'demo-1.0.tar.gz', version: '1.0', sha256: 'c'.repeat(64), size: 5 };

const asJson = (files: readonly IndexedFile[]) => JSON.parse(projectPage('demo', files, json).body.toString());
const asHtml = (files: readonly IndexedFile[]) => projectPage('demo', files, html).body.toString();

describe("a project's page in JSON", () => {
  test('is as PEP 691 and 700 have it', () => {
    expect(projectPage('demo', [], json).contentType).toBe('application/vnd.pypi.simple.v1+json');
    expect(asJson([wheel, { ...sdist, yanked: 'broken' }, { ...sdist, version: '2.0', yanked: true }])).toEqual({
      meta: { 'api-version': '1.1' },
      name: 'demo',
      versions: ['1.0', '2.0'],
      files: [
        {
          filename: 'demo-1.0-py3-none-any.whl',
          url: '1.0/demo-1.0-py3-none-any.whl',
          hashes: { sha256: 'a'.repeat(64) },
          size: 1234,
          'upload-time': '2024-01-02T03:04:05.123Z',
          'requires-python': '>=3.8,<4',
          yanked: false,
          'core-metadata': { sha256: 'b'.repeat(64) },
        },
        {
          filename: 'demo-1.0.tar.gz',
          url: '1.0/demo-1.0.tar.gz',
          hashes: { sha256: 'c'.repeat(64) },
          size: 5,
          yanked: 'broken',
        },
        {
          filename: 'demo-1.0.tar.gz',
          url: '2.0/demo-1.0.tar.gz',
          hashes: { sha256: 'c'.repeat(64) },
          size: 5,
          yanked: true,
        },
      ],
    });
    expect(asJson([])).toEqual({ meta: { 'api-version': '1.1' }, name: 'demo', versions: [], files: [] });
  });

  test('calls itself 1.0 where a size is not known', () => {
    const { size: _, sha256: __, ...bare } = sdist;
    expect(asJson([wheel, bare])).toMatchObject({ meta: { 'api-version': '1.0' }, files: [{}, { hashes: {} }] });
  });

  test('is UTF-8 whatever an index upstream says', () => {
    const [file] = asJson([{ ...sdist, yanked: '\ud800', requiresPython: '\udc00' }]).files;
    expect(file).toMatchObject({ yanked: '\ufffd', 'requires-python': '\ufffd' });
  });
});

describe("a project's page in HTML", () => {
  test('is as PEP 503, 592, 658 and 714 have it', () => {
    const page = asHtml([wheel, { ...sdist, yanked: true }]);
    expect(page).toContain('<meta name="pypi:repository-version" content="1.1">');
    expect(page).toContain(
      `<a href="1.0/demo-1.0-py3-none-any.whl#sha256=${'a'.repeat(64)}" data-requires-python="&gt;=3.8,&lt;4" data-core-metadata="sha256=${'b'.repeat(64)}" data-dist-info-metadata="sha256=${'b'.repeat(64)}" data-upload-time="2024-01-02T03:04:05.123Z">demo-1.0-py3-none-any.whl</a>`,
    );
    expect(page).toContain(`<a href="1.0/demo-1.0.tar.gz#sha256=${'c'.repeat(64)}" data-yanked="">demo-1.0.tar.gz</a>`);
  });

  test('has no fragment where there is no hash', () => {
    const { sha256: _, ...bare } = sdist;
    expect(asHtml([bare])).toContain('<a href="1.0/demo-1.0.tar.gz">');
  });

  test('stays a page whatever stands in it', () => {
    const evil = `"'><script>alert(1)</script>&`;
    const page = asHtml([{ ...sdist, filename: evil, yanked: evil, requiresPython: evil, version: evil }]);
    expect(page).not.toContain('<script');
    expect(page.match(/<a /g)).toHaveLength(1);
  });
});

test.each([
  [
    '2.0.0+cu118',
    'torch-2.0.0+cu118-cp311-cp311-linux_x86_64.whl',
    '2.0.0%2Bcu118/torch-2.0.0%2Bcu118-cp311-cp311-linux_x86_64.whl',
  ],
  ['1!2.0', 'a-1!2.0.tar.gz', '1!2.0/a-1!2.0.tar.gz'],
  ['x:y', 'a b#?%.zip', 'x%3Ay/a%20b%23%3F%25.zip'],
  ['..%2f/', 'a', '..%252f%2F/a'],
])('the address of %s %s is %s', (version, filename, url) => {
  const file = { ...sdist, version, filename };
  expect(asJson([file]).files[0].url).toBe(url);
  expect(asHtml([file])).toContain(`href="${url}#sha256=`);
});

test('a page of both kinds is read back as it was written', () => {
  const files = [wheel, { ...sdist, yanked: 'a "quoted" <reason> & more' }];
  for (const as of [json, html]) {
    const { body } = projectPage('demo', files, as);
    const [release] = parseRemoteListing('demo', 'https://index.example/simple/demo/', body);
    expect(release).toMatchObject({
      version: '1.0',
      files: [
        {
          filename: wheel.filename,
          url: 'https://index.example/simple/demo/1.0/demo-1.0-py3-none-any.whl',
          hashes: { sha256: wheel.sha256 },
          uploadedAt: wheel.uploadTime,
          requiresPython: '>=3.8,<4',
          coreMetadata: wheel.coreMetadataSha256,
        },
        { filename: sdist.filename, yanked: 'a "quoted" <reason> & more' },
      ],
    });
  }
});

test('a page of 10,000 files is rendered and read in time', () => {
  const files = Array.from({ length: 10_000 }, (_, index) => ({
    ...wheel,
    version: `1.0.dev${index}`,
    filename: `demo-1.0.dev${index}-py3-none-any.whl`,
  }));
  for (const as of [json, html]) {
    const start = performance.now();
    const { body } = projectPage('demo', files, as);
    expect(parseRemoteListing('demo', 'https://index.example/simple/demo/', body)).toHaveLength(10_000);
    expect(performance.now() - start).toBeLessThan(5000);
  }
});

test('the list of projects', () => {
  expect(JSON.parse(projectList(['demo', 'a-b'], json).body.toString())).toEqual({
    meta: { 'api-version': '1.1' },
    projects: [{ name: 'demo' }, { name: 'a-b' }],
  });
  const page = projectList(['demo', 'a-b'], html).body.toString();
  expect(page).toContain('<a href="demo/">demo</a>');
  expect(page).toContain('<a href="a-b/">a-b</a>');
});

describe('an Accept', () => {
  const v1json = 'application/vnd.pypi.simple.v1+json';
  const v1html = 'application/vnd.pypi.simple.v1+html';
  const text = 'text/html; charset=utf-8';

  test.each([
    [undefined, text],
    ['', text],
    ['*/*', text],
    ['text/html', text],
    ['text/*', text],
    ['TEXT/HTML', text],
    [v1json, v1json],
    [v1html, v1html],
    ['application/vnd.pypi.simple.latest+json', v1json],
    ['application/vnd.pypi.simple.latest+html', v1html],
    // pip, uv, poetry
    [`${v1json}, ${v1html}; q=0.1, text/html; q=0.01`, v1json],
    [`${v1json}, ${v1html};q=0.2, text/html;q=0.01`, v1json],
    [`text/html;q=0.9, ${v1json};q=0.8`, text],
    [`text/html, ${v1json}`, v1json],
    [`${v1json};q=0.5, */*`, text],
    [`${v1json}, */*`, v1json],
    [`${v1json};q=0, ${v1html};q=0.1`, v1html],
    ['text/html;q=oops', text],
    // A browser
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', text],
  ])('of %s is answered with %s', (accept, contentType) => {
    expect(negotiate(accept)?.contentType).toBe(contentType);
  });

  test.each(['application/json', 'image/png', `${v1json};q=0`, 'text/html;q=0, */*', 'nonsense', ',;,'])(
    'of %s cannot be answered',
    (accept) => {
      expect(negotiate(accept)).toBeUndefined();
    },
  );
});
