import {
  CreatePackageGroupCommand,
  UpdatePackageGroupOriginConfigurationCommand,
  UpdatePackageVersionsStatusCommand,
} from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonType, sdistFile, wheelFile } from '../support/pypi-user.ts';
import { PypiWorld } from '../support/pypi-world.ts';

let world: PypiWorld;
beforeAll(async () => {
  world = await PypiWorld.with({ team: [] });
  await world.pypi('team').upload('Demo.Pkg', '1.0', wheelFile('Demo.Pkg', '1.0', ['Requires-Python: >=3.8, <4']));
  await world.pypi('team').upload('Demo.Pkg', '1.0', await sdistFile('Demo.Pkg', '1.0'));
});
afterAll(() => world[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) =>
  world.pypi('team').fetch(path, { headers, redirect: 'manual' });

const wheelName = 'Demo_Pkg-1.0-py3-none-any.whl';

describe('GET /simple/{project}/', () => {
  it('is JSON of PEP 691 and 700 for who asks for that', async () => {
    const response = await get('simple/demo-pkg/', { accept: jsonType });
    expect(response.headers.get('content-type')).toBe(jsonType);
    expect(await response.json()).toEqual({
      meta: { 'api-version': '1.1' },
      name: 'demo-pkg',
      versions: ['1.0'],
      files: [
        {
          filename: 'Demo.Pkg-1.0.tar.gz',
          url: '1.0/Demo.Pkg-1.0.tar.gz',
          hashes: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
          size: expect.any(Number),
          'upload-time': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          yanked: false,
        },
        {
          filename: wheelName,
          url: `1.0/${wheelName}`,
          hashes: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
          size: expect.any(Number),
          'upload-time': expect.stringMatching(/Z$/),
          'requires-python': '>=3.8, <4',
          yanked: false,
          'core-metadata': { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
        },
      ],
    });
  });

  it.each([
    [undefined, 'text/html; charset=utf-8'],
    ['*/*', 'text/html; charset=utf-8'],
    ['text/html', 'text/html; charset=utf-8'],
    ['application/vnd.pypi.simple.v1+html', 'application/vnd.pypi.simple.v1+html'],
    ['application/vnd.pypi.simple.latest+json', jsonType],
    [`${jsonType}, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01`, jsonType],
  ])('with Accept: %s is %s', async (accept, type) => {
    const response = await get('simple/demo-pkg/', accept === undefined ? {} : { accept });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect(response.headers.get('vary')).toContain('Accept');
  });

  it('is a 406 for who takes nothing that is served', async () => {
    expect((await get('simple/demo-pkg/', { accept: 'application/json' })).status).toBe(406);
  });

  it('has one link a file in HTML, with its hash and all that is said of it', async () => {
    const html = await (await get('simple/demo-pkg/')).text();
    expect(html).toContain('<meta name="pypi:repository-version" content="1.1">');
    const [link = ''] = html.split('\n').filter((line) => line.includes('.whl'));
    expect(link).toMatch(new RegExp(`href="1\\.0/${wheelName}#sha256=[0-9a-f]{64}"`));
    expect(link).toContain('data-requires-python="&gt;=3.8, &lt;4"');
    expect(link).toMatch(/data-core-metadata="sha256=[0-9a-f]{64}"/);
  });

  it('costs nobody its bytes who has them already', async () => {
    for (const accept of [jsonType, 'text/html']) {
      const first = await get('simple/demo-pkg/', { accept });
      const etag = first.headers.get('etag') ?? '';
      expect((await get('simple/demo-pkg/', { accept, 'if-none-match': etag })).status).toBe(304);
    }
  });

  it.each([
    ['simple/demo-pkg', 'simple/demo-pkg/'],
    ['simple/Demo.Pkg', 'simple/demo-pkg/'],
    ['simple/Demo__Pkg/', 'simple/demo-pkg/'],
    ['simple/demo%2epkg/', 'simple/demo-pkg/'],
    ['simple', 'simple/'],
  ])('is where %s leads to', async (path, place) => {
    const response = await get(path, { accept: jsonType });
    expect(response.status).toBe(301);
    const location = new URL(response.headers.get('location') ?? '', world.pypi('team').endpoint + path);
    expect(location.href).toBe(world.pypi('team').endpoint + place);
  });

  it.each(['simple/nothing/', 'simple/-bad-/', 'simple/x%2f..%2fy/', 'pypi/demo-pkg/json'])(
    'of %s there is none',
    async (path) => {
      expect((await get(path)).status).toBeGreaterThanOrEqual(400);
    },
  );

  it('leaves out what is Unlisted, which can be downloaded all the same, and forgets nothing else', async () => {
    const pypi = world.pypi('team');
    const [hidden, kept] = [wheelFile('shy', '1.0'), wheelFile('shy', '2.0')];
    await pypi.upload('shy', '1.0', hidden);
    await pypi.upload('shy', '2.0', kept);
    const setStatus = (targetStatus: 'Unlisted' | 'Archived') =>
      world.aws.send(
        new UpdatePackageVersionsStatusCommand({
          domain: 'acme',
          repository: 'team',
          format: 'pypi',
          package: 'shy',
          versions: ['1.0'],
          targetStatus,
        }),
      );
    const wheel = `simple/shy/1.0/${hidden.fileName}`;
    await setStatus('Unlisted');
    expect(await pypi.files('shy')).toEqual([kept.fileName]);
    expect((await get(wheel)).status).toBe(200);
    expect((await get(`${wheel}.metadata`)).status).toBe(200);
    await setStatus('Archived');
    expect((await get(wheel)).status).toBe(404);
    expect((await get(`${wheel}.metadata`)).status).toBe(404);
  });

  it('lets no text of a package become a tag', async () => {
    const evil = `>=3"><script>alert(1)</script>`;
    await world.pypi('team').upload('evil', '1.0', wheelFile('evil', '1.0', [`Requires-Python: ${evil}`]));
    const html = await (await get('simple/evil/')).text();
    expect(html).not.toContain('<script>');
    expect((await world.pypi('team').page('evil'))['files'][0]['requires-python']).toBe(evil);
  });
});

describe('GET /simple/', () => {
  it('lists the projects', async () => {
    const { projects } = (await (await get('simple/', { accept: jsonType })).json()) as { projects: object[] };
    expect(projects).toContainEqual({ name: 'demo-pkg' });
    expect(await (await get('simple/')).text()).toContain('<a href="demo-pkg/">demo-pkg</a>');
  });

  it('has those of upstreams too, each once, in order', async () => {
    await using chained = await PypiWorld.with({ base: [], team: ['base'] });
    for (const name of ['zeta', 'both']) await chained.pypi('base').upload(name, '1.0', wheelFile(name, '1.0'));
    await chained.pypi('base').upload('alpha', '1.0', wheelFile('alpha', '1.0'));
    for (const name of ['mine', 'both']) await chained.pypi('team').upload(name, '2.0', wheelFile(name, '2.0'));
    const listed = async () => {
      const response = await chained.pypi('team').fetch('simple/', { headers: { accept: jsonType } });
      const { projects } = (await response.json()) as { projects: { name: string }[] };
      return projects.map(({ name }) => name);
    };
    expect(await listed()).toEqual(['alpha', 'both', 'mine', 'zeta']);
    // Where a group keeps a project out, its page is not there either.
    const alpha = { domain: 'acme', packageGroup: '/pypi//alpha$' };
    await chained.aws.send(new CreatePackageGroupCommand(alpha));
    const restrictions = { INTERNAL_UPSTREAM: 'BLOCK' } as const;
    await chained.aws.send(new UpdatePackageGroupOriginConfigurationCommand({ ...alpha, restrictions }));
    expect(await listed()).toEqual(['both', 'mine', 'zeta']);
  });
});

describe('With --strict', () => {
  it('there is neither the list of projects nor metadata beside wheels', async () => {
    await using strict = await PypiWorld.with({ team: [] }, { strict: true });
    const pypi = strict.pypi('team');
    const file = wheelFile('demo', '1.0');
    await pypi.upload('demo', '1.0', file);
    for (const path of ['simple/', 'simple', `simple/demo/1.0/${file.fileName}.metadata`]) {
      expect((await pypi.fetch(path)).status).toBe(404);
    }
    expect((await pypi.page('demo'))['files'][0]).not.toHaveProperty('core-metadata');
    expect(await (await pypi.fetch('simple/demo/')).text()).not.toContain('metadata=');
  });
});
