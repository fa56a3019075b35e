import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FilePath,
  fileNameOf,
  filePath,
  isCoordinate,
  mavenSegments,
  metadataPath,
  parseFileName,
  parseMavenPath,
  publishObstacle,
} from '../../../src/formats/maven/paths.ts';

/** What a raw path names, as a request would have it. */
const parse = (rawPath: string) => {
  const segments = mavenSegments(rawPath);
  return segments === undefined ? undefined : parseMavenPath(segments);
};

const guava = { groupId: 'com.google.guava', artifactId: 'guava', version: '33.0-jre' };
const hello = { groupId: 'org.acme', artifactId: 'hello', version: '1.0-SNAPSHOT' };

describe('the path of a file', () => {
  test.each([
    ['guava-33.0-jre.jar', { extension: 'jar' }],
    ['guava-33.0-jre.pom', { extension: 'pom' }],
    ['guava-33.0-jre.module', { extension: 'module' }],
    ['guava-33.0-jre.tar.gz', { extension: 'tar.gz' }],
    ['guava-33.0-jre.pom.asc', { extension: 'pom.asc' }],
    ['guava-33.0-jre.1.jar', { extension: '1.jar' }],
    ['guava-33.0-jre-sources.jar', { classifier: 'sources', extension: 'jar' }],
    ['guava-33.0-jre-2.jar', { classifier: '2', extension: 'jar' }],
    ['guava-33.0-jre-linux-x86_64.tar.gz', { classifier: 'linux-x86_64', extension: 'tar.gz' }],
    ['guava-33.0-jre-scala-2.13.jar', { classifier: 'scala-2.13', extension: 'jar' }],
    ['guava-33.0-jre-sources.jar.asc', { classifier: 'sources', extension: 'jar.asc' }],
    ['guava-33.0-jre-sources.jar.sigstore.json', { classifier: 'sources', extension: 'jar.sigstore.json' }],
    ['guava-33.0-jre-all', { classifier: 'all', extension: '' }],
    ['guava-33.0-jre-read me.txt', { classifier: 'read me', extension: 'txt' }],
  ])('says of %s what it is', (fileName, kind) => {
    const path = `com/google/guava/guava/33.0-jre/${encodeURIComponent(fileName)}`;
    expect(parse(path)).toEqual({ kind: 'file', ...guava, fileName, ...kind });
    expect(parse(filePath(guava, fileName))).toEqual(parse(path));
    expect(fileNameOf('guava', '33.0-jre', kind)).toBe(fileName);
  });

  test('may hold a plus, spelled either way', () => {
    const file = { groupId: 'g', artifactId: 'a', version: '1.0+b' };
    for (const path of ['g/a/1.0+b/a-1.0+b.jar', 'g/a/1.0%2Bb/a-1.0%2Bb.jar']) expect(parse(path)).toMatchObject(file);
    expect(filePath(file, 'a-1.0+b.jar')).toBe('g/a/1.0+b/a-1.0+b.jar');
  });

  test('keeps upper and lower case apart', () => {
    expect(parse('G/A/1/A-1.jar')).toMatchObject({ groupId: 'G', artifactId: 'A' });
    expect(parse('g/a/1/A-1.jar')).toMatchObject({ kind: 'unreadable' });
  });

  test('of a build lies in its SNAPSHOT’s directory', () => {
    expect(parse('org/acme/hello/1.0-SNAPSHOT/hello-1.0-20210728.194552-3-sources.jar')).toEqual({
      kind: 'file',
      ...hello,
      fileName: 'hello-1.0-20210728.194552-3-sources.jar',
      classifier: 'sources',
      extension: 'jar',
      buildVersion: '1.0-20210728.194552-3',
    });
    expect(parse('g/a/SNAPSHOT/a-20210728.194552-3.pom')).toMatchObject({ buildVersion: '20210728.194552-3' });
  });

  test('of a SNAPSHOT may be asked for without a timestamp, but not published', () => {
    const path = parse('org/acme/hello/1.0-SNAPSHOT/hello-1.0-SNAPSHOT.jar') as FilePath;
    expect(path).toEqual({ kind: 'file', ...hello, fileName: 'hello-1.0-SNAPSHOT.jar', extension: 'jar' });
    expect(publishObstacle(path)).toContain('no timestamp');
    const build = parse('org/acme/hello/1.0-SNAPSHOT/hello-1.0-20210728.194552-3.jar') as FilePath;
    expect(publishObstacle(build)).toBeUndefined();
    expect(publishObstacle(parse('g/a/1.0-snapshot/a-1.0-snapshot.jar') as FilePath)).toBeUndefined();
  });

  test.each([
    ['too few directories', 'a/1/a-1.jar'],
    ['another artifact', 'g/a/1/b-1.jar'],
    ['another version', 'g/a/1/a-2.jar'],
    ['a longer version', 'g/a/1/a-10.jar'],
    ['no extension or classifier', 'g/a/1/a-1'],
    ['an empty extension', 'g/a/1/a-1.'],
    ['an empty classifier', 'g/a/1/a-1-'],
    ['an empty classifier before an extension', 'g/a/1/a-1-.jar'],
    ['a build of another SNAPSHOT', 'g/a/1-SNAPSHOT/a-2-20210728.194552-1.jar'],
    ['a build outside of a SNAPSHOT', 'g/a/1-20210728.194552-1/a-1-20210728.194552-1.jar'],
    ['a dot in the group’s directory', 'org.acme/a/1/a-1.jar'],
    ['the version LATEST', 'g/a/LATEST/a-LATEST.jar'],
    ['the version RELEASE', 'g/a/RELEASE/a-RELEASE.jar'],
    ['a version like the metadata', 'g/a/maven-metadata.xml/a-maven-metadata.xml.jar'],
    ['an artifact like its checksum', 'g/maven-metadata.xml.sha1/1/maven-metadata.xml.sha1-1.jar'],
    ['a space in the version', 'g/a/1%200/a-1%200.jar'],
    ['a number sign in the artifact', 'g/a%23/1/a%23-1.jar'],
    ['a segment of more than 255 bytes', `g/a/1/a-1-${'ü'.repeat(125)}.jar`],
    ['a group of more than 255 characters', `${'abc/'.repeat(80)}a/1/a-1.jar`],
    ['a signature of metadata', 'g/a/maven-metadata.xml.asc'],
  ])('has not %s', (_, path) => {
    expect(parse(path)).toMatchObject({ kind: 'unreadable', reason: expect.stringMatching(/\.$/) });
  });
});

