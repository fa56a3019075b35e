import { gzipSync } from 'node:zlib';
import {
  DescribePackageCommand,
  GetPackageVersionReadmeCommand,
  ListPackagesCommand,
} from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishDocument, tarballOf } from '../support/packages.ts';
import { jsonOf } from '../support/user.ts';
import { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await World.with({ team: [], empty: [] });
});
afterAll(() => world[Symbol.asyncDispose]());

const npm = (repository = 'team') => world.npm(repository);

describe('PUT /{package} with a tarball', () => {
  it('publishes, and makes the package one that takes no versions from outside', async () => {
    expect((await npm().publish({ name: 'first', version: '1.0.0' })).status).toBe(200);
    const { package: described } = await world.aws.send(
      new DescribePackageCommand({ domain: world.domain, repository: 'team', format: 'npm', package: 'first' }),
    );
    expect(described?.originConfiguration?.restrictions).toEqual({ publish: 'ALLOW', upstream: 'BLOCK' });
  });

  it('takes the same bytes again as success, since clients repeat a PUT whose answer was lost', async () => {
    const sketch = { name: 'again', version: '1.0.0' };
    expect((await npm().publish(sketch)).status).toBe(200);
    expect((await npm().publish(sketch)).status).toBe(200);
  });

  it('refuses other bytes for a version that exists', async () => {
    await npm().publish({ name: 'taken', version: '1.0.0' });
    const response = await npm().publish({ name: 'taken', version: '1.0.0', files: { 'more.js': '2' } });
    expect([response.status, (await jsonOf(response)).error]).toEqual([
      409,
      expect.stringContaining("'1.0.0' of 'taken'"),
    ]);
  });

  it('lets exactly one of many racing publishers of a version win', async () => {
    const racers = Array.from({ length: 12 }, (_, n) =>
      npm().publish({ name: 'raced', version: '1.0.0', files: { 'who.txt': `${n}` } }),
    );
    const statuses = (await Promise.all(racers)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, ...Array(11).fill(409)]);
  });

  it('lets all racers succeed that bring the same bytes, and those that bring different versions', async () => {
    const same = Array.from({ length: 6 }, () => npm().publish({ name: 'shared', version: '1.0.0' }));
    const different = Array.from({ length: 6 }, (_, n) => npm().publish({ name: 'shared', version: `2.${n}.0` }));
    const statuses = (await Promise.all([...same, ...different])).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(Object.keys((await npm().json('shared')).versions)).toHaveLength(7);
  });

  it('takes a compressed body and a document with its attachments first', async () => {
    const { _attachments, ...rest } = await publishDocument({ name: 'zipped', version: '1.0.0' });
    const body = gzipSync(JSON.stringify({ _attachments, ...rest }));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect((await npm().fetch('zipped', { method: 'PUT', headers, body })).status).toBe(200);
  });

  it('sets latest on the first publish, and only the given tag afterwards', async () => {
    await npm().publish({ name: 'tagged', version: '2.0.0-rc.1' }, 'next');
    await npm().publish({ name: 'tagged', version: '1.9.0' }, 'legacy');
    expect((await npm().json('tagged'))['dist-tags']).toEqual({
      next: '2.0.0-rc.1',
      latest: '2.0.0-rc.1',
      legacy: '1.9.0',
    });
  });
});

