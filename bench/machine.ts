import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { removeFolder, temporaryFolder } from './child.ts';
import { npmProgram } from './npm.ts';
import { nginxVersion } from './servers/nginx.ts';
import { verdaccioFolder } from './servers/verdaccio.ts';
import { median } from './statistics.ts';

/** What numbers depend on: the machine and the versions of what ran. Names neither the machine nor its folders. */
export function describeMachine(): string[] {
  const [cpu] = cpus();
  const [kernel = ''] = release().match(/^\d+\.\d+/) ?? [];
  return [
    `${cpus().length} × ${cpu?.model.trim()} (${arch()}), ${Math.round(totalmem() / 1024 ** 3)} GiB of memory, ${type()} ${kernel}`,
    `appending 4 KB and syncing it to the disk takes ${syncMs().toFixed(2)} ms (median)`,
    `Node ${process.version}, npm ${versionIn(dirname(dirname(npmProgram())))}`,
    `Packyard ${versionIn(join(import.meta.dirname, '..'))}, Verdaccio ${versionIn(verdaccioFolder)}, nginx ${nginxVersion() ?? 'not installed'}`,
  ];
}

function versionIn(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}

/** How long the disk takes to keep something: the floor under every durable publish. */
function syncMs(): number {
  const folder = temporaryFolder('sync');
  const file = openSync(join(folder, 'log'), 'a');
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 100 }, () => {
    const startedAt = performance.now();
    writeSync(file, block);
    fdatasyncSync(file);
    return performance.now() - startedAt;
  });
  closeSync(file);
  removeFolder(folder);
  return median(times);
}
