import type { Glob, Run } from './glob.ts';
import { PolicyError, shown } from './policy-error.ts';
import type { PolicyRequest } from './request.ts';

/** What holds for all texts of a statement while it is compiled. */
export interface Scope {
  /** Which statement this is, as messages begin. */
  readonly where: string;
  /** Whether `${…}` means something: in Version 2012-10-17 only. */
  readonly hasVariables: boolean;
  /** Collects the context keys that are mentioned, in lower case. */
  readonly contextKeys: Set<string>;
}

/** A part of a text with wildcards and policy variables. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'single' }
  | { readonly kind: 'variable'; readonly key: string; readonly fallback: string | undefined };

/**
 * Takes a text of a policy apart: `*` and `?`, where `hasWildcards`; `${key}` and `${key, 'default'}`; `${*}`, `${?}` and
 * `${$}`, which stand for the character itself. Throws PolicyError for a variable that is none.
 * Source: AWS IAM user guide, "IAM policy elements: Variables and tags".
 */
export function parseTemplate(text: string, scope: Scope, hasWildcards: boolean): Piece[] {
  const pieces: Piece[] = [];
  let literal = '';
  const add = (piece: Piece) => {
    if (literal !== '') pieces.push({ kind: 'text', text: literal });
    literal = '';
    pieces.push(piece);
  };
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (scope.hasVariables && character === '$' && text[index + 1] === '{') {
      const end = text.indexOf('}', index);
      if (end === -1)
        throw new PolicyError(
          `${scope.where}: ${shown(text)} has '\${' without '}'; write '\${$}{' for the characters themselves`,
        );
      const inner = text.slice(index + 2, end);
      if (inner === '*' || inner === '?' || inner === '$') literal += inner;
      else add(parseVariable(inner, text, scope));
      index = end;
    } else if (hasWildcards && character === '*') {
      if (literal !== '' || pieces.at(-1)?.kind !== 'any') add({ kind: 'any' });
    } else if (hasWildcards && character === '?') add({ kind: 'single' });
    else literal += character;
  }
  if (literal !== '') pieces.push({ kind: 'text', text: literal });
  return pieces;
}

function parseVariable(inner: string, text: string, scope: Scope): Piece {
  const comma = inner.indexOf(',');
  const name = (comma === -1 ? inner : inner.slice(0, comma)).trim();
  if (!isContextKey(name))
    throw new PolicyError(
      `${scope.where}: ${shown(text)} has a variable that names no context key; write one like \${aws:username}`,
    );
  const key = name.toLowerCase();
  scope.contextKeys.add(key);
  if (comma === -1) return { kind: 'variable', key, fallback: undefined };
  const quoted = inner.slice(comma + 1).trim();
  if (quoted.length < 2 || !quoted.startsWith("'") || !quoted.endsWith("'"))
    throw new PolicyError(
      `${scope.where}: ${shown(text)} has a default value without single quotes; write it like \${aws:username, 'nobody'}`,
    );
  return { kind: 'variable', key, fallback: quoted.slice(1, -1) };
}

/** A service's prefix and a name: `aws:SourceIp`, `aws:ResourceTag/team`. */
export function isContextKey(name: string): boolean {
  return /^[A-Za-z0-9-]+:./.test(name);
}

/** The text that `pieces` without wildcards are for a request; undefined where a variable has no value. */
export function resolveText(pieces: readonly Piece[], request: PolicyRequest): string | undefined {
  let text = '';
  for (const piece of pieces) {
    const part = piece.kind === 'text' ? piece.text : piece.kind === 'variable' ? variableValue(piece, request) : '';
    if (part === undefined) return undefined;
    text += part;
  }
  return text;
}

/** What `pieces` match for a request; undefined where a variable has no value. Built once where there is no variable. */
export type GlobSource = (request: PolicyRequest) => Glob | undefined;

export function globSource(pieces: readonly Piece[]): GlobSource {
  const glob = fixedGlob(pieces);
  return glob === undefined ? (request) => buildGlob(pieces, request) : () => glob;
}

/** What `pieces` match for every request; undefined where there is a variable. */
export function fixedGlob(pieces: readonly Piece[]): Glob | undefined {
  return buildGlob(pieces, undefined);
}

/** A variable's value is taken literally: a `*` in a tag is no wildcard. */
function buildGlob(pieces: readonly Piece[], request: PolicyRequest | undefined): Glob | undefined {
  const earlier: Run[] = [];
  let text = '';
  let singles: number[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'any') {
      // Of two stars that meet, one is enough.
      if (text !== '' || earlier.length === 0) earlier.push({ text, singles });
      text = '';
      singles = [];
    } else if (piece.kind === 'single') {
      singles.push(text.length);
      text += '?';
    } else if (piece.kind === 'text') text += piece.text;
    else {
      const value = request && variableValue(piece, request);
      if (value === undefined) return undefined;
      text += value;
    }
  }
  const last = { text, singles };
  const [first, ...middle] = earlier;
  return first === undefined ? [last] : [first, ...middle, last];
}

/** The default stands in for a key the request lacks. A key with several values is no variable's value: AWS. */
function variableValue(
  variable: { readonly key: string; readonly fallback: string | undefined },
  request: PolicyRequest,
) {
  const values = request.context(variable.key);
  if (values === undefined || values.length === 0) return variable.fallback;
  return values.length === 1 ? values[0] : undefined;
}
