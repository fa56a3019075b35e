import { afterAll, beforeAll, expect, it } from 'vitest';
import { MavenUser } from '../support/maven-world.ts';
import { allow, GuardedServer, keyOf, region, tokenActions } from '../support/principals.ts';

const owner = '111122223333';
const artifact = (path: string) => `arn:aws:codeartifact:${region}:${owner}:package/acme/app/maven/${path}`;
const grant = (actions: string[], path: string) => [allow(tokenActions), allow(actions, artifact(path))];

let server: GuardedServer;
beforeAll(async () => {
  server = await GuardedServer.enforcing({
    [owner]: {
      users: {
        admin: { policies: ['AdministratorAccess'] },
        // What is sent to com/acme/maven-metadata.xml may be of the artifact com:acme or of the group com.acme.
        stranger: { policies: [grant(['PublishPackageVersion', 'PutPackageMetadata'], 'com/acme')] },
        // The team whose group it is, and nothing else.
        team: {
          policies: [
            [...grant(['PublishPackageVersion', 'PutPackageMetadata'], 'com.acme/*'), allow('ReadFromRepository')],
          ],
        },
        publisher: { policies: [grant(['PublishPackageVersion'], 'com.acme/*')] },
      },
    },
  });
  const admin = keyOf(owner, 'admin');
  await server.ok(admin, 'CreateDomain', { domain: 'acme' });
  await server.ok(admin, 'CreateRepository', { domain: 'acme', repository: 'app' });
});
afterAll(() => server[Symbol.asyncDispose]());

async function maven(user: string): Promise<MavenUser> {
  const token = await server.token(keyOf(owner, user), 'acme');
  return new MavenUser(`${server.url}/d/${region}/acme-${owner}/maven/app/`, token);
}

it('Who may publish but not put metadata sends files that nobody sees', async () => {
  const publisher = await maven('publisher');
  expect(await publisher.send('com/acme/tool/1.0/tool-1.0.jar', 'jar')).toBe(201);
  const listing = '<metadata><versioning><versions><version>1.0</version></versions></versioning></metadata>';
  expect(await publisher.send('com/acme/tool/maven-metadata.xml', listing)).toBe(403);
  const admin = await maven('admin');
  expect((await admin.get('com/acme/tool/1.0/tool-1.0.jar')).status).toBe(404);
  expect(await admin.send('com/acme/tool/maven-metadata.xml', listing)).toBe(201);
  expect((await admin.get('com/acme/tool/1.0/tool-1.0.jar')).status).toBe(200);
});

it('The prefix of a plugin needs permission for the plugin', async () => {
  const admin = await maven('admin');
  await admin.deploy({ groupId: 'com.acme', artifactId: 'a-plugin', version: '1.0' });
  const plugin = '<plugin><prefix>a</prefix><artifactId>a-plugin</artifactId></plugin>';
  const metadata = `<metadata><plugins>${plugin}</plugins></metadata>`;
  expect(await (await maven('stranger')).send('com/acme/maven-metadata.xml', metadata)).toBe(403);
  expect((await admin.get('com/acme/maven-metadata.xml')).status).toBe(404);
  expect(await admin.send('com/acme/maven-metadata.xml', metadata)).toBe(201);
  expect(await (await maven('stranger')).send('com/acme/maven-metadata.xml', metadata)).toBe(403);
});

it('Who may publish in a group deploys a plugin of it, whatever else is at its path', async () => {
  const team = await maven('team');
  await team.deploy({ groupId: 'com.acme', artifactId: 'b-plugin', version: '1.0' });
  const plugin = (name: string) => `<plugin><prefix>${name}</prefix><artifactId>${name}-plugin</artifactId></plugin>`;
  const path = 'com/acme/maven-metadata.xml';
  await team.upload(path, `<metadata><plugins>${plugin('b')}</plugins></metadata>`);
  expect(await team.text(path)).toContain('<prefix>b</prefix>');
  const admin = await maven('admin');
  await admin.deploy({ groupId: 'com', artifactId: 'acme', version: '1' });
  await team.deploy({ groupId: 'com.acme', artifactId: 'c-plugin', version: '1.0' });
  const versioning = '<versioning><versions><version>1</version></versions></versioning>';
  await team.upload(path, `<metadata>${versioning}<plugins>${plugin('b')}${plugin('c')}</plugins></metadata>`);
  expect(await team.text(path)).toContain('<prefix>c</prefix>');
  expect(await team.send(path, `<metadata>${versioning}</metadata>`)).toBe(403);
});
