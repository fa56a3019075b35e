import { expect, describe as group, test } from 'vitest';
import { dependencies, describe, storedMetadata } from '../../../src/formats/maven/describe.ts';
import { parsePom, pomLimits } from '../../../src/formats/maven/pom.ts';

const hello = { format: 'maven', namespace: 'org.acme', name: 'hello' };
const stored = (content: string) => storedMetadata(parsePom(Buffer.from(`<project>${content}</project>`), pomLimits));

group('a version is described', () => {
  test('by its POM', () => {
    const metadata =
      stored(`<name>Acme Hello</name><description>Says hello.</description><url>https://acme.example</url>
      <scm><url>https://git.example/acme</url></scm>
      <licenses><license><name>MIT</name><url>https://license.example/mit</url></license></licenses>`);
    expect(describe(hello, metadata)).toEqual({
      displayName: 'Acme Hello',
      summary: 'Says hello.',
      homePage: 'https://acme.example',
      sourceCodeRepository: 'https://git.example/acme',
      licenses: [{ name: 'MIT', url: 'https://license.example/mit' }],
    });
  });

  test('by its artifact’s name where there is no POM, or none that can be read', () => {
    const nothing = { displayName: 'hello', licenses: [] };
    expect(describe(hello, storedMetadata(undefined))).toEqual(nothing);
    expect(describe(hello, stored(''))).toEqual(nothing);
    expect(dependencies(storedMetadata(undefined))).toEqual([]);
  });

  test('without addresses that would run where someone follows them', () => {
    const metadata = stored(`<url>javascript:alert(1)</url><scm><url>data:text/html,x</url></scm>
      <licenses><license><name>MIT</name><url>javascript:alert(1)</url></license></licenses>`);
    expect(describe(hello, metadata)).toEqual({ displayName: 'hello', licenses: [{ name: 'MIT' }] });
  });

  test('with the texts that people write for addresses', () => {
    const metadata = stored('<url>acme.example</url><scm><url>scm:git:git@git.example:acme.git</url></scm>');
    expect(describe(hello, metadata)).toMatchObject({
      homePage: 'acme.example',
      sourceCodeRepository: 'scm:git:git@git.example:acme.git',
    });
  });
});

test('dependencies are the parent, then the direct ones by scope', () => {
  const entry = (artifactId: string, rest: string) =>
    `<dependency><groupId>g</groupId><artifactId>${artifactId}</artifactId>${rest}</dependency>`;
  const metadata =
    stored(`<parent><groupId>org.acme</groupId><artifactId>parent</artifactId><version>7</version></parent>
    <dependencies>${entry('a', '<version>[1,2)</version>')}${entry('b', '<scope>test</scope>')}
    ${entry('c', '<version>1</version><scope>provided</scope><optional>true</optional>')}
    ${entry('no name', '')}${entry('x/y', '')}${entry('x'.repeat(256), '')}</dependencies>`);
  expect(dependencies(metadata)).toEqual([
    { namespace: 'org.acme', package: 'parent', dependencyType: 'parent', versionRequirement: '7' },
    { namespace: 'g', package: 'a', dependencyType: 'compile', versionRequirement: '[1,2)' },
    { namespace: 'g', package: 'b', dependencyType: 'test' },
    { namespace: 'g', package: 'c', dependencyType: 'optional', versionRequirement: '1' },
  ]);
});
