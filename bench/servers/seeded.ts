import { join } from 'node:path';
import { startNode } from '../child.ts';
import { seededRepository } from '../packages/seeded.ts';
import type { Bench } from '../scenario.ts';
import { reopenPackyard } from './packyard.ts';
import type { BenchServer } from './server.ts';

const program = join(import.meta.dirname, '..', 'seed.ts');

/** Packyard over a repository that has so many versions, put there past the server. */
export async function startSeeded(bench: Bench, versions: number): Promise<BenchServer> {
  const data = join(bench.folder, `seeded-${versions}`);
  const args = [program, '--data', data, '--versions', String(versions)];
  const end = await startNode(args, { stdio: ['ignore', 'ignore', 'inherit'] }).ended;
  if (end !== 0) throw new Error(`Seeding ended with ${end}.`);
  const { program: packyard, upstream, profiles } = bench;
  return reopenPackyard({ program: packyard, data, registry: upstream.url, profiles }, seededRepository);
}
