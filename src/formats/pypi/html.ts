/** Text as it may stand in HTML, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A start tag: its name in lower case, and its attributes' decoded values by their names in lower case. */
export interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Elements whose content is no markup. */
const rawElements: ReadonlySet<string> = new Set(['script', 'style', 'title', 'textarea']);

const namedCharacters: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', '\u00a0'],
]);

/**
 * The start tags of an HTML page, in their order, in time linear to its length: enough for pages that machines write for
 * machines. Comments and what stands in scripts are passed over; a tag that does not end is left out, with all behind it.
 */
export function* startTags(html: string): Generator<Tag> {
  let at = html.indexOf('<');
  while (at !== -1) {
    if (html.startsWith('<!--', at)) {
      at = next(html, html.indexOf('-->', at + 4));
      continue;
    }
    const name = /[a-z][^\s/>]*/iy;
    name.lastIndex = at + 1;
    const found = name.exec(html)?.[0].toLowerCase();
    if (found === undefined) {
      at = next(html, at);
      continue;
    }
    const { attributes, end } = readAttributes(html, name.lastIndex);
    if (end === -1) return;
    yield { name: found, attributes };
    at = rawElements.has(found) ? endOfRaw(html, found, end) : next(html, end);
  }
}

function next(html: string, after: number): number {
  return after === -1 ? -1 : html.indexOf('<', after + 1);
}

function endOfRaw(html: string, name: string, from: number): number {
  const end = new RegExp(`</${name}[\\s/>]`, 'gi');
  end.lastIndex = from;
  return end.exec(html)?.index ?? -1;
}

/** Reads up to the `>` that ends the tag. `end` is its place, or -1 when there is none. */
function readAttributes(html: string, from: number): { attributes: Map<string, string>; end: number } {
  const attributes = new Map<string, string>();
  const part = /[\s/]*(?:(>)|([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?|[="'])/y;
  part.lastIndex = from;
  for (let match = part.exec(html); match !== null; match = part.exec(html)) {
    const [, end, name, double, single, bare] = match;
    if (end !== undefined) return { attributes, end: part.lastIndex - 1 };
    const key = name?.toLowerCase();
    // The first of several with one name counts, as in browsers.
    if (key !== undefined && !attributes.has(key)) attributes.set(key, decode(double ?? single ?? bare ?? ''));
  }
  return { attributes, end: -1 };
}

function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return namedCharacters.get(name) ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
