import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { promisify } from 'node:util';
import type { RegistrySource } from './addresses.ts';

const run = promisify(execFile);

/** How pip is called on some machine or other. */
const commands: readonly (readonly [command: string, ...args: string[]])[] = [
  ['pip'],
  ['pip3'],
  ['python3', '-m', 'pip'],
];

/** The index behind `public:pypi`: pip's own `index-url`, by its environment or its files, else the one package URLs stand for. */
export const pipIndex: RegistrySource = {
  connection: 'public:pypi',
  async configured() {
    const fromEnvironment = usable(process.env['PIP_INDEX_URL']);
    if (fromEnvironment !== undefined) return { url: fromEnvironment, source: 'PIP_INDEX_URL' };
    for (const [command, ...args] of commands) {
      const listed = [...args, '--disable-pip-version-check', 'config', 'list'];
      const answer = await run(command, listed, { cwd: homedir(), timeout: 20_000 }).catch(() => undefined);
      if (answer === undefined) continue;
      const url = configuredIndex(answer.stdout);
      return url === undefined ? undefined : { url, source: 'pip config' };
    }
    return undefined;
  },
  async canonical() {
    const { PackageURL, UrlConverter } = await import('@socketregistry/packageurl-js');
    const download = UrlConverter.toDownloadUrl(PackageURL.fromString('pkg:pypi/a@1.0.0'));
    // A project's page, whose folder is the index.
    return download === undefined ? undefined : new URL('..', download.url.replace(/\/?$/, '/')).href;
  },
};

/** The index that pip installs from, by what `pip config list` says; undefined where that is the default, or no server. */
export function configuredIndex(list: string): string | undefined {
  const settings = new Map(
    list.split('\n').flatMap((line): [string, string][] => {
      const [, name, value] = /^([^=]+)='(.*)'\s*$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
  // A command's own section counts before the one for all.
  return usable(settings.get('install.index-url')) ?? usable(settings.get('global.index-url'));
}

function usable(url: string | undefined): string | undefined {
  const text = url?.trim();
  return text !== undefined && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : undefined;
}
