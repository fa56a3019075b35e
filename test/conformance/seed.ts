import type { RepositorySketches, World } from '../support/world.ts';

/** The repositories of domain `acme` that the journeys begin with. */
export const seedRepositories: RepositorySketches = {
  public: 'public:npmjs',
  base: [],
  other: [],
  shared: ['base'],
  app: ['shared'],
};

const widget = {
  description: 'A widget',
  homepage: 'https://widget.example',
  repository: { type: 'git', url: 'https://git.example/widget' },
  license: 'MIT',
  readme: '# Widget',
  dependencies: { bread: '^1.0.0' },
  devDependencies: { '@team/jam': '1' },
  peerDependencies: { plate: '>=2' },
  optionalDependencies: { honey: '*' },
};

/** Publishes what the API cannot, since only package managers publish npm packages. */
export async function seedPackages(world: World): Promise<void> {
  const app = world.npm('app');
  for (const version of ['1.0.0', '1.1.0', '2.0.0']) {
    await expectOk(app.publish({ name: 'widget', version, manifest: widget }));
  }
  await expectOk(app.publish({ name: '@team/gadget', version: '1.0.0' }));
  await expectOk(app.publish({ name: 'gizmo', version: '1.0.0' }));
  await expectOk(world.npm('other').publish({ name: 'widget', version: '1.0.0' }));
  await world.publicRegistry.publish({ name: 'bread', version: '1.0.0' });
  await expectOk(world.npm('public').fetch('bread/-/bread-1.0.0.tgz'));
}

async function expectOk(answer: Promise<Response>): Promise<void> {
  const { ok, status, url } = await answer;
  if (!ok) throw new Error(`${url} answered ${status}`);
}
