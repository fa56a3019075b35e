import { describe, expect, test } from 'vitest';
import { PackyardError } from '../../../src/core/errors.ts';
import { assetPath, listingLimits, listingUrl, parseListing } from '../../../src/formats/maven/remote-listing.ts';

const registry = 'https://maven.example/maven2/';
const guava = { groupId: 'com.google.guava', artifactId: 'guava' };
const listing = (content: string) => parseListing(guava, Buffer.from(`<metadata>${content}</metadata>`), listingLimits);
const versions = (...names: string[]) =>
  `<versioning><versions>${names.map((name) => `<version>${name}</version>`).join('')}</versions></versioning>`;

describe('the address', () => {
  test('of a listing and of a file are below the registry’s', () => {
    expect(listingUrl(registry, guava)).toBe(`${registry}com/google/guava/guava/maven-metadata.xml`);
    expect(assetPath(guava, '33.0-jre', 'guava-33.0-jre.jar')).toBe(
      'com/google/guava/guava/33.0-jre/guava-33.0-jre.jar',
    );
    expect(assetPath(guava, '1+b', 'guava-1+b-read me.txt')).toBe('com/google/guava/guava/1+b/guava-1+b-read%20me.txt');
  });

  test.each([
    [{ groupId: '..', artifactId: 'a' }, '1', 'a-1.jar'],
    [{ groupId: 'g', artifactId: '..' }, '1', '..-1.jar'],
    [guava, '..', 'guava-...jar'],
    [guava, '1', '../guava-1.jar'],
    [guava, '1', 'other-1.jar'],
    [guava, '1', 'x?guava-1.jar'],
    [guava, '\ud800', 'guava-\ud800.jar'],
  ])('never leads elsewhere: %j %s %s', (artifact, version, name) => {
    expect(assetPath(artifact, version, name)).toBeUndefined();
  });

  test('of a listing never leads elsewhere', () => {
    expect(() => listingUrl(registry, { groupId: '..', artifactId: 'a' })).toThrow(PackyardError);
  });
});

describe('a listing', () => {
  test('gives the releases, once each, in the registry’s order', () => {
    const content = `<groupId>com.google.guava</groupId><artifactId>guava</artifactId>
      ${versions('10', '9', '10', '11-SNAPSHOT', '11')}`;
    expect(listing(content)).toEqual({ versions: ['10', '9', '11'], lastUpdated: null, plugins: [] });
  });

  test('gives when it was changed, if it says so', () => {
    const changed = (text: string) =>
      listing(`<versioning><lastUpdated>${text}</lastUpdated></versioning>`).lastUpdated;
    expect(changed('20210728194552')).toBe(Date.UTC(2021, 6, 28, 19, 45, 52));
    for (const wrong of ['', '20211328194552', 'yesterday', '2021072819455']) expect(changed(wrong)).toBeNull();
  });

  test('gives no version that could not be asked for', () => {
    const names = ['../1', '..', 'a b', '1#2', 'LATEST', '1-20210728.194552-1', 'x'.repeat(300), '1;2', '2'];
    expect(listing(versions(...names)).versions).toEqual(['2']);
  });

  test.each([
    ['a page', '<html><body>Not found</body></html>'],
    ['cut off', `<metadata>${versions('1')}`],
    ['of another artifact', '<metadata><artifactId>other</artifactId></metadata>'],
    ['of another group', '<metadata><groupId>other</groupId></metadata>'],
    ['with a DOCTYPE', '<!DOCTYPE metadata><metadata/>'],
  ])('is refused when it is %s', (_, body) => {
    expect(() => parseListing(guava, Buffer.from(body), listingLimits)).toThrow(
      expect.objectContaining({ code: 'BadGatewayException' }),
    );
  });
});