describe('a path that leaves its place', () => {
  test.each([
    '',
    '/',
    '/g/a/1/a-1.jar',
    'g/a/1/',
    'g//a/1/a-1.jar',
    'g/../a/1/a-1.jar',
    'g/./a/1/a-1.jar',
    'g/%2e%2e/a/1/a-1.jar',
    'g/%2E/a/1/a-1.jar',
    'g/a%2f..%2fb/1/a-1.jar',
    'g/a/1/a-1%2Fb.jar',
    'g/a/1/a-1\\b.jar',
    'g/a/1/a-1%5Cb.jar',
    'g/a/1/a-1%00.jar',
    'g/a/1/a-1%0A.jar',
    'g/a;x=y/1/a-1.jar',
    'g/a/1/a-1.jar;jsessionid=1',
    'g/a/1/a-1%3Bb.jar',
    'g/a/1/a-1%E2%80%AE.jar',
    'g/a/1/a-1%.jar',
    'g/a/1/a-1%zz.jar',
    'g/a/1/a-1%C3%28.jar',
  ])('is refused: %s', (path) => {
    expect(parse(path)).toBeUndefined();
  });

  test('is decoded once only', () => {
    expect(parse('g/a/1/a-1-%252e%252e.jar')).toMatchObject({ kind: 'file', classifier: '%2e%2e' });
  });

  test('is refused as segments as well', () => {
    expect(parseMavenPath(['g', '..', 'a', '1', 'a-1.jar']).kind).toBe('unreadable');
    expect(parseMavenPath([]).kind).toBe('unreadable');
  });

  test.each([
    ['..', 'a'],
    ['g', '..'],
    ['g..h', 'a'],
    ['.g', 'a'],
    ['g', 'a\\b'],
    ['g', 'maven-metadata.xml'],
    ['', 'a'],
    ['g', ''],
  ])('is not made of %j and %j', (groupId, artifactId) => {
    expect(isCoordinate(groupId, artifactId)).toBe(false);
  });

  test('is not needed for the names of real artifacts', () => {
    expect(isCoordinate('org.scala-lang', 'scala-library_2.13')).toBe(true);
    expect(isCoordinate('junit', 'junit')).toBe(true);
  });
});

describe('the path of metadata', () => {
  test('may be that of a group’s plugins or of an artifact’s versions', () => {
    expect(parse('org/acme/hello/maven-metadata.xml')).toEqual({
      kind: 'metadata',
      group: 'org.acme.hello',
      artifact: { groupId: 'org.acme', artifactId: 'hello' },
    });
    expect(metadataPath('org.acme', 'hello')).toBe('org/acme/hello/maven-metadata.xml');
    expect(metadataPath('org.acme.hello')).toBe('org/acme/hello/maven-metadata.xml');
  });

  test('is that of a group alone, directly below the endpoint', () => {
    expect(parse('org/maven-metadata.xml')).toEqual({ kind: 'metadata', group: 'org' });
  });

  test('is that of an artifact alone, when a dot is in its name', () => {
    const artifact = { groupId: 'org.acme', artifactId: 'hello_2.13' };
    expect(parse('org/acme/hello_2.13/maven-metadata.xml')).toEqual({ kind: 'metadata', artifact });
  });

  test('is that of a SNAPSHOT', () => {
    expect(parse('org/acme/hello/1.0-SNAPSHOT/maven-metadata.xml')).toEqual({ kind: 'metadata', snapshot: hello });
    expect(metadataPath('org.acme', 'hello', '1.0-SNAPSHOT')).toBe('org/acme/hello/1.0-SNAPSHOT/maven-metadata.xml');
  });

  test.each(['maven-metadata.xml', 'org.acme/hello/maven-metadata.xml', 'a b/maven-metadata.xml'])(
    'is not %s',
    (path) => {
      expect(mavenSegments(path)).toBeDefined();
      expect(parse(path)).toMatchObject({ kind: 'unreadable' });
    },
  );
});

