import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PackyardError } from '../../../src/core/errors.ts';
import { metadataOfForm, parseCoreMetadata, storedMetadata } from '../../../src/formats/pypi/core-metadata.ts';
import { metadataText } from '../../support/pypi.ts';

const limits = { maxBytes: 100_000, maxHeaders: 100 };
const parse = (text: string | Buffer, some = {}) =>
  parseCoreMetadata(Buffer.from(text as Buffer), { ...limits, ...some });

const nothing = {
  licenseFiles: [],
  classifiers: [],
  platforms: [],
  requiresDist: [],
  providesExtra: [],
  projectUrls: [],
  dynamic: [],
};

describe('a METADATA', () => {
  test('tells what it says', () => {
    const text = [
      'Metadata-Version: 2.4',
      'Name: Demo.Pkg',
      'Version: 1.0',
      'Summary: Says: hello ✓',
      'Home-page: https://example.com/',
      'Author-email: "Ann, B." <ann@example.com>',
      'License-Expression: MIT OR Apache-2.0',
      'License-File: LICENSE',
      'Project-URL: Source, https://example.com/src',
      'project-url: Docs, https://example.com/docs',
      'Classifier: Programming Language :: Python :: 3',
      'Requires-Python: >=3.8',
      'Requires-Dist: requests (>=2) ; python_version < "3"',
      'Requires-Dist: tomli',
      'Provides-Extra: test',
      'Description-Content-Type: text/markdown',
      '',
      '# Demo',
      '',
      'Name: not a header',
    ].join('\n');
    expect(parse(text)).toEqual({
      ...nothing,
      metadataVersion: '2.4',
      name: 'Demo.Pkg',
      version: '1.0',
      summary: 'Says: hello ✓',
      homePage: 'https://example.com/',
      authorEmail: '"Ann, B." <ann@example.com>',
      licenseExpression: 'MIT OR Apache-2.0',
      licenseFiles: ['LICENSE'],
      projectUrls: ['Source, https://example.com/src', 'Docs, https://example.com/docs'],
      classifiers: ['Programming Language :: Python :: 3'],
      requiresPython: '>=3.8',
      requiresDist: ['requests (>=2) ; python_version < "3"', 'tomli'],
      providesExtra: ['test'],
      descriptionContentType: 'text/markdown',
      description: '# Demo\n\nName: not a header',
    });
  });

  test('says nothing where it is empty or UNKNOWN', () => {
    const headers = ['Summary: UNKNOWN', 'Home-page:', 'License:  ', 'Classifier: UNKNOWN', 'Keywords: unknown'];
    expect(parse(metadataText('demo', '1.0', headers, 'UNKNOWN\n'))).toEqual({
      ...nothing,
      metadataVersion: '2.1',
      name: 'demo',
      version: '1.0',
      keywords: 'unknown',
    });
  });

  test('may fold its lines, and end them as it likes', () => {
    const text =
      'Name: demo\r\nVersion:\r\n 1.0\r\nSummary: one\r\n\ttwo\r\n   three\r\nLicense: MIT\r\n        Copyright\r\n\r\nBody\r\n';
    const { version, summary, license, description } = parse(text);
    expect({ version, summary, license, description }).toEqual({
      version: '1.0',
      summary: 'one two three',
      license: 'MIT\nCopyright',
      description: 'Body',
    });
    expect(parse(text.replaceAll('\r\n', '\r'))).toEqual(parse(text));
  });

  test.each(['        ', '       |'])('may have its description in a header with the margin %j', (margin) => {
    const text = [
      'Name: demo',
      'Version: 1',
      'Description: Demo',
      `${margin}====`,
      margin,
      `${margin}  code`,
      'License: MIT',
    ];
    expect(parse(text.join('\n'))).toMatchObject({ description: 'Demo\n====\n\n  code', license: 'MIT' });
  });

  test('ends its headers at a line that is none', () => {
    expect(parse('Name: demo\nVersion: 1\nhello there\nSummary: x')).toMatchObject({
      description: 'hello there\nSummary: x',
    });
  });

  test('may have bytes that are no UTF-8, a byte order mark, and NUL', () => {
    const text = Buffer.concat([
      Buffer.from('\ufeffName: demo\nVersion: 1\nSummary: caf'),
      Buffer.from([0xe9, 0, 0x21]),
    ]);
    expect(parse(text).summary).toBe('caf\ufffd!');
  });

  test('counts the first of headers that should stand once', () => {
    expect(parse(metadataText('demo', '1', ['Summary: one', 'Summary: two'])).summary).toBe('one');
  });

  test.each([
    ['Version: 1', "no header 'name'"],
    ['Name: demo', "no header 'version'"],
    ['Name: demo\nNAME: other\nVersion: 1', "more than one header 'name'"],
    ['Name: demo\nVersion: 1\nVersion: 1', "more than one header 'version'"],
    ['Name: UNKNOWN\nVersion: 1', 'empty'],
    ['', "no header 'name'"],
    ['\nName: demo\nVersion: 1', "no header 'name'"],
    [' Name: demo\nVersion: 1', "no header 'name'"],
  ])('is refused that says %j', (text, reason) => {
    expect(() => parse(text)).toThrow(reason);
    expect(() => parse(text)).toThrow(PackyardError);
  });

  test('is refused over its limits', () => {
    expect(() => parse('x'.repeat(101), { maxBytes: 100 })).toThrow('at most 100');
    expect(() => parse(metadataText('demo', '1', Array(100).fill('X: y')))).toThrow('more than 100 headers');
  });

  test('is read in time however it is made', () => {
    const start = performance.now();
    for (const text of ['\n', ' \n', ':\n', 'a:\n ', 'a'.repeat(10), 'Description: x\n        ']) {
      try {
        parse(`Name: a\nVersion: 1\n${text.repeat(50_000)}`, { maxBytes: 10_000_000, maxHeaders: 1000_000 });
      } catch (error) {
        expect(error).toBeInstanceOf(PackyardError);
      }
    }
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test('of any bytes is metadata or a refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = Buffer.concat([Buffer.from('Name: demo\nVersion: 1\n'), bytes]);
        try {
          expect(parse(text).name).toBe('demo');
        } catch (error) {
          expect(error).toBeInstanceOf(PackyardError);
        }
      }),
    );
  });

  test('is stored without its description', () => {
    const metadata = parse(metadataText('demo', '1', ['Summary: x'], 'long'));
    const { description: _, ...rest } = metadata;
    expect(JSON.parse(storedMetadata(metadata))).toEqual(rest);
  });
});

test('a form tells the same as the file it comes with', () => {
  const form = new Map([
    ['name', ['Demo']],
    ['version', ['1.0']],
    ['metadata_version', ['2.1']],
    ['summary', ['']],
    ['home_page', ['UNKNOWN']],
    ['classifiers', ['A :: B', 'C :: D']],
    ['project_urls', ['Source, https://example.com']],
    ['requires_dist', ['requests']],
    ['description', ['# Demo']],
  ]);
  const headers = ['Classifier: A :: B', 'Classifier: C :: D', 'Project-URL: Source, https://example.com'];
  expect(metadataOfForm(form)).toEqual(
    parse(metadataText('Demo', '1.0', [...headers, 'Requires-Dist: requests'], '# Demo')),
  );
});
