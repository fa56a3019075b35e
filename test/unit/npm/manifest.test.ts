import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../../src/core/byte-writer.ts';
import {
  dependencies,
  describe as describeVersion,
  manifestTexts,
  writeWithTarball,
} from '../../../src/formats/npm/manifest.ts';

/** A stored text as it stands in an answer, given as text or as its bytes. */
function withTarball(text: string, url: string, display: string | null): string {
  const [fromText, fromBytes] = [new ByteWriter(), new ByteWriter()];
  writeWithTarball(fromText, text, url, display);
  writeWithTarball(fromBytes, Buffer.from(text), url, display);
  expect(fromBytes.toBuffer().equals(fromText.toBuffer())).toBe(true);
  return fromText.toBuffer().toString();
}

const coordinate = { format: 'npm', namespace: 'acme', name: 'hello' };
const dist = { shasum: '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12', integrity: 'sha512-abc==' };
const url = 'https://registry.example/npm/main/@acme/hello/-/hello-1.0.0.tgz';
const hello = { name: '@acme/hello', version: '1.0.0' };

/** The answer for a manifest: rendered and read back, as a client would. */
function served(manifest: object, kind: 'metadata' | 'entry' = 'metadata', distGiven: object = dist) {
  const texts = manifestTexts({ ...hello, ...manifest }, { ...distGiven });
  return JSON.parse(withTarball(texts[kind], url, texts.display)) as Record<string, unknown>;
}

const stored = (manifest: object) => manifestTexts({ ...hello, ...manifest }, dist).metadata;

describe('the full manifest', () => {
  test('is the published one, with our own _id, dist and tarball address', () => {
    const published = { ...hello, _id: 'other@9', description: 'Says hello', custom: { kept: [1, null] } };
    expect(served({ ...published, dist: { tarball: 'http://elsewhere.example/x.tgz', shasum: 'junk' } })).toEqual({
      name: '@acme/hello',
      version: '1.0.0',
      _id: '@acme/hello@1.0.0',
      description: 'Says hello',
      custom: { kept: [1, null] },
      dist: { ...dist, tarball: url },
    });
  });

  test('leaves out the readme, which is stored apart, and paths of the publisher', () => {
    const manifest = {
      readme: '# Hello',
      readmeFilename: 'README.md',
      _resolved: '/home/me/hello.tgz',
      _from: 'file:',
    };
    expect(Object.keys(served(manifest))).toEqual(['name', 'version', '_id', 'dist']);
  });

  test('keeps what an upstream registry signed, and drops attestations, which are not served here', () => {
    const signatures = [{ keyid: 'SHA256:x', sig: 'MEU=' }];
    const given = { ...dist, fileCount: 3, unpackedSize: 1234, signatures, attestations: { url: 'https://x.example' } };
    expect(served({}, 'metadata', given)['dist']).toEqual({
      ...dist,
      fileCount: 3,
      unpackedSize: 1234,
      signatures,
      tarball: url,
    });
  });

  test('has a dist to render even when a registry gives no hashes', () => {
    expect(served({}, 'metadata', {})['dist']).toEqual({ shasum: '', tarball: url });
  });

  test('keeps wrong types and hostile keys as they are', () => {
    const manifest = JSON.parse(
      '{"name":"@acme/hello","version":"1.0.0","__proto__":{"x":1},"7":"first","dependencies":["a"],"bin":7}',
    );
    const text = withTarball(manifestTexts(manifest, dist).metadata, url, null);
    expect(text).toContain('"__proto__":{"x":1}');
    expect(JSON.parse(text)).toMatchObject({ 7: 'first', dependencies: ['a'], bin: 7, dist: { tarball: url } });
  });

  test('needs a name and a version', () => {
    expect(() => manifestTexts({ name: 'x', version: 1 }, dist)).toThrow('"version"');
    expect(() => manifestTexts({ name: { toString: 1 }, version: '1.0.0' }, dist)).toThrow('"name"');
  });
});

