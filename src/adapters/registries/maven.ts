import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import type { RegistrySource } from './addresses.ts';

/** Where Maven keeps what its user configured, below the home folder. */
const settingsFile = join('.m2', 'settings.xml');

/** Maven's own name for the registry behind `public:maven-central`. */
const centralId = 'central';

/** The registry behind `public:maven-central`: a mirror of Maven's settings, else the one package URLs stand for. */
export const mavenCentral: RegistrySource = {
  connection: 'public:maven-central',
  async configured() {
    const settings = await readFile(join(homedir(), settingsFile), 'utf8').catch(() => '');
    const url = centralMirror(settings);
    return url === undefined ? undefined : { url, source: `~/${settingsFile}` };
  },
  async canonical() {
    const { PackageURL, UrlConverter } = await import('@socketregistry/packageurl-js');
    const download = UrlConverter.toDownloadUrl(PackageURL.fromString('pkg:maven/g/a@1'));
    const layout = 'g/a/1/a-1.jar';
    return download?.url.endsWith(`/${layout}`) === true ? download.url.slice(0, -layout.length) : undefined;
  },
};

/**
 * The address that Maven asks instead of Central by these settings; undefined when they name none that can be asked
 * over HTTP. Source: Maven, "Using Mirrors for Repositories".
 */
export function centralMirror(settings: string): string | undefined {
  const mirrors = readMirrors(settings).filter(({ url, blocked }) => blocked !== 'true' && isHttp(url));
  // Maven takes the mirror of exactly this name first, then the first whose pattern fits.
  const exact = mirrors.find(({ mirrorOf }) => mirrorOf?.trim() === centralId);
  return (exact ?? mirrors.find(({ mirrorOf = '' }) => fitsCentral(mirrorOf)))?.url;
}

function fitsCentral(mirrorOf: string): boolean {
  const patterns = mirrorOf.split(',').map((pattern) => pattern.trim());
  if (patterns.includes(`!${centralId}`)) return false;
  // Central is outside, by HTTPS: `external:http:*` does not mean it.
  return patterns.some((pattern) => pattern === centralId || pattern === '*' || pattern === 'external:*');
}

function isHttp(url: string | undefined): boolean {
  return url !== undefined && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

type Mirror = Readonly<Partial<Record<'mirrorOf' | 'url' | 'blocked', string>>>;

/** The mirrors of settings, as far as these can be read. */
function readMirrors(settings: string): Mirror[] {
  const mirrors: Record<string, string>[] = [];
  const path: string[] = [];
  const parser = new SaxesParser({ position: false });
  parser.on('error', () => undefined);
  parser.on('opentag', ({ name }) => {
    path.push(name);
    if (path.join('/') === 'settings/mirrors/mirror') mirrors.push({});
  });
  parser.on('closetag', () => void path.pop());
  parser.on('text', (text) => {
    const mirror = mirrors.at(-1);
    const [field = ''] = path.slice(3);
    if (mirror !== undefined && path.length === 4 && path[2] === 'mirror') {
      mirror[field] = (mirror[field] ?? '') + text.trim();
    }
  });
  parser.write(settings).close();
  return mirrors;
}
