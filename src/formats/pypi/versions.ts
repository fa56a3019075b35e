/**
 * Versions of Python packages. Source: PEP 440 and its reference implementation, `packaging.version`. An own module,
 * because `@renovatebot/pep440` takes a local version such as `+1e3`, which a commit's hash may be, for the number 1000,
 * and so two versions for one.
 */

/** The limit of AWS's model for a package version. */
const maxVersionLength = 255;

/** PEP 440, appendix B, without the white space around. */
const pattern = new RegExp(
  [
    '^v?(?:(?<epoch>[0-9]+)!)?(?<release>[0-9]+(?:\\.[0-9]+)*)',
    '(?:[-_.]?(?<pre>alpha|beta|preview|pre|rc|a|b|c)[-_.]?(?<preNumber>[0-9]*))?',
    '(?<post>-(?<postDigits>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?<postNumber>[0-9]*))?',
    '(?<dev>[-_.]?dev[-_.]?(?<devNumber>[0-9]*))?',
    '(?:\\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$',
  ].join(''),
  'i',
);

const preLetters: Readonly<Record<string, string>> = {
  alpha: 'a',
  beta: 'b',
  c: 'rc',
  pre: 'rc',
  preview: 'rc',
};

/** The parts of a version. Numbers are digits without leading zeros, since they may have any length. */
interface Version {
  readonly epoch: string;
  readonly release: readonly string[];
  readonly pre: { readonly letter: string; readonly number: string } | undefined;
  readonly post: string | undefined;
  readonly dev: string | undefined;
  readonly local: readonly string[];
}

/** Whether the text is a version in any of the spellings that PEP 440 allows. */
export function isVersion(text: string): boolean {
  return parse(text) !== undefined;
}

/** The normal spelling: `v1.0-Beta` is `1.0b0`. Undefined when the text is no version. Source: PEP 440, "Normalization". */
export function normalizeVersion(text: string): string | undefined {
  const version = parse(text);
  return version === undefined ? undefined : write(version, version.release);
}

/**
 * What all spellings of one version have in common: `1.0`, `v1.0.0` and `1` are `1`. A text that is no version is only
 * the same as itself. Source: `packaging.utils.canonicalize_version`.
 */
export function versionKey(text: string): string {
  const version = parse(text);
  return version === undefined ? text : write(version, withoutZeros(version.release));
}

/** Whether both texts spell one version. */
export function isSameVersion(one: string, other: string): boolean {
  return versionKey(one) === versionKey(other);
}

/** Orders versions as PEP 440 does, for `sort`; texts that are no versions come before all that are. */
export function compareVersions(one: string, other: string): number {
  const a = parse(one);
  const b = parse(other);
  if (a === undefined || b === undefined) {
    if (a !== undefined || b !== undefined) return a === undefined ? -1 : 1;
    return one < other ? -1 : Number(one > other);
  }
  return (
    compareNumbers(a.epoch, b.epoch) ||
    compareLists(withoutZeros(a.release), withoutZeros(b.release), compareNumbers) ||
    compareBy(a, b, preRank) ||
    compareBy(a, b, ({ post }) => [post === undefined ? 0 : 1, post ?? '']) ||
    compareBy(a, b, ({ dev }) => [dev === undefined ? 1 : 0, dev ?? '']) ||
    compareLists(a.local, b.local, compareLocal)
  );
}

function parse(text: string): Version | undefined {
  if (text.length > maxVersionLength) return undefined;
  const groups = pattern.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const pre = groups['pre']?.toLowerCase();
  return {
    epoch: digits(groups['epoch']),
    release: (groups['release'] ?? '').split('.').map(digits),
    pre: pre === undefined ? undefined : { letter: preLetters[pre] ?? pre, number: digits(groups['preNumber']) },
    post: groups['post'] === undefined ? undefined : digits(groups['postDigits'] ?? groups['postNumber']),
    dev: groups['dev'] === undefined ? undefined : digits(groups['devNumber']),
    local: groups['local'] === undefined ? [] : groups['local'].toLowerCase().split(/[-_.]/).map(localPart),
  };
}

/** A number that is left out is 0. */
function digits(text = ''): string {
  return text.replace(/^0+(?=.)/, '') || '0';
}

function localPart(text: string): string {
  return isNumber(text) ? digits(text) : text;
}

function isNumber(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

function write({ epoch, pre, post, dev, local }: Version, release: readonly string[]): string {
  return [
    epoch === '0' ? '' : `${epoch}!`,
    release.join('.'),
    pre === undefined ? '' : pre.letter + pre.number,
    post === undefined ? '' : `.post${post}`,
    dev === undefined ? '' : `.dev${dev}`,
    local.length === 0 ? '' : `+${local.join('.')}`,
  ].join('');
}

function withoutZeros(release: readonly string[]): readonly string[] {
  const last = release.findLastIndex((part) => part !== '0');
  return release.slice(0, Math.max(last, 0) + 1);
}

function compareNumbers(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

function compareLists<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): number {
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compare(part, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Numbers come after words. */
function compareLocal(a: string, b: string): number {
  if (isNumber(a) !== isNumber(b)) return isNumber(a) ? 1 : -1;
  return isNumber(a) ? compareNumbers(a, b) : a < b ? -1 : Number(a > b);
}

type Rank = readonly [rank: number, number: string];

function compareBy(a: Version, b: Version, rank: (version: Version) => Rank): number {
  const [rankA, numberA] = rank(a);
  const [rankB, numberB] = rank(b);
  return rankA - rankB || compareNumbers(numberA, numberB);
}

/** `1.0.dev1` comes before `1.0a1`, and a release after all its prereleases. */
function preRank({ pre, post, dev }: Version): Rank {
  if (pre !== undefined) return [['a', 'b', 'rc'].indexOf(pre.letter), pre.number];
  return [post === undefined && dev !== undefined ? -1 : 3, ''];
}
