import { normalizeCoordinate } from '../control/find.ts';
import type { Ports } from '../core-ports.ts';
import { invalid } from '../errors.ts';
import { namespaceRules } from '../namespace-rules.ts';
import { splitPattern } from './paths.ts';

const shape = /^\/(?:\*|(?<format>[^/]+)\/(?:\*|(?<prefix>[^/]+)~|(?<namespace>[^/]*)\/(?:\*|(?<name>[^/]+)[$~*])))$/u;
const part = /^[^#/\s]{1,255}$/u;
const wordEnd = /[\p{L}\p{N}]\p{M}*$/u;

/**
 * Checks the pattern of a package group: `/*`, `/format/*`, `/format/namespace~`, `/format/namespace/*`,
 * `/format/namespace/name~`, `/format/namespace/name$`, and `/format/namespace/prefix*` where the prefix ends in no
 * word. Names are to be written as their format normalizes them, for so packages are stored.
 * Source: AWS user guide, "Package group definition syntax and matching behavior"; the texts are ours.
 *
 * Throws ValidationException.
 */
export function checkPattern(ports: Pick<Ports, 'formats'>, pattern: string): void {
  const problem = problemOf(ports, pattern);
  if (problem !== undefined) throw invalid(`'${pattern}' is not the pattern of a package group: ${problem}.`);
}

function problemOf(ports: Pick<Ports, 'formats'>, pattern: string): string | undefined {
  const groups = shape.exec(pattern)?.groups;
  if (groups === undefined) {
    return (
      'it must be /*, /format/*, /format/namespace~, /format/namespace/*, /format/namespace/name~ or ' +
      '/format/namespace/name$'
    );
  }
  const { format, prefix, namespace = prefix, name } = groups;
  if (format === undefined) return undefined;
  return (
    namespaceProblem(format, namespace) ??
    [namespace, name].map(partProblem).find((problem) => problem !== undefined) ??
    markerProblem(pattern, prefix ?? name) ??
    spellingProblem(ports, format, namespace || null, name)
  );
}

function namespaceProblem(format: string, namespace: string | undefined): string | undefined {
  const rule = Object.hasOwn(namespaceRules, format) ? namespaceRules[format] : undefined;
  if (rule === undefined) return `the format is one of ${Object.keys(namespaceRules).join(', ')}`;
  if (rule === 'forbidden' && namespace)
    return `packages of format ${format} have no namespace, as in /${format}//name$`;
  if (namespace === '*') return 'a name is told within one namespace, not within all';
  if (rule === 'required' && namespace === '') return `packages of format ${format} have a namespace`;
  return undefined;
}

function partProblem(text: string | undefined): string | undefined {
  if (!text || part.test(text)) return undefined;
  return 'a namespace or name has at most 255 characters, none of them #, / or white space';
}

/** What is before `~` is a word, what is before `*` is none: otherwise nobody could tell which of the two is meant. */
function markerProblem(pattern: string, before: string | undefined): string | undefined {
  if (before === undefined) return undefined;
  const { marker } = splitPattern(pattern);
  if (marker === '~' && !wordEnd.test(before)) return '~ follows a letter or a digit; use * after anything else';
  if (marker === '*' && wordEnd.test(before)) return '* follows no letter or digit; use ~ after a word';
  return undefined;
}

function spellingProblem(
  ports: Pick<Ports, 'formats'>,
  format: string,
  namespace: string | null,
  name: string | undefined,
): string | undefined {
  // A pattern without a name is spelled as with any name.
  const normal = normalizeCoordinate(ports, { format, namespace, name: name ?? 'a' });
  if (normal.namespace !== namespace) return `format ${format} writes its namespace '${normal.namespace}'`;
  if (name !== undefined && normal.name !== name) return `format ${format} writes its name '${normal.name}'`;
  return undefined;
}
