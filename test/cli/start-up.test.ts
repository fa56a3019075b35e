import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startProcess, temporaryFolder } from '../support/process.ts';

const run = promisify(execFile);
const project = fileURLToPath(new URL('../../', import.meta.url));

test('the compiled build answers within 400 ms of its start', { timeout: 120_000 }, async () => {
  await using folder = await temporaryFolder();
  const program = await build(folder.path);
  // Compiled code is kept where nobody else looks, and goes with the folder.
  const env = { NODE_COMPILE_CACHE: join(folder.path, 'cache') };
  const times: number[] = [];
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await using server = await startProcess(['--data', join(folder.path, `data-${attempt}`)], { program, env });
    times.push(server.startUpMs);
  }
  // The best: the others tell what else the machine was doing. The first compiles.
  expect(Math.min(...times), `all: ${times.map(Math.round).join(', ')} ms`).toBeLessThan(400);
});

async function build(folder: string): Promise<string> {
  await run(
    process.execPath,
    [
      join(project, 'node_modules/rolldown/bin/cli.mjs'),
      '--config',
      join(project, 'rolldown.config.ts'),
      '--dir',
      join(folder, 'dist'),
    ],
    { cwd: project },
  );
  await symlink(join(project, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'dist', 'packyard.js');
}