it("does not keep npm's own sentence for a missing readme", async () => {
  const manifest = { readme: 'ERROR: No README data found!' };
  await npm().publish({ name: 'unread', version: '1.0.0', manifest });
  await npm().publish({ name: 'read', version: '1.0.0', manifest, files: { 'README.md': '# Read' } });
  const readmeOf = (name: string) =>
    world.aws.send(
      new GetPackageVersionReadmeCommand({
        domain: world.domain,
        repository: 'team',
        format: 'npm',
        package: name,
        packageVersion: '1.0.0',
      }),
    );
  await expect(readmeOf('unread')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect((await readmeOf('read')).readme).toBe('# Read');
});

/** Ways to spoil the document of `bad@1.0.0`, each with a word its refusal must have. */
const spoiled: Record<string, [spoil: (document: Document) => unknown, word: RegExp]> = {
  'another name in the document': [(d) => ({ ...d, name: 'other' }), /name/],
  'another _id': [(d) => ({ ...d, _id: 'other' }), /_id/],
  'two versions': [(d) => ({ ...d, versions: { ...d.versions, '2.0.0': {} } }), /exactly one version/],
  'no version': [(d) => ({ ...d, versions: {} }), /exactly one version/],
  'a manifest of another version': [
    (d) => ({ ...d, versions: { '1.0.0': { ...d.versions['1.0.0'], version: '1.0.1' } } }),
    /version/,
  ],
  'a tag on another version': [(d) => ({ ...d, 'dist-tags': { latest: '3.0.0' } }), /latest/],
  'a tag that is a range': [(d) => ({ ...d, 'dist-tags': { '1.x': '1.0.0' } }), /range/],
  'a wrong length': [(d) => attach(d, { length: 5 }), /bytes/],
  'a wrong shasum': [(d) => dist(d, { shasum: '0'.repeat(40) }), /SHA-1/],
  'a wrong integrity': [(d) => dist(d, { integrity: `sha512-${'A'.repeat(86)}==` }), /integrity/],
  'an integrity of another algorithm': [(d) => dist(d, { integrity: 'md5-rL0Y20zC+Fzt72VPzMSk2A==' }), /integrity/],
  'data that is no base64': [(d) => attach(d, { data: '*not base64*' }), /base64/],
  'a tarball that is none': [(d) => bytes(d, Buffer.from('not a tarball at all')), /tar|gzip/],
  'an empty tarball': [(d) => bytes(d, Buffer.alloc(0)), /empty|data/],
  'two tarballs': [
    (d) => ({ ...d, _attachments: { ...d._attachments, 'bad-2.0.0.tgz': { data: 'AAAA', length: 3 } } }),
    /one/,
  ],
  'a tarball of another file name': [
    (d) => ({ ...d, _attachments: { 'x-1.0.0.tgz': Object.values(d._attachments)[0] } }),
    /x-1\.0\.0\.tgz/,
  ],
  'an array': [() => [1, 2], /./],
  'a number': [() => 7, /./],
};

type Document = Record<string, unknown> & {
  versions: Record<string, { dist: object } & Record<string, unknown>>;
  _attachments: Record<string, Record<string, unknown>>;
};
const attach = (d: Document, change: object) => ({
  ...d,
  _attachments: { 'bad-1.0.0.tgz': { ...d._attachments['bad-1.0.0.tgz'], ...change } },
});
const dist = (d: Document, change: object) => ({
  ...d,
  versions: { '1.0.0': { ...d.versions['1.0.0'], dist: { ...d.versions['1.0.0']?.dist, ...change } } },
});
const bytes = (d: Document, data: Buffer) =>
  attach(dist(d, { shasum: undefined, integrity: undefined }) as Document, {
    data: data.toString('base64'),
    length: data.length,
  });

describe('A bad publish', () => {
  it.each(Object.entries(spoiled))('with %s is refused with 400 and a reason', async (_, [spoil, word]) => {
    const document = (await publishDocument({ name: 'bad', version: '1.0.0' })) as Document;
    const response = await npm('empty').put('bad', spoil(document));
    expect([response.status, (await jsonOf(response)).error]).toEqual([400, expect.stringMatching(word)]);
  });

  it('of a tarball whose package.json is of another package or version is refused', async () => {
    for (const inside of [
      { name: 'other', version: '1.0.0' },
      { name: 'bad', version: '2.0.0' },
    ]) {
      const document = (await publishDocument({ name: 'bad', version: '1.0.0' })) as Document;
      const response = await npm('empty').put('bad', bytes(document, await tarballOf(inside)));
      expect([response.status, (await jsonOf(response)).error]).toEqual([400, expect.stringContaining('package.json')]);
    }
  });

  it.each(['{"name":', '', '\u0000', '{"name":"bad","_attachments":{"bad-1.0.0.tgz":{"data":"AAAA'])(
    'of the broken body %j is refused',
    async (body) => {
      expect((await npm('empty').put('bad', body)).status).toBe(400);
    },
  );

  it.each([
    'UPPER',
    '.dot',
    '_under',
    'node_modules',
    'sp%20ace',
    '..%2f..%2fetc',
    '%2e%2e',
    '@acme%2f..',
    '@acme%252fx',
    'a%00b',
    'a%5cb',
    '%zz',
    'caf%C3%A9',
  ])('to the name %s is refused', async (path) => {
    const name = path.startsWith('%zz') ? path : decodeURIComponent(path);
    const response = await npm('empty').put(path, await publishDocument({ name, version: '1.0.0' }));
    expect([400, 404]).toContain(response.status);
  });

  it('of something that only says it is gzip is refused', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' };
    expect((await npm('empty').fetch('bad', { method: 'PUT', headers, body: '{}' })).status).toBe(400);
  });

  it('leaves nothing behind, whatever was wrong with it', async () => {
    const { packages } = await world.aws.send(new ListPackagesCommand({ domain: world.domain, repository: 'empty' }));
    expect(packages).toEqual([]);
  });
});

describe('Names that mean something to JavaScript', () => {
  it.each(['constructor', 'toString', 'hasownproperty'])('%s is a package like any other', async (name) => {
    expect((await npm().fetch(name)).status).toBe(404);
  });
});
