import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registryAddresses } from '../../src/adapters/registries/addresses.ts';
import { mavenCentral } from '../../src/adapters/registries/maven.ts';
import { Machine } from '../support/client-machine.ts';
import { type Client, describeClients } from '../support/clients.ts';
import { gradleProject, leinProject, sbtArguments, sbtProject } from '../support/maven-builds.ts';
import { libraryProject, MavenMachine, mavenLimitMs, programProject } from '../support/maven-machine.ts';
import { MavenWorld } from '../support/maven-world.ts';

/** Maven is little without its plugins: they come through the server, from where the machine's own Maven finds them. */
const central = await registryAddresses({}, [mavenCentral]).find('public:maven-central');
const isReachable = await canReach();
const succeeded = expect.objectContaining({ code: 0 });

const limit = { timeout: mavenLimitMs };

const newerMaven = '3.9.9';
const sbt = '1.10.7';
const sources = 'org.apache.maven.plugins:maven-source-plugin:3.3.1:jar-no-fork';
const greeter = { groupId: 'com.acme', artifactId: 'greeter' };

describe.skipIf(!isReachable)(`Maven${isReachable ? '' : ' (its public repository is out of reach)'}`, () => {
  describeClients('on a machine with nothing in its local repository', ['mvn', 'java'], (mvn, java) => {
    let world: MavenWorld;
    let endpoint: string;
    let machine: MavenMachine;
    let newer: { readonly machine: MavenMachine; readonly mvn: Client };
    beforeAll(async () => {
      const sketches = { store: 'public:maven-central', base: ['store'], team: ['base'] } as const;
      world = await MavenWorld.with(sketches, { registry: { 'public:maven-central': central?.url } });
      endpoint = world.endpoint('maven', 'team');
      machine = new MavenMachine({ endpoint, token: world.token }, mvn);
    });
    afterAll(async () => {
      machine[Symbol.dispose]();
      newer?.machine[Symbol.dispose]();
      await world[Symbol.asyncDispose]();
    });

    /** Builds the program against the library of that version, fresh from the server, and tells what it says. */
    async function build(machine: MavenMachine, maven: Client, version: string): Promise<string> {
      const app = machine.project(`program-${version}`, programProject(version));
      machine.forget('com.acme');
      const goals = ['package', 'dependency:copy-dependencies', '-DoutputDirectory=target/classpath'];
      expect(await machine.mvn(maven, goals, app)).toEqual(succeeded);
      const classpath = [join(app, 'target', 'classes'), join(app, 'target', 'classpath', '*')].join(':');
      using runner = new Machine(java);
      const { stdout } = await runner.run(java, ['-cp', classpath, 'com.acme.Program']);
      return stdout.trim();
    }

    it('gets a public artifact with what it depends on, through two repositories', limit, async () => {
      const get = ['dependency:get', '-Dartifact=junit:junit:4.13.2'];
      expect(await machine.mvn(mvn, get)).toEqual(succeeded);
      expect(machine.localFiles('org.hamcrest', 'hamcrest-core', '1.3')).toContain('hamcrest-core-1.3.jar');
      const junit = { groupId: 'junit', artifactId: 'junit' };
      for (const [repository, held] of [
        ['team', { '4.13.2': 'Published' }],
        ['base', {}],
        ['store', { '4.13.2': 'Published' }],
      ] as const) {
        expect(await world.held(repository, junit)).toMatchObject(held);
      }
      expect(await world.described('team', junit, '4.13.2')).toMatchObject({
        displayName: 'JUnit',
        licenses: [{ name: 'Eclipse Public License 1.0' }],
      });
    });

    it('deploys a release, which another build depends on', limit, async () => {
      const library = machine.project('library-1.0', libraryProject(endpoint, '1.0', 'hello 1.0'));
      expect(await machine.mvn(mvn, ['deploy'], library)).toEqual(succeeded);
      expect(await world.held('team', greeter)).toEqual({ '1.0': 'Published' });
      expect(await build(machine, mvn, '1.0')).toBe('hello 1.0');
    });

    it('is told when the release is there with other content', limit, async () => {
      const library = machine.project('library-again', libraryProject(endpoint, '1.0', 'hello again'));
      const outcome = await machine.mvn(mvn, ['deploy'], library);
      expect(outcome.code).toBe(1);
      expect(outcome.stdout).toContain('409');
    });

    it('deploys SNAPSHOTs with their sources, the newest of which the next build takes', limit, async () => {
      for (const greeting of ['early', 'late']) {
        const library = machine.project('library-1.1', libraryProject(endpoint, '1.1-SNAPSHOT', greeting));
        expect(await machine.mvn(mvn, ['package', sources, 'deploy'], library)).toEqual(succeeded);
        expect(await build(machine, mvn, '1.1-SNAPSHOT')).toBe(greeting);
      }
      const held = await world.held('team', greeter);
      expect(held['1.1-SNAPSHOT']).toBe('Published');
      expect(Object.values(held).filter((status) => status === 'Unlisted')).toHaveLength(2);
      // Its deploy plugin sends them after the metadata.
      expect(await world.assets('team', greeter, '1.1-SNAPSHOT')).toContainEqual(
        expect.stringContaining('-sources.jar'),
      );
    });

    it('takes the newest of a range', limit, async () => {
      const library = machine.project('library-1.2', libraryProject(endpoint, '1.2', 'hello 1.2'));
      expect(await machine.mvn(mvn, ['deploy'], library)).toEqual(succeeded);
      const app = machine.project('ranged', programProject('[1.0,1.2]'));
      expect(await machine.mvn(mvn, ['package'], app)).toEqual(succeeded);
      expect(machine.localFiles('com.acme', 'greeter', '1.2')).toContain('greeter-1.2.jar');
    });

    it('with a wrong token gets nothing and leaves nothing', limit, async () => {
      using stranger = new MavenMachine({ endpoint, token: 'not-a-token' }, mvn);
      const library = stranger.project('library', libraryProject(endpoint, '6.6', 'mine'));
      const outcome = await stranger.mvn(mvn, ['deploy'], library);
      expect(outcome.code).toBe(1);
      expect(outcome.stdout).toMatch(/not authorized|Unauthorized|401/i);
      expect(await world.held('team', greeter)).not.toHaveProperty('6.6');
    });

    it(`of version ${newerMaven} comes as an artifact itself, and uploads in parallel`, limit, async () => {
      const unpacked = machine.folder('newer');
      const artifact = `-Dartifact=org.apache.maven:apache-maven:${newerMaven}:zip:bin`;
      const unpack = ['dependency:unpack', artifact, `-DoutputDirectory=${unpacked}`];
      expect(await machine.mvn(mvn, unpack)).toEqual(succeeded);
      const program = join(unpacked, `apache-maven-${newerMaven}`, 'bin', 'mvn');
      chmodSync(program, 0o755);
      const client: Client = { name: 'mvn', command: 'mvn', program, isInstalled: true };
      newer = { machine: new MavenMachine({ endpoint, token: world.token }, client), mvn: client };
      const version = await newer.machine.mvn(newer.mvn, ['--version']);
      expect(version.stdout).toContain(`Apache Maven ${newerMaven}`);
      const library = newer.machine.project('library-2.0', libraryProject(endpoint, '2.0', 'hello 2.0'));
      expect(await newer.machine.mvn(newer.mvn, ['package', sources, 'deploy'], library)).toEqual(succeeded);
      expect(await world.assets('team', greeter, '2.0')).toEqual([
        'greeter-2.0-sources.jar',
        'greeter-2.0.jar',
        'greeter-2.0.pom',
      ]);
      expect(await build(newer.machine, newer.mvn, '2.0')).toBe('hello 2.0');
    });

    it(`of version ${newerMaven} deploys and takes SNAPSHOTs`, limit, async () => {
      const library = newer.machine.project('library-2.1', libraryProject(endpoint, '2.1-SNAPSHOT', 'hello 2.1'));
      expect(await newer.machine.mvn(newer.mvn, ['deploy'], library)).toEqual(succeeded);
      expect(await build(newer.machine, newer.mvn, '2.1-SNAPSHOT')).toBe('hello 2.1');
    });

    it('sbt, itself an artifact, builds on the library and publishes to the same place', limit, async () => {
      const folder = machine.folder('sbt');
      const artifact = `-Dartifact=org.scala-sbt:sbt-launch:${sbt}`;
      const copy = ['dependency:copy', artifact, `-DoutputDirectory=${folder}`];
      expect(await machine.mvn(mvn, copy)).toEqual(succeeded);
      const settings = { endpoint, token: world.token, realm: 'acme/team' };
      const project = machine.project('sbt-project', sbtProject(settings, sbt, ['com.acme', 'greeter', '1.0']));
      const args = [...sbtArguments(folder, project), '-jar', join(folder, `sbt-launch-${sbt}.jar`), 'publish'];
      using builder = new Machine(java);
      // The build of the build looks for credentials here.
      const env = { SBT_CREDENTIALS: join(project, 'credentials') };
      expect(await builder.run(java, args, { cwd: project, env, limitMs: mavenLimitMs })).toEqual(succeeded);
      const published = { groupId: 'com.acme', artifactId: 'caller' };
      expect(await world.assets('team', published, '1.0')).toEqual(['caller-1.0.jar', 'caller-1.0.pom']);
      // It sends no metadata.
      expect(await world.held('team', published)).toEqual({ '1.0': 'Unfinished' });
    });
  });
});