describe('the path of a checksum', () => {
  test.each(['md5', 'sha1', 'sha256', 'sha512'])('of %s is that of its file with a suffix', (algorithm) => {
    for (const path of [
      'g/a/1/a-1.jar',
      'g/a/1/a-1.jar.asc',
      'g/a/1-SNAPSHOT/a-1-20210728.194552-1.pom',
      'g/a/maven-metadata.xml',
      'g/a/1-SNAPSHOT/maven-metadata.xml',
    ]) {
      expect(parse(`${path}.${algorithm}`)).toEqual({ kind: 'checksum', algorithm, of: parse(path) });
    }
  });

  test.each(['g/a/1/a-1.jar.sha1.sha1', 'g/a/1/a-1.sha1.md5', 'g/a/1/a-1.sha1', 'g/a/1/b-1.jar.sha1'])(
    'is not %s',
    (path) => {
      expect(parse(path)).toMatchObject({ kind: 'unreadable' });
    },
  );

  test('is spelled in lower case', () => {
    expect(parse('g/a/1/a-1.jar.SHA1')).toMatchObject({ kind: 'file', extension: 'jar.SHA1' });
  });
});

describe('any path', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9_+@:~é][A-Za-z0-9_+.@:~é-]{0,8}$/);
  const group = fc.array(fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/), { minLength: 1, maxLength: 5 });
  const base = name.filter((version) => !/SNAPSHOT$|^LATEST$|^RELEASE$|\d{8}\.\d{6}-\d+$/.test(version));
  const kind = fc.record({
    classifier: fc.option(fc.stringMatching(/^[A-Za-z0-9_ ][A-Za-z0-9_]{0,8}$/), { nil: undefined }),
    extension: fc.constantFrom('jar', 'pom', 'tar.gz', 'jar.asc', 'module'),
  });

  test('of a release’s file is found again from its coordinates', () => {
    fc.assert(
      fc.property(group, name, base, kind, (groups, artifactId, version, file) => {
        const coordinate = { groupId: groups.join('.'), artifactId, version };
        const fileName = fileNameOf(artifactId, version, file);
        expect(parse(filePath(coordinate, fileName))).toEqual({
          kind: 'file',
          ...coordinate,
          fileName,
          ...defined(file),
        });
      }),
    );
  });

  test('of a build’s file is found again from its coordinates', () => {
    const timestamp = fc.stringMatching(/^[0-9]{8}\.[0-9]{6}$/);
    fc.assert(
      fc.property(group, name, base, kind, timestamp, fc.nat(99), (groups, artifactId, stem, file, time, number) => {
        const coordinate = { groupId: groups.join('.'), artifactId, version: `${stem}-SNAPSHOT` };
        const buildVersion = `${stem}-${time}-${number}`;
        const fileName = fileNameOf(artifactId, buildVersion, file);
        expect(parse(filePath(coordinate, fileName))).toEqual({
          kind: 'file',
          ...coordinate,
          fileName,
          ...defined(file),
          buildVersion,
        });
        expect(parseFileName(artifactId, coordinate.version, fileName)).toMatchObject({ buildVersion });
      }),
    );
  });

  test('that can be read leads back to itself, and nothing else throws', () => {
    const segment = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('g', 'a', '1', '1-SNAPSHOT', 'a-1.jar', 'a-1-20210728.194552-1.jar', 'maven-metadata.xml', '..'),
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 6 }), (segments) => {
        const path = parseMavenPath(segments);
        if (path.kind === 'file') expect(mavenSegments(filePath(path, path.fileName))).toEqual(segments);
        if (path.kind !== 'metadata') return;
        const places = [
          path.group && metadataPath(path.group),
          path.artifact && metadataPath(path.artifact.groupId, path.artifact.artifactId),
          path.snapshot && metadataPath(path.snapshot.groupId, path.snapshot.artifactId, path.snapshot.version),
        ];
        for (const place of places) if (place !== undefined) expect(mavenSegments(place)).toEqual(segments);
      }),
      { numRuns: 500 },
    );
  });
});

function defined(file: { classifier: string | undefined; extension: string }) {
  const { classifier, extension } = file;
  return classifier === undefined ? { extension } : { classifier, extension };
}
