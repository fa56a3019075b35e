// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are Maven’s properties
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { parsePom, pomLimits, readPom } from '../../../src/formats/maven/pom.ts';

const pom = (content: string) => parsePom(Buffer.from(`<project>${content}</project>`), pomLimits);

/** A POM as a real library has it. */
const whole = `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.example/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>org.acme</groupId>
    <artifactId>acme-parent</artifactId>
    <version>7</version>
    <relativePath/>
  </parent>
  <artifactId>hello</artifactId>
  <version>1.0</version>
  <packaging>maven-plugin</packaging>
  <name>Acme :: \${project.artifactId}</name>
  <description>
    Says hello.
  </description>
  <url>https://acme.example/\${project.artifactId}</url>
  <licenses>
    <license><name>Apache-2.0</name><url>https://license.example/apache-2.0</url></license>
    <license><distribution>repo</distribution></license>
    <license><name>MIT</name></license>
  </licenses>
  <scm><connection>scm:git:https://git.example/acme.git</connection><url>https://git.example/acme</url></scm>
  <properties><junit.version>4.13.2</junit.version></properties>
  <dependencyManagement><dependencies><dependency>
    <groupId>managed</groupId><artifactId>managed</artifactId><version>1</version><scope>import</scope>
  </dependency></dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>\${junit.version}</version><scope>test</scope></dependency>
    <dependency><groupId>\${project.groupId}</groupId><artifactId>core</artifactId><version>[1.0,2.0)</version>
      <exclusions><exclusion><groupId>x</groupId><artifactId>x</artifactId></exclusion></exclusions></dependency>
    <dependency><groupId>managed</groupId><artifactId>managed</artifactId><optional>true</optional></dependency>
    <dependency><groupId>no-artifact</groupId></dependency>
  </dependencies>
  <build><plugins><plugin><groupId>p</groupId><artifactId>p</artifactId>
    <dependencies><dependency><groupId>of</groupId><artifactId>plugin</artifactId></dependency></dependencies>
  </plugin></plugins></build>
  <profiles><profile><dependencies><dependency><groupId>of</groupId><artifactId>profile</artifactId></dependency></dependencies></profile></profiles>
</project>`;

const wholeRead = {
  groupId: 'org.acme',
  artifactId: 'hello',
  version: '1.0',
  packaging: 'maven-plugin',
  name: 'Acme :: hello',
  description: 'Says hello.',
  url: 'https://acme.example/hello',
  scmUrl: 'https://git.example/acme',
  licenses: [{ name: 'Apache-2.0', url: 'https://license.example/apache-2.0' }, { name: 'MIT' }],
  parent: { groupId: 'org.acme', artifactId: 'acme-parent', version: '7' },
  dependencies: [
    { groupId: 'junit', artifactId: 'junit', version: '4.13.2', scope: 'test' },
    { groupId: 'org.acme', artifactId: 'core', version: '[1.0,2.0)' },
    { groupId: 'managed', artifactId: 'managed', optional: true },
  ],
  properties: new Map([['junit.version', '4.13.2']]),
};

