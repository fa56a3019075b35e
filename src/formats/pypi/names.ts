import { invalid } from '../../core/errors.ts';
import { isVersion } from './versions.ts';

/** The limit of AWS's model for a package's and for an asset's name. */
const maxNameLength = 255;

/** The stored spelling of a project's name: `Foo.__Bar` is `foo-bar`. Source: PEP 503, "Normalized Names". */
export function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** Whether the text may name a project, in any spelling. Source: PEP 508, "Names". */
export function isProjectName(name: string): boolean {
  return name.length <= maxNameLength && /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name);
}

/** Whether the text may stand as a file's name in an address and in a folder. */
export function isFileName(fileName: string): boolean {
  if (fileName.length > maxNameLength || fileName.startsWith('.') || fileName.includes('..')) return false;
  return /^[\x20-\x7e]+$/.test(fileName) && !/[/\\]/.test(fileName);
}

/** What a distribution's file name says. `project` is normalized; `version` is as the file spells it. */
export interface ParsedFileName {
  readonly kind: 'wheel' | 'sdist' | 'egg' | 'other';
  readonly project: string;
  readonly version: string;
  /** Of an sdist: the name without its ending, which is also the folder inside. */
  readonly stem: string;
  /** Of a wheel that was built more than once: `1`, `2_local`. */
  readonly build?: string;
  /** Of a wheel: which Python, ABI and platform it is for, each maybe several with `.` between. */
  readonly tags?: { readonly python: string; readonly abi: string; readonly platform: string };
}

const sourceEnding = /\.(?:tar\.(?:gz|bz2|xz|z)|tgz|tar|zip)$/i;
/** What distutils wrote behind the version: `.win-amd64-py2.7.exe`, `.linux-x86_64.tar.gz`, `-1.noarch.rpm`. */
const installerEnding =
  /(?:\.(?:win32|win-[a-z0-9]+)(?:-py\d(?:\.\d+)?)?\.(?:exe|msi)|\.(?:linux|macosx)-[\w.-]+\.(?:tar\.(?:gz|bz2|z)|zip)|-\d+\.(?:noarch|src|i386|i686|x86_64)\.rpm)$/i;
const eggEnding = /-py\d(?:\.\d+)?(?:-[\w.-]+)?\.egg$/i;

/**
 * Reads a distribution's file name: wheels (PEP 427), sdists (PEP 625, and those before it), eggs, and the installers
 * that distutils made.
 *
 * Only whoever knows the project can say where the name in an older sdist ends: `a-1.0-1.tar.gz` may be a 1.0-1 or
 * a-1.0 1. With `knownProject` the file is read as one of that project, whatever its version is; without, the first `-`
 * that a version follows parts the two.
 *
 * Returns undefined for what is no distribution, or none of the known project.
 */
export function parseFileName(fileName: string, knownProject?: string): ParsedFileName | undefined {
  if (!isFileName(fileName)) return undefined;
  const known = knownProject === undefined ? undefined : normalizeName(knownProject);
  if (/\.whl$/i.test(fileName)) return parseWheelName(fileName.slice(0, -'.whl'.length), known);
  for (const [kind, ending] of [
    ['egg', eggEnding],
    ['other', installerEnding],
    ['sdist', sourceEnding],
  ] as const) {
    const stem = fileName.replace(ending, '');
    if (stem === fileName) continue;
    const parts = splitStem(stem, known, kind === 'egg');
    return parts === undefined ? undefined : { kind, ...parts, stem };
  }
  return undefined;
}

/** `{distribution}-{version}[-{build}]-{python}-{abi}-{platform}`, each with `_` where it had `-`. */
function parseWheelName(stem: string, known: string | undefined): ParsedFileName | undefined {
  const parts = stem.split('-');
  if (parts.length !== 5 && parts.length !== 6) return undefined;
  if (!parts.every((part) => /^[\w.+!]+$/.test(part))) return undefined;
  const [distribution = '', escaped = ''] = parts;
  const [python = '', abi = '', platform = ''] = parts.slice(-3);
  const build = parts.length === 6 ? parts[2] : undefined;
  if (build !== undefined && !/^\d/.test(build)) return undefined;
  const project = normalizeName(distribution);
  if (!isProjectName(project) || (known !== undefined && project !== known)) return undefined;
  const version = unescaped(escaped);
  const tags = { python, abi, platform };
  return { kind: 'wheel', project, version, stem, tags, ...(build !== undefined && { build }) };
}

function splitStem(
  stem: string,
  known: string | undefined,
  isEscaped: boolean,
): { project: string; version: string } | undefined {
  for (let dash = stem.indexOf('-'); dash !== -1; dash = stem.indexOf('-', dash + 1)) {
    const project = normalizeName(stem.slice(0, dash));
    const rest = stem.slice(dash + 1);
    const version = isEscaped ? unescaped(rest) : rest;
    const fits = known === undefined ? isProjectName(project) && isVersion(version) : project === known;
    if (fits && version !== '') return { project, version };
  }
  return undefined;
}

/** The version in a name where every `-` became `_`: `1.0_1` was 1.0-1. */
function unescaped(version: string): string {
  const withDashes = version.replaceAll('_', '-');
  return !isVersion(version) && isVersion(withDashes) ? withDashes : version;
}

/**
 * Reads the name of an uploaded file. `project` is normalized.
 *
 * @throws ValidationException for a name that is no distribution's of this project, or has no PEP 440 version.
 */
export function checkUploadedFileName(fileName: string, project: string): ParsedFileName {
  if (!isFileName(fileName)) {
    throw invalid(
      `The file name ${JSON.stringify(fileName.slice(0, 100))} cannot be used. It needs 1 to ${maxNameLength} ASCII characters without slashes and '..', and no dot at its begin.`,
    );
  }
  const parsed = parseFileName(fileName, project);
  if (parsed !== undefined && isVersion(parsed.version)) return parsed;
  const other = parseFileName(fileName);
  throw invalid(
    other === undefined
      ? `The file name '${fileName}' is not that of a Python distribution. Upload wheels (.whl) and source distributions (.tar.gz).`
      : `The file '${fileName}' is one of the project '${other.project}', but the form says '${project}'.`,
  );
}
