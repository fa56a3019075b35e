import { expect, describe as group, test } from 'vitest';
import { parseCoreMetadata, storedMetadata } from '../../../src/formats/pypi/core-metadata.ts';
import { dependencies, describe } from '../../../src/formats/pypi/describe.ts';
import { metadataText } from '../../support/pypi.ts';

const coordinate = { format: 'pypi', namespace: null, name: 'demo-pkg' };
const stored = (...headers: string[]) =>
  storedMetadata(
    parseCoreMetadata(Buffer.from(metadataText('Demo.Pkg', '1.0', headers)), { maxBytes: 10_000, maxHeaders: 100 }),
  );
const describing = (...headers: string[]) => describe(coordinate, stored(...headers));

group('the description of a version', () => {
  test('has the name as the project spells it', () => {
    expect(describing()).toEqual({ displayName: 'Demo.Pkg', licenses: [] });
    expect(describe(coordinate, '{}')).toEqual({ displayName: 'demo-pkg', licenses: [] });
  });

  test('has summary, home page and source', () => {
    const headers = [
      'Summary: Says hello',
      'Home-page: https://a.example',
      'Project-URL: Source Code, https://b.example',
    ];
    expect(describing(...headers)).toEqual({
      displayName: 'Demo.Pkg',
      summary: 'Says hello',
      homePage: 'https://a.example',
      sourceCodeRepository: 'https://b.example',
      licenses: [],
    });
  });

  test.each([
    ['Homepage, https://x.example', { homePage: 'https://x.example' }],
    ['home-page,https://x.example', { homePage: 'https://x.example' }],
    ['Repository, https://x.example', { sourceCodeRepository: 'https://x.example' }],
    ['GitHub , https://x.example/a,b', { sourceCodeRepository: 'https://x.example/a,b' }],
    ['Docs, https://x.example', {}],
    ['Source, javascript:alert(1)', {}],
    ['Source', {}],
    ['https://x.example', {}],
  ])('of a project address %j has %j', (url, expected) => {
    expect(describing(`Project-URL: ${url}`)).toEqual({ displayName: 'Demo.Pkg', licenses: [], ...expected });
  });

  const mit = 'Classifier: License :: OSI Approved :: MIT License';
  test.each([
    [['License-Expression: MIT', 'License: BSD', mit], ['MIT']],
    [['License: BSD 3-Clause', mit], ['BSD 3-Clause']],
    [['License: Copyright\n    All rights', mit], ['MIT License']],
    [[`License: ${'x'.repeat(200)}`, mit, mit], ['MIT License']],
    [
      ['Classifier: License :: OSI Approved', mit, 'Classifier: License :: Public Domain'],
      ['MIT License', 'Public Domain'],
    ],
    [['Classifier: Topic :: License'], []],
  ])('with %j has the licences %j', (headers, names) => {
    expect(describing(...headers).licenses).toEqual(names.map((name) => ({ name })));
  });
});

group('the dependencies of a version', () => {
  test.each([
    ['requests', 'requests', undefined],
    ['Foo.Bar>=1.0,<2', 'foo-bar', '>=1.0,<2'],
    ['foo (>=1.0, <2)', 'foo', '>=1.0,<2'],
    ['foo[a,b] ~= 1.0 ; python_version < "3" and extra == "x"', 'foo', '~=1.0'],
    ['foo; extra == "test"', 'foo', undefined],
    ['foo @ https://example.com/foo.zip?a;b ; python_version < "3"', 'foo', '@ https://example.com/foo.zip?a;b'],
    ['foo >=3.6.*', 'foo', '>=3.6.*'],
  ])('%j is one on %s %s', (text, name, versionRequirement) => {
    expect(dependencies(stored(`Requires-Dist: ${text}`))).toEqual([
      { package: name, dependencyType: 'Requires-Dist', ...(versionRequirement && { versionRequirement }) },
    ]);
  });

  test('keep their order, and leave out what is none', () => {
    const names = dependencies(
      stored('Requires-Dist: b', 'Requires-Dist: >=1', 'Requires-Dist: a', 'Requires-Dist: b'),
    );
    expect(names.map(({ package: name }) => name)).toEqual(['b', 'a', 'b']);
    expect(dependencies('{}')).toEqual([]);
  });
});
