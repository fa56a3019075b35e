import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { childOf, escapeXml, readXml, textOf, XmlReader } from '../../../src/formats/maven/xml.ts';

const limits = { maxBytes: 1_000_000, maxDepth: 20, maxElements: 10_000 };
const read = (document: string | Buffer, some = {}) => readXml(Buffer.from(document), { ...limits, ...some });
const nameIn = (document: string | Buffer) => textOf(read(document).root, 'name');

describe('a document', () => {
  test('is its elements and their texts', () => {
    const { root, fault, refusal } = read(
      '<a>\n <b> x </b><c/><!-- <b>no</b> --><b><![CDATA[<y>]]>&amp;&#233;</b>\n</a>',
    );
    expect(root).toEqual({
      name: 'a',
      text: '',
      children: [
        { name: 'b', text: 'x', children: [] },
        { name: 'c', text: '', children: [] },
        { name: 'b', text: '<y>&é', children: [] },
      ],
    });
    expect([fault, refusal]).toEqual([undefined, undefined]);
  });

  test('says the same with its namespace, with a prefix, and with neither', () => {
    expect(nameIn('<a xmlns="http://maven.example/4.0.0"><name>x</name></a>')).toBe('x');
    expect(nameIn('<m:a xmlns:m="http://maven.example/4.0.0"><m:name>x</m:name></m:a>')).toBe('x');
    expect(nameIn('<m:a><m:name>x</m:name></m:a>')).toBe('x');
  });

  test('keeps hostile names names', () => {
    const { root } = read('<__proto__ __proto__="1"><constructor>x</constructor></__proto__>');
    expect(root?.name).toBe('__proto__');
    expect(textOf(root, 'constructor')).toBe('x');
    expect(textOf(root, 'toString')).toBeUndefined();
  });

  test('is read as far as it goes', () => {
    expect(read('<a><name>x</name><b>half')).toMatchObject({ fault: expect.any(String), refusal: undefined });
    expect(nameIn('<a><name>x</name><b>half')).toBe('x');
    expect(textOf(read('<a><b> half ').root, 'b')).toBe('half');
    expect(nameIn('<a><b></a><name>x</name>')).toBeUndefined();
    // A closing tag that closes nothing closes everything.
    expect(nameIn('<a><name>x</name></b><url>y</url></a>')).toBe('x');
    expect(nameIn('<a><name>&oslash;&undefined;&#0; x</name></a>')).toBe('&oslash;&undefined;&#0; x');
    for (const nothing of ['', 'no XML', '{}', '\0\0\0', '<']) expect(read(nothing).root).toBeUndefined();
  });

  test('never throws, whatever it is, and however it comes in pieces', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '<a>',
        '</a>',
        '<b/>',
        '<![CDATA[',
        ']]>',
        '<!--',
        '-->',
        '&amp;',
        '&x;',
        '<?x',
        '?>',
        '"',
        '\ufeff',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const whole = read(pieces.join(''));
        const reader = new XmlReader(limits);
        for (const byte of Buffer.from(pieces.join(''))) reader.write(Uint8Array.of(byte));
        expect(reader.end().root).toEqual(whole.root);
      }),
      { numRuns: 40 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readXml(bytes, limits)));
  });
});