describe('the abbreviated manifest', () => {
  test('has the fields an install needs and no other', () => {
    const installed = {
      dependencies: { a: '^1.0.0' },
      devDependencies: { b: '*' },
      peerDependencies: { c: '>=1' },
      optionalDependencies: { d: '1' },
      peerDependenciesMeta: { c: { optional: true } },
      bundleDependencies: ['a'],
      bin: { hello: 'cli.js' },
      directories: {},
      engines: { node: '>=20' },
      cpu: ['x64'],
      os: ['linux'],
      libc: ['glibc'],
      funding: 'https://x.example',
      _hasShrinkwrap: false,
      hasInstallScript: true,
    };
    const manifest = {
      ...installed,
      scripts: { test: 'x' },
      description: 'Says hello',
      license: 'MIT',
      keywords: ['x'],
    };
    expect(served(manifest, 'entry')).toEqual({ ...hello, ...installed, dist: { ...dist, tarball: url } });
  });

  test('says that there is an install script when package.json has one, whatever it claims', () => {
    expect(served({ scripts: { postinstall: 'node x' }, hasInstallScript: false }, 'entry')['hasInstallScript']).toBe(
      true,
    );
    expect(served({ scripts: { test: 'node x' } }, 'entry')).not.toHaveProperty('hasInstallScript');
    expect(served({ scripts: 'node x' }, 'entry')).not.toHaveProperty('hasInstallScript');
  });

  test('spells bundledDependencies without the d', () => {
    expect(served({ bundledDependencies: ['a'] }, 'entry')['bundleDependencies']).toEqual(['a']);
  });

  test('leaves out dependencies that are not a map of texts', () => {
    expect(
      served({ dependencies: ['a'], peerDependencies: 'x', devDependencies: { a: '1', b: { c: 1 } } }, 'entry'),
    ).toEqual({
      ...hello,
      devDependencies: { a: '1' },
      dist: { ...dist, tarball: url },
    });
  });
});

