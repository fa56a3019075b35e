import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acme, admin, alice, owner } from '../authorization/acme.ts';
import { allow, arnIn, deny, type Statement, tokenActions } from '../support/principals.ts';
import { PypiUser, uploadParts, wheelFile } from '../support/pypi-user.ts';
import { PypiWorld } from '../support/pypi-world.ts';

describe('Without a good token', () => {
  let world: PypiWorld;
  beforeAll(async () => {
    world = await PypiWorld.with({ team: [] });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it.each(['GET simple/demo/', 'HEAD simple/demo/1.0/demo-1.0.tar.gz', 'POST ', 'GET nonsense'])(
    '%s is a 401 with the one challenge that Python understands',
    async (request) => {
      const [method = '', path = ''] = request.split(' ');
      for (const user of [world.stranger('team'), world.pypi('team', 'not-a-token')]) {
        const response = await user.fetch(path, { method });
        expect(response.status).toBe(401);
        expect(response.headers.get('www-authenticate')).toBe('Basic realm="acme/team"');
      }
    },
  );

  it('nothing of an upload is stored', async () => {
    expect((await world.stranger('team').upload('demo', '1.0', wheelFile('demo', '1.0'))).status).toBe(401);
    expect(await world.held('team', 'demo')).toEqual([]);
  });

  it('a token is taken as the password of any user', async () => {
    const basic = (user: string) => `Basic ${Buffer.from(`${user}:${world.token}`).toString('base64')}`;
    for (const user of ['aws', '__token__']) {
      const response = await world.stranger('team').fetch('simple/', { headers: { authorization: basic(user) } });
      expect(response.status).toBe(200);
    }
  });
});

describe('The right to publish', () => {
  const { server, people, npmOf } = acme();
  const at = async (name: string) => {
    const npm = await npmOf(alice, name);
    const token = await server().token(alice, 'acme', { domainOwner: owner });
    return new PypiUser(npm.endpoint.replace('/npm/', '/pypi/'), token);
  };
  const may = (...statements: readonly Statement[]) =>
    people({ alice: { policies: [[allow(tokenActions), ...statements]] } });
  const onDemo = arnIn(owner, 'package/acme/app/pypi//demo-pkg');
  const status = async (user: PypiUser, name: string, order: 'fields first' | 'file first' = 'fields first') => {
    const parts = uploadParts(name, '1.0', wheelFile(name, '1.0'));
    const response = await user.post(order === 'fields first' ? parts : [...parts.slice(-1), ...parts.slice(0, -1)]);
    return response.status;
  };
  const refusal = (name: string) => ({
    message: expect.stringContaining(
      `not authorized to perform: codeartifact:PublishPackageVersion on resource: ${arnIn(owner, `package/acme/app/pypi//${name}`)} `,
    ),
  });

  it('is about the package that the form names, normalized, in whatever order it names it', async () => {
    may(allow('PublishPackageVersion', onDemo));
    const user = await at('app');
    for (const order of ['fields first', 'file first'] as const) {
      expect(await status(user, 'Demo.Pkg', order)).toBe(200);
      expect(await status(user, 'other', order)).toBe(403);
    }
    const response = await user.upload('Other', '1.0', wheelFile('Other', '1.0'));
    expect([response.status, await response.json()]).toEqual([403, refusal('other')]);
    may(allow('PublishPackageVersion'), deny('PublishPackageVersion', onDemo));
    expect(await status(user, 'demo_pkg')).toBe(403);
    expect(await status(user, 'other')).toBe(200);
  });

  it('cannot be got by naming two packages', async () => {
    may(allow('PublishPackageVersion', onDemo));
    const user = await at('app');
    const wheel = wheelFile('other', '1.0');
    for (const names of [
      ['demo-pkg', 'other'],
      ['other', 'demo-pkg'],
    ]) {
      const [first, ...rest] = uploadParts('demo-pkg', '1.0', wheel).filter(({ name }) => name !== 'name');
      const parts = [
        ...names.map((value) => ({ name: 'name', value })),
        ...(first === undefined ? [] : [first]),
        ...rest,
      ];
      expect([400, 403]).toContain((await user.post(parts)).status);
    }
    expect([400, 403]).toContain((await user.upload('demo-pkg', '1.0', wheel)).status);
    const held = await server().call(admin, 'ListPackages', { domain: 'acme', repository: 'app' });
    expect(held.answer).toMatchObject({ packages: [] });
  });

  it('needs none to read, and gives none', async () => {
    may(allow('PublishPackageVersion'));
    const user = await at('app');
    expect(await status(user, 'demo')).toBe(200);
    expect((await user.fetch('simple/demo/')).status).toBe(403);
    may(allow('ReadFromRepository'));
    expect((await user.fetch('simple/demo/')).status).toBe(200);
    expect(await status(user, 'another')).toBe(403);
  });

  it('comes before anybody learns whether the repository is there', async () => {
    may(allow('ReadFromRepository'));
    const refused = await (await at('absent')).upload('demo', '1.0', wheelFile('demo', '1.0'));
    expect([refused.status, await refused.text()]).toEqual([403, expect.not.stringContaining('does not exist')]);
    may(allow('PublishPackageVersion'));
    expect(await status(await at('absent'), 'demo')).toBe(404);
  });
});
