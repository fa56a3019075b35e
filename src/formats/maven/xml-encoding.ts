/** Enough to tell the encoding by: any XML declaration is shorter. */
export const declarationBytes = 256;

/**
 * The encoding of an XML document by its first bytes: byte order mark, the look of UTF-16, or the XML declaration; else
 * UTF-8. A label that `TextDecoder` takes. Source: XML 1.0, appendix F.
 */
export function encodingOf(start: Uint8Array): string {
  const [first, second, third, fourth] = start;
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0 && second === 0x3c) return 'utf-16be';
  if (first === 0x3c && second === 0 && (third !== 0 || fourth !== 0)) return 'utf-16le';
  const declaration = Buffer.from(start.subarray(0, declarationBytes)).toString('latin1');
  const [, label = ''] = /^(?:\xef\xbb\xbf)?<\?xml\s[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(declaration) ?? [];
  // Bytes that spell the declaration in ASCII are no UTF-16, whatever it says.
  if (declaration.startsWith('\xef\xbb\xbf') || /^(utf|ucs|iso-10646)/i.test(label)) return 'utf-8';
  return isKnown(label) ? label : 'utf-8';
}

function isKnown(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}
