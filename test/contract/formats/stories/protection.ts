import { type OutgoingHttpHeaders, request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Format } from '../../../../src/formats/format.ts';
import { allow, GuardedServer, keyOf, region, tokenActions } from '../../../support/principals.ts';
import { EndpointUser } from '../../../support/user.ts';
import type { Stories } from '../describe-format.ts';
import type { Place } from '../format-user.ts';

const owner = '111122223333';

/** Who may not, may not; and what is no path leads nowhere. */
export function protection({ world, user }: Stories, { routes }: Format): void {
  it('cannot be published where the origin configuration or a package group blocks it: 403', async () => {
    const release = world().fresh();
    await world().published('apart', release);
    const next = { ...release, version: '2.0.0' };
    const place = world().where('apart', release.name);
    for (const [publish, status] of [
      ['BLOCK', 403],
      ['ALLOW', 409],
    ] as const) {
      await world().call('PutPackageOriginConfiguration', { ...place, restrictions: { publish, upstream: 'BLOCK' } });
      if (publish === 'BLOCK') expect(await world().publish('apart', next)).toBe(status);
      else expect(await world().publish('apart', { ...release, text: 'other' })).toBe(status);
    }
    await world().restrictGroup(release.name, { PUBLISH: 'BLOCK' });
    expect(await world().publish('apart', next)).toBe(403);
    expect(await world().versions('apart', release.name)).toEqual(['1.0.0']);
    await world().expectBytes('apart', release);
    await world().restrictGroup(release.name, { PUBLISH: 'ALLOW' });
    await world().published('apart', next);
  });

  it.each([undefined, 'not-a-token'])('is for nobody with the token %s: 401 with a challenge', async (token) => {
    const release = world().fresh();
    await world().published('apart', release);
    const nobody = new EndpointUser(world().place('apart').user.endpoint, token);
    const place: Place = { user: nobody, publishedByApi: async () => [] };
    const { name, bytes } = await world().mainFile(release);
    const answer = await nobody.fetch(user.pathOf(release, name));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/(Basic|Bearer) realm="acme\/apart"/);
    expect(Buffer.from(await answer.arrayBuffer()).includes(bytes)).toBe(false);
    expect(await user.publish(place, { ...release, version: '2.0.0' })).toBe(401);
    expect(await world().versions('apart', release.name)).toEqual(['1.0.0']);
  });

  it('has routes that say which permission they need, and answer nobody without a token', async () => {
    const nobody = new EndpointUser(world().place('apart').user.endpoint, undefined);
    for (const route of routes) {
      const { method, path, action } = route;
      const isRead = action === 'ReadFromRepository';
      expect(isRead || route.coordinate !== undefined || route.isPackageInBody, `${method} ${path}`).toBe(true);
      if (method === 'GET') expect(isRead, `${method} ${path}`).toBe(true);
      const filled = path.replace(/:\w+|\*/g, 'x');
      const answer = await nobody.fetch(filled, { method });
      expect([answer.status, await answer.text()], `${method} ${path}`).toEqual([401, expect.stringMatching(/token/i)]);
    }
  });

  it('needs permission: 403 without, and no more than its own', async () => {
    const users = {
      admin: { policies: ['AdministratorAccess'] },
      nobody: { policies: [[allow(tokenActions)]] },
      reader: { policies: [[allow([...tokenActions, 'ReadFromRepository'])]] },
      writer: { policies: [[allow([...tokenActions, ...user.publishActions])]] },
    };
    await using server = await GuardedServer.enforcing({ [owner]: { users } });
    const admin = keyOf(owner, 'admin');
    await server.ok(admin, 'CreateDomain', { domain: 'acme' });
    await server.ok(admin, 'CreateRepository', { domain: 'acme', repository: 'app' });
    const endpoint = `${server.url}/d/${region}/acme-${owner}/${user.format}/app/`;
    const place = async (name: string): Promise<Place> => ({
      user: new EndpointUser(endpoint, await server.token(keyOf(owner, name), 'acme')),
      publishedByApi: async () => [],
    });
    const [nobody, reader, writer] = [await place('nobody'), await place('reader'), await place('writer')];
    const release = world().fresh();
    const path = user.pathOf(release, (await world().mainFile(release)).name);
    const ask = async (from: Place) => (await from.user.fetch(path)).status;
    for (const one of [nobody, reader]) expect(await user.publish(one, release)).toBe(403);
    expect([await ask(nobody), await ask(reader), await ask(writer)]).toEqual([403, 404, 403]);
    expect(await user.publish(writer, release)).toBeOneOf([200, 201, 202, 204]);
    expect([await ask(nobody), await ask(reader), await ask(writer)]).toEqual([403, 200, 403]);
  });

  it('keeps nothing of a publish that breaks off', async () => {
    const release = world().fresh({ text: 'x'.repeat(2_000) });
    const place = world().place('apart');
    const cut = { ...place, user: new CutUser(place.user.endpoint, place.user.token) };
    expect(await user.publish(cut, release)).toBe(CutUser.status);
    expect(await world().versions('apart', release.name)).toEqual([]);
    expect(await world().listed('apart', release.name)).toEqual([]);
    await world().published('apart', release);
    await world().expectBytes('apart', release);
  });

  it('is at its own path only: nothing leads out, and nothing breaks', async () => {
    const release = world().fresh();
    await world().published('apart', release);
    const { name } = await world().mainFile(release);
    const path = user.pathOf(release, name);
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    const tricks = [
      '../../../../../../etc/passwd',
      '..%2f..%2f..%2f..%2fetc%2fpasswd',
      '%2e%2e/%2e%2e/%2e%2e/etc/passwd',
      '..%5c..%5cwindows%5cwin.ini',
      './x',
      '//x',
      '%00',
      'a%00.b',
      '%zz',
      '%',
      '%ff%fe',
      '%c0%ae%c0%ae/%c0%ae%c0%ae/x',
      'a%0d%0aset-cookie:%20x',
      '%e2%80%ae',
      '*',
      '__proto__',
      'constructor/prototype',
      'x'.repeat(10_000),
    ];
    const { endpoint } = world().place('apart').user;
    const packages = async () => (await world().call('ListPackages', { repository: 'apart' }))['packages'];
    const [before, assets] = [await packages(), await world().assets('apart', release)];
    for (const base of ['', folder, `${path}/`, `${folder}../`]) {
      for (const trick of tricks) {
        for (const method of ['GET', 'HEAD', 'PUT', 'POST', 'DELETE']) {
          const { status, text } = await raw(method, endpoint, base + trick, world().token);
          expect(status, `${method} ${base}${trick.slice(0, 50)}`).toBeOneOf([400, 403, 404, 405, 409, 414, 415]);
          expect(text).not.toMatch(/root:|node_modules|\.ts:\d/);
        }
      }
    }
    expect(await world().listed('apart', release.name)).toEqual(['1.0.0']);
    expect([await packages(), await world().assets('apart', release)]).toEqual([before, assets]);
  });
}