describe('a POM', () => {
  test('tells what is its own, and nothing of plugins, profiles or what it manages', () => {
    expect(parsePom(Buffer.from(whole), pomLimits)).toEqual(wholeRead);
  });

  test('is read from a stream, whatever the pieces', async () => {
    const pieces = [...Buffer.from(whole)].map((byte) => Uint8Array.of(byte));
    expect(await readPom(Readable.from(pieces), pomLimits)).toEqual(wholeRead);
    const stream = Readable.from([Buffer.from('<project>')]);
    stream.destroy(new Error('connection lost'));
    await expect(readPom(stream, pomLimits)).rejects.toThrow('connection lost');
  });

  test('may say next to nothing', () => {
    expect(pom('')).toEqual({ packaging: 'jar', licenses: [], dependencies: [], properties: new Map() });
  });

  test('has group and version of its parent unless it has its own, but never its parent’s name', () => {
    const parent = '<parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version></parent>';
    expect(pom(parent)).toMatchObject({ groupId: 'g', version: '1' });
    expect(pom(parent)).not.toHaveProperty('artifactId');
    expect(pom(`<groupId>h</groupId><version>2</version>${parent}`)).toMatchObject({ groupId: 'h', version: '2' });
  });

  test.each([
    ['with HTML’s entities', '<project><name>Bj&oslash;rn</name></project>', 'Bj&oslash;rn'],
    ['without its end', '<project><name>x</name><url>', 'x'],
    ['up to a stray closing tag', '<project><name>x</name></url><url>y</url></project>', 'x'],
    ['with characters before it', 'x <project><name>x</name></project>', 'x'],
    ['with something after it', '<project><name>x</name></project> x', 'x'],
  ])('is read %s', (_, document, name) => {
    expect(parsePom(Buffer.from(document), pomLimits)?.name).toBe(name);
  });

  test('is read in Latin-1', () => {
    const document = '<?xml version="1.0" encoding="ISO-8859-1"?><project><name>Søren</name></project>';
    expect(parsePom(Buffer.from(document, 'latin1'), pomLimits)?.name).toBe('Søren');
  });

  test.each([
    ['nothing', ''],
    ['a JAR', 'PK\u0003\u0004\0\0'],
    ['another document', '<html><body>Not found</body></html>'],
    ['a document with a DOCTYPE', '<!DOCTYPE project [<!ENTITY x "y">]><project><name>&x;</name></project>'],
    ['one nested too deep', `<project>${'<a>'.repeat(1000)}`],
    ['one with too many elements', `<project>${'<a/>'.repeat(pomLimits.maxElements)}</project>`],
  ])('is not %s', (_, document) => {
    expect(parsePom(Buffer.from(document), pomLimits)).toBeUndefined();
  });

  test('of 50 MB is read no further than the limit', async () => {
    let piecesRead = 0;
    function* pieces() {
      yield Buffer.from('<project><description>');
      for (; piecesRead < 50; piecesRead++) yield Buffer.alloc(1024 * 1024, 'x');
    }
    const stream = Readable.from(pieces());
    expect(await readPom(stream, pomLimits)).toBeUndefined();
    expect(piecesRead).toBeLessThan(10);
    expect(stream.destroyed).toBe(true);
  });
});

describe('a property', () => {
  const versionOf = (properties: string, version: string, rest = '') =>
    pom(
      `<properties>${properties}</properties>${rest}<dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>${version}</version></dependency></dependencies>`,
    )?.dependencies[0]?.version;

  test.each([
    ['<v>1</v>', '${v}', '1'],
    ['<v>1</v>', '${v}.${v}-x', '1.1-x'],
    ['<v>${w}.0</v><w>2</w>', '${v}', '2.0'],
    ['<v.w-x>1</v.w-x>', '${v.w-x}', '1'],
    ['<v/>', '[${v}]', '[]'],
    ['<__proto__>1</__proto__>', '${__proto__}', '1'],
  ])('%s makes of %s %s', (properties, version, replaced) => {
    expect(versionOf(properties, version)).toBe(replaced);
  });

  test.each([
    ['', '${v}'],
    ['', '${env.HOME}'],
    ['', '${java.version}'],
    ['', '${project.build.directory}'],
    ['', '${toString}'],
    ['', '${}'],
    ['', '${v'],
    ['<v>${v}</v>', '${v}'],
  ])('%s leaves %s as it is', (properties, version) => {
    expect(versionOf(properties, version)).toBe(version);
  });

  test('may be one of the project, which comes before one of that name', () => {
    const own =
      '<version>3</version><parent><groupId>g</groupId><artifactId>p</artifactId><version>2</version></parent>';
    expect(versionOf('', '${project.version}', own)).toBe('3');
    expect(versionOf('', '${project.parent.version}', own)).toBe('2');
    expect(versionOf('', '${project.groupId}', own)).toBe('g');
    expect(versionOf('<project.version>9</project.version>', '${project.version}', own)).toBe('3');
    expect(versionOf('', '${version}', own)).toBe('${version}');
  });

  test('that leads in a circle is left where the circle closes', () => {
    expect(versionOf('<a>a${b}</a><b>b${a}</b>', '${a}')).toBe('ab${a}');
  });

  test('that doubles others is not written out', () => {
    const laughs = Array.from({ length: 200 }, (_, n) => `<l${n}>${`\${l${n + 1}}`.repeat(10)}</l${n}>`).join('');
    const started = performance.now();
    expect(versionOf(`${laughs}<l200>lol</l200>`, '${l0}')?.length).toBeLessThan(2000);
    expect(versionOf(laughs, '${l0}')?.length).toBeLessThan(2000);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('in a long chain does not exhaust the stack', () => {
    const chain = Array.from({ length: 40_000 }, (_, n) => `<c${n}>\${c${n + 1}}</c${n}>`).join('');
    expect(versionOf(chain, '${c0}')).toMatch(/^\$\{c\d+\}$/);
  });
});
