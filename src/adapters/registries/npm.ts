import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { promisify } from 'node:util';
import type { RegistrySource } from './addresses.ts';

const run = promisify(execFile);

/** The registry behind `public:npmjs`: npm's own `registry` setting, else the one package URLs stand for. */
export const npmRegistry: RegistrySource = {
  connection: 'public:npmjs',
  async configured() {
    // From the home folder: a project's own .npmrc is not the machine's.
    const answer = await run('npm', ['config', 'get', 'registry'], { cwd: homedir(), timeout: 20_000 }).catch(
      () => undefined,
    );
    const url = answer?.stdout.trim();
    return url !== undefined && URL.canParse(url) ? { url, source: 'npm config' } : undefined;
  },
  async canonical() {
    const { PackageURL, UrlConverter } = await import('@socketregistry/packageurl-js');
    const download = UrlConverter.toDownloadUrl(PackageURL.fromString('pkg:npm/a@1.0.0'));
    return download === undefined ? undefined : new URL('/', download.url).href;
  },
};
