import { describe, expect, it } from 'vitest';
import { centralMirror, mavenCentral } from '../../../src/adapters/registries/maven.ts';

const settings = (...mirrors: string[]) =>
  `<?xml version="1.0"?><settings xmlns="http://maven.apache.org/SETTINGS/1.0.0"><mirrors>${mirrors
    .map((mirror) => `<mirror><id>m</id>${mirror}</mirror>`)
    .join('')}</mirrors></settings>`;
const mirror = (mirrorOf: string, url: string, more = '') =>
  `<mirrorOf>${mirrorOf}</mirrorOf>\n<url>\n  ${url}\n</url>${more}`;

describe("The mirror of Central in Maven's settings", () => {
  it.each(['central', '*', 'external:*', 'one, central', '*,!other', ' central '])('may be one of %s', (mirrorOf) => {
    expect(centralMirror(settings(mirror(mirrorOf, 'https://mirror.example/m2')))).toBe('https://mirror.example/m2');
  });

  it.each(['other', 'external:http:*', '*,!central', 'centrals', ''])('is not one of %s', (mirrorOf) => {
    expect(centralMirror(settings(mirror(mirrorOf, 'https://mirror.example/m2')))).toBeUndefined();
  });

  it('is the one of exactly that name before those of patterns, and else the first', () => {
    const all = mirror('*', 'https://all.example/');
    const again = mirror('external:*', 'https://again.example/');
    expect(centralMirror(settings(all, again))).toBe('https://all.example/');
    expect(centralMirror(settings(all, mirror('central', 'https://central.example/')))).toBe(
      'https://central.example/',
    );
  });

  it('is none that is blocked, or that cannot be asked over HTTP', () => {
    const blocked = mirror('*', 'https://mirror.example/', '<blocked>true</blocked>');
    expect(centralMirror(settings(blocked))).toBeUndefined();
    for (const url of ['file:///srv/m2', `\${env.MIRROR}`, '']) {
      expect(centralMirror(settings(mirror('*', url)))).toBeUndefined();
    }
  });

  it.each(['', 'no XML', '<settings>', '<settings><mirrors><mirror>', '<a/>'])('is none in %j', (text) => {
    expect(centralMirror(text)).toBeUndefined();
  });
});

it('Without a mirror the address is the one that package URLs stand for', async () => {
  expect(mavenCentral.connection).toBe('public:maven-central');
  expect(await mavenCentral.canonical()).toMatch(/^https:\/\/[^/]+\/.*\/$/);
});
