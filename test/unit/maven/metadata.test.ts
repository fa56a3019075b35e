import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PackyardError } from '../../../src/core/errors.ts';
import { gaMetadata, gavMetadata, groupMetadata } from '../../../src/formats/maven/metadata.ts';
import { parseBuild } from '../../../src/formats/maven/snapshot.ts';
import {
  announcedBuild,
  checkPlace,
  metadataLimits,
  parseMetadata,
} from '../../../src/formats/maven/uploaded-metadata.ts';

const hello = { groupId: 'org.acme', artifactId: 'hello' };
const parse = (document: string, some = {}) => parseMetadata(Buffer.from(document), { ...metadataLimits, ...some });
const lastUpdated = Date.UTC(2021, 6, 28, 19, 45, 52, 999);

const build = (version: string, ...files: { classifier?: string; extension: string }[]) => {
  const parsed = parseBuild(version);
  if (parsed === undefined) throw new Error(`${version} is no build`);
  return { ...parsed, files };
};
const jar = { extension: 'jar' };
const pom = { extension: 'pom' };
const sources = { classifier: 'sources', extension: 'jar' };

describe('the metadata of an artifact', () => {
  test('has the versions in order, the newest, and the newest release', () => {
    const versions = ['1.10', '1.2', '2.0-SNAPSHOT', '1.10-rc1', '1.2', '2.0-20210728.194552-1'];
    expect(gaMetadata({ ...hello, versions, lastUpdated })).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<metadata>
  <groupId>org.acme</groupId>
  <artifactId>hello</artifactId>
  <versioning>
    <latest>2.0-SNAPSHOT</latest>
    <release>1.10</release>
    <versions>
      <version>1.2</version>
      <version>1.10-rc1</version>
      <version>1.10</version>
      <version>2.0-SNAPSHOT</version>
    </versions>
    <lastUpdated>20210728194552</lastUpdated>
  </versioning>
</metadata>
`);
  });

  test('has no release where there are only SNAPSHOTs, and no newest where there is nothing', () => {
    expect(gaMetadata({ ...hello, versions: ['1-SNAPSHOT'], lastUpdated })).not.toContain('<release>');
    expect(gaMetadata({ ...hello, versions: [], lastUpdated })).not.toContain('<latest>');
  });

  test('is the same bytes for the same versions, and read back as they are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[\w.&<>+é-]{1,12}$/)), (versions) => {
        const document = gaMetadata({ ...hello, versions, lastUpdated });
        expect(gaMetadata({ ...hello, versions: versions.toReversed(), lastUpdated })).toBe(document);
        const read = parse(document);
        expect(read).toMatchObject({ ...hello, isOfGroup: false, lastUpdated: '20210728194552' });
        expect([...read.versions].sort()).toEqual([...versions].sort());
        expect(read.latest).toBe(read.versions.at(-1));
      }),
    );
  });
});

describe('the metadata of a SNAPSHOT', () => {
  const version = '1.0-SNAPSHOT';
  const builds = [
    build('1.0-20210728.194552-2', jar, pom),
    build('1.0-20210727.100000-1', jar, pom, sources),
    build('1.0-20210728.194552-10', pom),
  ];

  test('names the newest build, and for each kind of file the newest that has it', () => {
    expect(gavMetadata({ ...hello, version, builds })).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<metadata>
  <groupId>org.acme</groupId>
  <artifactId>hello</artifactId>
  <version>1.0-SNAPSHOT</version>
  <versioning>
    <snapshot>
      <timestamp>20210728.194552</timestamp>
      <buildNumber>10</buildNumber>
    </snapshot>
    <lastUpdated>20210728194552</lastUpdated>
    <snapshotVersions>
      <snapshotVersion>
        <extension>jar</extension>
        <value>1.0-20210728.194552-2</value>
        <updated>20210728194552</updated>
      </snapshotVersion>
      <snapshotVersion>
        <classifier>sources</classifier>
        <extension>jar</extension>
        <value>1.0-20210727.100000-1</value>
        <updated>20210727100000</updated>
      </snapshotVersion>
      <snapshotVersion>
        <extension>pom</extension>
        <value>1.0-20210728.194552-10</value>
        <updated>20210728194552</updated>
      </snapshotVersion>
    </snapshotVersions>
  </versioning>
</metadata>
`);
  });

  test('is the same in whatever order the builds come', () => {
    expect(gavMetadata({ ...hello, version, builds: builds.toReversed() })).toBe(
      gavMetadata({ ...hello, version, builds }),
    );
  });

  test('is read back, with the build it announces', () => {
    const read = parse(gavMetadata({ ...hello, version, builds }));
    expect(read).toMatchObject({ ...hello, version, snapshot: { timestamp: '20210728.194552', buildNumber: 10 } });
    expect(read.snapshotVersions).toContainEqual({
      classifier: 'sources',
      extension: 'jar',
      value: '1.0-20210727.100000-1',
      updated: '20210727100000',
    });
    expect(announcedBuild(read, version).version).toBe('1.0-20210728.194552-10');
  });

  const announcing = (snapshot: string, value: string) =>
    parse(`<metadata><versioning><snapshot>${snapshot}</snapshot><snapshotVersions><snapshotVersion>
      <extension>jar</extension><value>${value}</value></snapshotVersion></snapshotVersions></versioning></metadata>`);
  const at = (timestamp: string, number: string) =>
    `<timestamp>${timestamp}</timestamp><buildNumber>${number}</buildNumber>`;

  test.each([
    ['has no timestamp', '<buildNumber>1</buildNumber>', '1.0-20210728.194552-1'],
    ['has no number', '<timestamp>20210728.194552</timestamp>', '1.0-20210728.194552-1'],
    ['has a number that is none', at('20210728.194552', '0x1'), '1.0-20210728.194552-1'],
    ['has a timestamp that is none', at('yesterday', '1'), '1.0-yesterday-1'],
    ['has a timestamp that would lead elsewhere', at('2-20210728.194552', '1'), '1.0-2-20210728.194552-1'],
    ['names no file of that build', at('20210728.194552', '2'), '1.0-20210728.194552-1'],
    ['names a file of another SNAPSHOT', at('20210728.194552', '1'), '2.0-20210728.194552-1'],
  ])('announces no build when it %s', (_, snapshot, value) => {
    expect(() => announcedBuild(announcing(snapshot, value), version)).toThrow(PackyardError);
  });

  test('announces no build when it is that of an artifact', () => {
    const read = parse(gaMetadata({ ...hello, versions: [version], lastUpdated }));
    expect(() => announcedBuild(read, version)).toThrow('<timestamp>');
  });
});