describe.skipIf(!isReachable)(
  `Others who build${isReachable ? '' : ' (the public repository is out of reach)'}`,
  () => {
    let world: MavenWorld;
    let settings: { readonly endpoint: string; readonly token: string };
    beforeAll(async () => {
      world = await MavenWorld.with(
        { store: 'public:maven-central', team: ['store'] },
        { registry: { 'public:maven-central': central?.url } },
      );
      settings = { endpoint: world.endpoint('maven', 'team'), token: world.token };
    });
    afterAll(() => world[Symbol.asyncDispose]());

    const slf4j = { groupId: 'org.slf4j', artifactId: 'slf4j-api' };

    describeClients('Gradle', ['gradle', 'java'], (gradle) => {
      it('takes a SNAPSHOT, and the newest of a public version', limit, async () => {
        using machine = new Machine(gradle);
        await world.maven('team').deploySnapshot({ ...greeter, version: '3.0-SNAPSHOT' }, '20210728.194552-1');
        const libraries = ['com.acme:greeter:3.0-SNAPSHOT', 'org.slf4j:slf4j-api:1.7.+'] as const;
        const project = gradleProject(settings, ...libraries);
        const cwd = machine.project('caller', project);
        const env = { GRADLE_USER_HOME: machine.folder('gradle') };
        expect(await machine.run(gradle, ['--no-daemon', 'copy'], { cwd, env, limitMs: mavenLimitMs })).toEqual(
          succeeded,
        );
        expect(readdirSync(join(cwd, 'copied')).sort()).toEqual([
          expect.stringMatching(/^greeter-3\.0-.*\.jar$/),
          expect.stringMatching(/^slf4j-api-1\.7\.\d+\.jar$/),
        ]);
      });
    });

    describeClients('Leiningen', ['lein', 'java'], (lein) => {
      it('takes a public library, and deploys', limit, async () => {
        using machine = new Machine(lein);
        const library = '[org.slf4j/slf4j-api "1.7.36"]';
        const cwd = machine.project('clojurist', leinProject(settings, machine.folder('repository'), library));
        const run = { cwd, env: { LEIN_HOME: machine.folder('lein') }, limitMs: mavenLimitMs };
        expect(await machine.run(lein, ['with-profile', '-base', 'deps'], run)).toEqual(succeeded);
        expect(await world.held('team', slf4j)).toHaveProperty(['1.7.36'], 'Published');
        expect(await machine.run(lein, ['with-profile', '-base', 'deploy', 'acme'], run)).toEqual(succeeded);
        expect(await world.held('team', { groupId: 'com.acme', artifactId: 'clojurist' })).toEqual({
          '1.0': 'Published',
        });
      });
    });
  },
);

