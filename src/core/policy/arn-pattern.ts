import { globMatches } from './glob.ts';
import type { PolicyRequest } from './request.ts';
import { type GlobSource, globSource, type Piece } from './template.ts';

/** Whether a text is of the pattern; undefined where a variable of the pattern has no value for this request. */
export type ArnTest = (text: string, request: PolicyRequest) => boolean | undefined;

const fieldCount = 6;

/** The parts of an ARN's pattern between the colons, at most six: what a resource is called may have colons of its own. */
export function arnFields(pieces: readonly Piece[]): Piece[][] {
  let field: Piece[] = [];
  const fields = [field];
  for (const piece of pieces) {
    if (piece.kind !== 'text') {
      field.push(piece);
      continue;
    }
    let rest = piece.text;
    while (fields.length < fieldCount) {
      const colon = rest.indexOf(':');
      if (colon === -1) break;
      if (colon > 0) field.push({ kind: 'text', text: rest.slice(0, colon) });
      rest = rest.slice(colon + 1);
      field = [];
      fields.push(field);
    }
    if (rest !== '') field.push({ kind: 'text', text: rest });
  }
  return fields;
}

/** Compiles six fields. Each is compared with its counterpart: a `*` of one does not reach into the next. */
export function compileArnFields(fields: readonly Piece[][]): ArnTest {
  const head = fields.slice(0, fieldCount - 1);
  const tail = globSource(fields[fieldCount - 1] ?? []);
  const start = literalStart(head);
  if (start !== undefined)
    return (text, request) => {
      if (!text.startsWith(start)) return false;
      const glob = tail(request);
      return glob && globMatches(glob, text.slice(start.length));
    };
  const sources = head.map((field) => (field.length === 1 && field[0]?.kind === 'any' ? undefined : globSource(field)));
  return (text, request) => testFields(sources, tail, text, request);
}

function testFields(
  head: readonly (GlobSource | undefined)[],
  tail: GlobSource,
  text: string,
  request: PolicyRequest,
): boolean | undefined {
  let position = 0;
  for (const source of head) {
    const colon = text.indexOf(':', position);
    if (colon === -1) return false;
    if (source !== undefined) {
      const glob = source(request);
      if (glob === undefined) return undefined;
      if (!globMatches(glob, text.slice(position, colon))) return false;
    }
    position = colon + 1;
  }
  const glob = tail(request);
  return glob && globMatches(glob, text.slice(position));
}

/** The first five fields as text, colons included, where they have neither wildcard nor variable. */
function literalStart(head: readonly Piece[][]): string | undefined {
  let start = '';
  for (const field of head) {
    for (const piece of field) {
      if (piece.kind !== 'text') return undefined;
      start += piece.text;
    }
    start += ':';
  }
  return start;
}

export function hasAllFields(fields: readonly Piece[][]): boolean {
  return fields.length === fieldCount;
}

/** Whether `text` has the shape of an ARN. */
export function isArn(text: string): boolean {
  if (!text.startsWith('arn:')) return false;
  let colon = 3;
  for (let count = 2; count < fieldCount; count += 1) {
    colon = text.indexOf(':', colon + 1);
    if (colon === -1) return false;
  }
  return true;
}