describe('the metadata of a group', () => {
  const plugins = [
    { name: 'Say & shout', prefix: 'say', artifactId: 'say-maven-plugin' },
    { prefix: 'ask', artifactId: 'ask-maven-plugin' },
  ];

  test('lists the plugins by prefix', () => {
    expect(
      groupMetadata([{ prefix: 'ask', artifactId: 'old' }, ...plugins]),
    ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<metadata>
  <plugins>
    <plugin>
      <prefix>ask</prefix>
      <artifactId>ask-maven-plugin</artifactId>
    </plugin>
    <plugin>
      <name>Say &amp; shout</name>
      <prefix>say</prefix>
      <artifactId>say-maven-plugin</artifactId>
    </plugin>
  </plugins>
</metadata>
`);
  });

  test('is read back, and told from that of an artifact', () => {
    expect(parse(groupMetadata(plugins))).toMatchObject({ isOfGroup: true, plugins: plugins.toReversed() });
    expect(parse(groupMetadata([])).isOfGroup).toBe(true);
    expect(parse('<metadata/>').isOfGroup).toBe(false);
  });
});

describe('uploaded metadata', () => {
  test('is read as Maven writes it', () => {
    expect(
      parse(`<?xml version="1.0" encoding="UTF-8"?>
<metadata modelVersion="1.1.0" xmlns="http://maven.example/METADATA/1.1.0">
  <groupId>org.acme</groupId>
  <artifactId>hello</artifactId>
  <versioning>
    <release>1.0</release>
    <versions><version>1.0</version><version/></versions>
    <lastUpdated>20210728194552</lastUpdated>
  </versioning>
</metadata>`),
    ).toEqual({
      ...hello,
      isOfGroup: false,
      release: '1.0',
      lastUpdated: '20210728194552',
      versions: ['1.0'],
      snapshotVersions: [],
      plugins: [],
    });
  });

  test.each([
    ['nothing', ''],
    ['no XML', 'hello'],
    ['another document', '<project/>'],
    ['cut off', '<metadata><versioning><versions><version>1'],
    ['not well-formed', '<metadata><a></b></metadata>'],
    ['with an unknown entity', '<metadata><groupId>&oslash;</groupId></metadata>'],
    ['with a DOCTYPE', '<!DOCTYPE metadata [<!ENTITY x "y">]><metadata><groupId>&x;</groupId></metadata>'],
    ['nested too deep', '<metadata>'.repeat(1000)],
    ['of too many elements', `<metadata>${'<a/>'.repeat(metadataLimits.maxElements)}</metadata>`],
  ])('is refused when it is %s', (_, document) => {
    expect(() => parse(document)).toThrow(
      expect.objectContaining({ code: 'ValidationException', reason: 'CANNOT_PARSE' }),
    );
  });

  test('is refused when it is too large', () => {
    expect(() => parse(`<metadata>${' '.repeat(100)}</metadata>`, { maxBytes: 100 })).toThrow(
      expect.objectContaining({ code: 'PayloadTooLargeException' }),
    );
  });

  test('with 20,000 versions is read and written in a moment', () => {
    const versions = Array.from({ length: 20_000 }, (_, n) => `1.${n}.${n % 7}-nightly-${n}`);
    const started = performance.now();
    expect(parse(gaMetadata({ ...hello, versions, lastUpdated })).versions).toHaveLength(20_000);
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test('is of the place it was sent to, as far as it says', () => {
    const place = { ...hello, version: '1-SNAPSHOT' };
    expect(() => checkPlace(parse('<metadata/>'), place)).not.toThrow();
    expect(() => checkPlace(parse('<metadata><groupId>org.acme</groupId></metadata>'), place)).not.toThrow();
    // Maven names a version in an artifact's metadata too.
    expect(() => checkPlace(parse('<metadata><version>1</version></metadata>'), hello)).not.toThrow();
    for (const other of ['groupId', 'artifactId', 'version']) {
      expect(() => checkPlace(parse(`<metadata><${other}>other</${other}></metadata>`), place)).toThrow('"other"');
    }
  });
});