describeClients('curl', ['curl'], (curl) => {
  it('sends and gets files as AWS documents it', async () => {
    await using world = await MavenWorld.with({ team: [] });
    using laptop = new Machine(curl);
    const endpoint = world.endpoint('maven', 'team');
    const folder = laptop.project('files', {
      'app.jar': 'the jar',
      'maven-metadata.xml':
        '<metadata><groupId>com.acme</groupId><artifactId>app</artifactId><versioning><versions><version>1.0</version></versions></versioning></metadata>',
    });
    const user = ['--silent', '--fail', '--user', `aws:${world.token}`];
    const send = (file: string, path: string) => {
      const type = 'Content-Type: application/octet-stream';
      const args = [...user, '--request', 'PUT', endpoint + path, '--header', type, '--data-binary', `@${file}`];
      return laptop.run(curl, args, { cwd: folder });
    };
    expect(await send('app.jar', 'com/acme/app/1.0/app-1.0.jar')).toEqual(succeeded);
    const artifact = { groupId: 'com.acme', artifactId: 'app' };
    expect(await world.held('team', artifact)).toEqual({ '1.0': 'Unfinished' });
    expect(await send('maven-metadata.xml', 'com/acme/app/maven-metadata.xml')).toEqual(succeeded);
    const got = await laptop.run(curl, [...user, `${endpoint}com/acme/app/1.0/app-1.0.jar`]);
    expect(got.stdout).toBe('the jar');
  });
});

async function canReach(): Promise<boolean> {
  if (central === undefined) return false;
  const url = `${central.url}junit/junit/maven-metadata.xml`;
  const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  return answer?.ok === true;
}