describe('an encoding', () => {
  const declared = (label: string) => `<?xml version="1.0" encoding="${label}"?><a><name>Søren</name></a>`;
  const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

  test.each([
    ['UTF-8, declared', Buffer.from(declared('UTF-8'))],
    ['UTF-8, by default', Buffer.from('<a><name>Søren</name></a>')],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${declared('UTF-8')}`)],
    ['UTF-8 with a byte order mark and a lie', Buffer.from(`\ufeff${declared('ISO-8859-1')}`)],
    ['UTF-8 that says it is UTF-16', Buffer.from(declared('UTF-16'))],
    ['UTF-8 that says something unknown', Buffer.from(declared('x-none'))],
    ['ISO-8859-1', Buffer.from(declared('ISO-8859-1'), 'latin1')],
    ['ISO-8859-15, in single quotes', Buffer.from(declared('iso-8859-15').replaceAll('"', "'"), 'latin1')],
    ['Windows-1252', Buffer.from(declared('Cp1252').replace('Cp1252', 'windows-1252'), 'latin1')],
    ['UTF-16 with a byte order mark', Buffer.from(`\ufeff${declared('UTF-16')}`, 'utf16le')],
    ['big-endian UTF-16 with a byte order mark', utf16be(`\ufeff${declared('UTF-16')}`)],
    ['UTF-16 without a byte order mark', Buffer.from(declared('UTF-16LE'), 'utf16le')],
    ['big-endian UTF-16 without one', utf16be(declared('UTF-16BE'))],
  ])('may be %s', (_, document) => {
    expect(read(document).fault).toBeUndefined();
    expect(nameIn(document)).toBe('Søren');
  });

  test('may be wrong: what cannot be decoded becomes U+FFFD', () => {
    expect(nameIn(Buffer.from('<a><name>Søren</name></a>', 'latin1'))).toBe('S\ufffdren');
  });
});

describe('a hostile document', () => {
  test.each([
    ['a DOCTYPE', '<!DOCTYPE a><a/>'],
    ['a file as an entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><name>&x;</name></a>'],
    ['a DTD from elsewhere', '<!DOCTYPE a SYSTEM "http://attacker.example/a.dtd"><a/>'],
    [
      'a billion laughs',
      `<!DOCTYPE a [<!ENTITY l0 "lol">${Array.from({ length: 30 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('')}]><a><name>&l30;</name></a>`,
    ],
  ])('is refused with %s', (_, document) => {
    expect(read(document)).toMatchObject({ root: undefined, refusal: 'doctype' });
  });

  test('is refused when it is nested too deep', () => {
    expect(read('<a>'.repeat(20) + '</a>'.repeat(20)).refusal).toBeUndefined();
    expect(read('<a>'.repeat(300_000))).toMatchObject({ root: undefined, refusal: 'too deep' });
  });

  test('is refused when it is too large, has too many elements, or breaks every rule', () => {
    expect(read(`<a>${' '.repeat(1_000_000)}</a>`)).toMatchObject({ root: undefined, refusal: 'too large' });
    expect(read(`<a>${'<b/>'.repeat(10_000)}</a>`)).toMatchObject({ root: undefined, refusal: 'too many elements' });
    expect(read(`<a>${'&x;'.repeat(300_000)}</a>`)).toMatchObject({ root: undefined, refusal: 'too many faults' });
  });

  test.each([
    ['attributes', `<a ${Array.from({ length: 90_000 }, (_, n) => `b${n}="1"`).join(' ')}/>`],
    ['one attribute', `<a b="${'x'.repeat(990_000)}"/>`],
    ['one name', `<${'x'.repeat(990_000)}/>`],
    ['one entity', `<a>&${'x'.repeat(990_000)}`],
    ['one comment', `<a><!--${'-x'.repeat(490_000)}`],
    ['one processing instruction', `<a><?${'x'.repeat(990_000)}`],
    ['text in pieces', `<a>${'x<!---->'.repeat(120_000)}</a>`],
    ['spaces', `<a>${' '.repeat(990_000)}</a>`],
  ])('of much %s is read in a moment', (_, document) => {
    const started = performance.now();
    read(document);
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test('is read no further than it is refused', () => {
    const reader = new XmlReader(limits);
    reader.write(Buffer.from(`<!DOCTYPE a>${' '.repeat(300)}`));
    expect(reader.isFinished).toBe(true);
    reader.write(Buffer.alloc(10_000_000));
    expect(reader.end().refusal).toBe('doctype');
  });
});

describe('a text', () => {
  test('is escaped so that it is read back', () => {
    expect(escapeXml('a<b> & "c" ]]>')).toBe('a&lt;b&gt; &amp; "c" ]]&gt;');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const { root, fault } = read(`<a><b>${escapeXml(text)}</b></a>`);
        expect(fault).toBeUndefined();
        expect(childOf(root, 'b')?.text).toBe(text.trim());
      }),
    );
  });

  test('loses what XML has no character for', () => {
    expect(escapeXml('a\0b\u0008\ud800\uffff')).toBe('a\ufffdb\ufffd\ufffd\ufffd');
  });
});
