/** The representations of a page of the simple index. */
export type SimpleType = 'html' | 'json';

export interface Negotiated {
  readonly type: SimpleType;
  readonly contentType: string;
}

const jsonContentType = 'application/vnd.pypi.simple.v1+json';
const htmlContentType = 'application/vnd.pypi.simple.v1+html';
/** Without the charset, browsers would guess. */
const textHtmlContentType = 'text/html; charset=utf-8';

/** What is asked for by which media range; of ranges as good as each other the earlier one here wins. */
const ranges: ReadonlyMap<string, Negotiated> = new Map<string, Negotiated>([
  [jsonContentType, { type: 'json', contentType: jsonContentType }],
  ['application/vnd.pypi.simple.latest+json', { type: 'json', contentType: jsonContentType }],
  [htmlContentType, { type: 'html', contentType: htmlContentType }],
  ['application/vnd.pypi.simple.latest+html', { type: 'html', contentType: htmlContentType }],
  ['text/html', { type: 'html', contentType: textHtmlContentType }],
  ['text/*', { type: 'html', contentType: textHtmlContentType }],
  ['*/*', { type: 'html', contentType: textHtmlContentType }],
]);

/**
 * Which representation an Accept header asks for; undefined when none of them will do (406). Without a header it is
 * HTML. Of ranges with the same weight an exact one wins over one with `*`, then the order of the table: JSON first.
 * Source: AWS guide, "Python compatibility"; PEP 691, "Version + format selection"; RFC 9110, section 12.5.1.
 */
export function negotiate(accept: string | undefined): Negotiated | undefined {
  if (accept === undefined || accept.trim() === '') return ranges.get('*/*');
  const asked = new Map(accept.split(',').map(parseRange));
  const isRefused = ({ type, contentType }: Negotiated) =>
    [...ranges].some(
      ([range, same]) => same.contentType === contentType && same.type === type && asked.get(range) === 0,
    );
  let best: Negotiated | undefined;
  let bestWeight = 0;
  for (const [range, negotiated] of ranges) {
    const weight = asked.get(range) ?? 0;
    if (weight <= bestWeight || isRefused(negotiated)) continue;
    best = negotiated;
    bestWeight = weight;
  }
  return best;
}

/** A weight that cannot be read counts as none given. */
function parseRange(text: string): [range: string, weight: number] {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const given = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
  return [range, /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(given) ? Number(given) : 1];
}