/** Someone whose connection breaks in the middle of what is sent. */
class CutUser extends EndpointUser {
  static readonly status = 599;

  override async fetch(path: string, init: Parameters<EndpointUser['fetch']>[1] = {}): Promise<Response> {
    const { method = 'GET', headers, body } = init;
    const bytes = Buffer.from(body as string);
    const { hostname, port, pathname } = new URL(this.endpoint);
    const about: OutgoingHttpHeaders = {
      ...(headers as Record<string, string>),
      authorization: `Bearer ${this.token}`,
      'content-length': bytes.length,
    };
    await new Promise<void>((resolve) => {
      const sent = request({ hostname, port, method, path: pathname + path, headers: about });
      sent.on('close', resolve).on('error', () => undefined);
      sent.write(bytes.subarray(0, bytes.length / 2), () => void setTimeout(50).then(() => sent.destroy()));
    });
    // Until the server has seen it.
    await setTimeout(50);
    return new Response(null, { status: CutUser.status });
  }
}

/** A request whose path is sent as it is written. */
function raw(method: string, endpoint: string, path: string, token: string): Promise<{ status: number; text: string }> {
  const { hostname, port, pathname } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const sent = request({ hostname, port, method, path: pathname + path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject).end(method === 'PUT' || method === 'POST' ? 'nothing good' : undefined);
  });
}
