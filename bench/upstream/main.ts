import { fixtureSketches } from './fixtures.ts';
import { Registry } from './registry.ts';
import { installTree } from './tree.ts';

/** The upstream as a process of its own: says on its first line where it is, and serves until it is stopped. */
const registry = new Registry();
const url = await registry.listen();
const { rootDependencies, packages } = installTree('tree');
for (const sketch of [...fixtureSketches(), ...packages]) registry.add(sketch, url);
console.log(JSON.stringify({ url, rootDependencies }));