describe('a deprecation', () => {
  test('is apart from the content, and comes first in the answer', () => {
    const { metadata, entry, display } = manifestTexts({ ...hello, deprecated: 'Use "bye" instead' }, dist);
    expect(metadata + entry).not.toContain('deprecated');
    expect(display).toBe('{"deprecated":"Use \\"bye\\" instead"}');
    expect(withTarball(entry, url, display)).toMatch(/^\{"deprecated":"Use \\"bye\\" instead","name":/);
  });

  test.each(['', false, null, 7, {}])('is none when it is %j', (deprecated) => {
    expect(manifestTexts({ ...hello, deprecated }, dist).display).toBeNull();
  });

  test('of old registries is true, without a text', () => {
    expect(served({ deprecated: true })['deprecated']).toBe('This version is deprecated.');
  });
});

test('any manifest is served as valid JSON that ends in the tarball address', () => {
  const manifests = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
  fc.assert(
    fc.property(manifests, fc.string({ unit: 'binary' }), fc.jsonValue(), (manifest, address, deprecated) => {
      const texts = manifestTexts({ ...manifest, ...hello, deprecated }, dist);
      for (const text of [texts.metadata, texts.entry]) {
        const answer = JSON.parse(withTarball(text, address, texts.display));
        expect(answer).toMatchObject({ ...hello, dist });
        expect(answer.dist.tarball).toBe(JSON.parse(JSON.stringify(address)));
      }
      describeVersion(coordinate, texts.metadata);
      dependencies(texts.metadata);
    }),
  );
});

describe('the description of a version', () => {
  test('is read from the manifest', () => {
    const manifest = {
      description: 'Says hello',
      homepage: 'https://hello.example',
      repository: { type: 'git', url: 'git+https://git.example/acme/hello.git' },
      license: 'MIT',
    };
    expect(describeVersion(coordinate, stored(manifest))).toEqual({
      displayName: '@acme/hello',
      summary: 'Says hello',
      homePage: 'https://hello.example',
      sourceCodeRepository: 'https://git.example/acme/hello.git',
      licenses: [{ name: 'MIT' }],
    });
  });

  test('is only the name when the manifest says nothing, or nonsense', () => {
    const bare = { displayName: '@acme/hello', licenses: [] };
    expect(describeVersion(coordinate, stored({}))).toEqual(bare);
    const nonsense = { description: 7, homepage: ['x'], repository: [], license: { type: 5 }, licenses: { a: 1 } };
    expect(describeVersion(coordinate, stored(nonsense))).toEqual(bare);
    expect(describeVersion(coordinate, stored({ homepage: 'javascript:alert(1)' }))).toEqual(bare);
  });

  test.each([
    ['git+https://git.example/a/b.git', 'https://git.example/a/b.git'],
    ['git+ssh://git@git.example/a/b.git', 'ssh://git@git.example/a/b.git'],
    ['git@git.example:a/b.git', 'ssh://git@git.example/a/b.git'],
    ['acme/hello', 'https://github.com/acme/hello.git'],
    ['github:acme/hello', 'https://github.com/acme/hello.git'],
    ['gitlab:acme/group/hello', 'https://gitlab.com/acme/group/hello.git'],
    ['bitbucket:acme/hello.git', 'https://bitbucket.org/acme/hello.git'],
    ['gist:11081aaa281', 'https://gist.github.com/11081aaa281.git'],
    ['git://github.com/acme/hello.git', 'https://github.com/acme/hello.git'],
    ['git+ssh://git@github.com/acme/hello.git', 'https://github.com/acme/hello.git'],
    ['git+ssh://git@github.com:acme/hello.git', 'https://github.com/acme/hello.git'],
    ['git@github.com:acme/hello.git', 'https://github.com/acme/hello.git'],
    ['https://git.example/acme/mono/tree/main/hello', 'https://git.example/acme/mono/tree/main/hello'],
    ['hello', undefined],
    ['../hello', undefined],
    ['file:///home/me/hello', undefined],
    ['javascript:alert(1)', undefined],
    ['', undefined],
  ])('makes of the repository %s the address %s', (repository, address) => {
    expect(describeVersion(coordinate, stored({ repository })).sourceCodeRepository).toBe(address);
    expect(describeVersion(coordinate, stored({ repository: { url: repository } })).sourceCodeRepository).toBe(address);
  });

  test.each([
    [{ license: 'MIT' }, [{ name: 'MIT' }]],
    [{ license: { type: 'MIT', url: 'https://x.example' } }, [{ name: 'MIT', url: 'https://x.example' }]],
    [{ licenses: [{ type: 'MIT' }, 'ISC', 7, null] }, [{ name: 'MIT' }, { name: 'ISC' }]],
    [{ license: 'MIT', licenses: [{ type: 'MIT' }] }, [{ name: 'MIT' }]],
    [{ license: { url: 'https://x.example' } }, [{ url: 'https://x.example' }]],
  ])('reads the licenses of %j', (manifest, licenses) => {
    expect(describeVersion(coordinate, stored(manifest)).licenses).toEqual(licenses);
  });
});

describe('the dependencies of a version', () => {
  test('come in the order of the manifest, with their scopes apart and their ranges as written', () => {
    const manifest = {
      devDependencies: { vitest: '^4.0.0' },
      dependencies: { '@acme/core': '~1.2', lodash: 'npm:other@1', fork: 'git+https://git.example/a.git', any: '' },
      peerDependencies: { react: '>=18' },
      optionalDependencies: { fsevents: '2' },
    };
    expect(dependencies(stored(manifest))).toEqual([
      { package: 'vitest', dependencyType: 'dev', versionRequirement: '^4.0.0' },
      { namespace: 'acme', package: 'core', dependencyType: 'regular', versionRequirement: '~1.2' },
      { package: 'lodash', dependencyType: 'regular', versionRequirement: 'npm:other@1' },
      { package: 'fork', dependencyType: 'regular', versionRequirement: 'git+https://git.example/a.git' },
      { package: 'any', dependencyType: 'regular', versionRequirement: '' },
      { package: 'react', dependencyType: 'peer', versionRequirement: '>=18' },
      { package: 'fsevents', dependencyType: 'optional', versionRequirement: '2' },
    ]);
  });

  test('list a name once, as optional, that npm wrote into both maps', () => {
    const manifest = { dependencies: { a: '1', b: '1' }, optionalDependencies: { b: '1' } };
    expect(dependencies(stored(manifest)).map((one) => [one.package, one.dependencyType])).toEqual([
      ['a', 'regular'],
      ['b', 'optional'],
    ]);
  });

  test('leave out what is no dependency', () => {
    const manifest = { dependencies: { a: 1, '../b': '1', '': '1' }, devDependencies: ['c'], peerDependencies: null };
    expect(dependencies(stored(manifest))).toEqual([]);
  });
});
