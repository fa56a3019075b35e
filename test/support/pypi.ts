import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** An entry of a zip to make. What is not given is what Python's zipfile writes. */
export interface ZipPart {
  readonly name: string;
  readonly content: string | Buffer;
  readonly isStored?: boolean;
  /** Sizes and checksum behind the bytes, as tools write that cannot seek. */
  readonly hasDataDescriptor?: boolean;
  readonly isZip64?: boolean;
  /** The name in front of the bytes, where it is to differ from the directory's. */
  readonly localName?: string;
  /** The size in the directory, where it is to be a lie. */
  readonly claimedSize?: number;
  readonly flags?: number;
  readonly method?: number;
  readonly extra?: Buffer;
}

export interface ZipShape {
  readonly comment?: string;
  /** Write a zip64 end record, whether or not it is needed. */
  readonly isZip64?: boolean;
  /** Bytes between the directory and its end record. */
  readonly gap?: Buffer;
}

/** Makes a zip, honest or not. */
export function zipOf(parts: readonly ZipPart[], shape: ZipShape = {}): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const content = Buffer.from(part.content as Buffer);
    const data = part.isStored ? content : deflateRawSync(content, { level: 9 });
    const entry = { part, content, data, method: part.method ?? (part.isStored ? 0 : 8), offset };
    const body = localEntry(entry);
    bodies.push(body);
    directory.push(directoryEntry(entry));
    offset += body.length;
  }
  const listing = Buffer.concat(directory);
  const gap = shape.gap ?? Buffer.alloc(0);
  const end = endRecords(parts.length, listing.length, offset, offset + listing.length + gap.length, shape);
  return Buffer.concat([...bodies, listing, gap, end]);
}

interface Entry {
  readonly part: ZipPart;
  readonly content: Buffer;
  readonly data: Buffer;
  readonly method: number;
  readonly offset: number;
}

function localEntry({ part, content, data, method }: Entry): Buffer {
  const name = Buffer.from(part.localName ?? part.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE((part.flags ?? 0) | (part.hasDataDescriptor ? 8 : 0), 6);
  header.writeUInt16LE(method, 8);
  header.writeUInt16LE(name.length, 26);
  const facts = sizes(content, data);
  if (!part.hasDataDescriptor) facts.copy(header, 14);
  const descriptor = Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), facts]);
  return Buffer.concat([header, name, data, ...(part.hasDataDescriptor ? [descriptor] : [])]);
}

function directoryEntry({ part, content, data, method, offset }: Entry): Buffer {
  const name = Buffer.from(part.name);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE((part.flags ?? 0) | (part.hasDataDescriptor ? 8 : 0), 8);
  header.writeUInt16LE(method, 10);
  sizes(content, data).copy(header, 16);
  if (part.claimedSize !== undefined) header.writeUInt32LE(part.claimedSize, 24);
  header.writeUInt32LE(offset, 42);
  const extras = [part.extra ?? Buffer.alloc(0)];
  if (part.isZip64) {
    const long = Buffer.alloc(28);
    long.writeUInt16LE(1, 0);
    long.writeUInt16LE(24, 2);
    for (const [index, value] of [content.length, data.length, offset].entries()) {
      long.writeBigUInt64LE(BigInt(value), 4 + index * 8);
    }
    for (const at of [20, 24, 42]) header.writeUInt32LE(0xffffffff, at);
    extras.push(long);
  }
  const extra = Buffer.concat(extras);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  return Buffer.concat([header, name, extra]);
}

function sizes(content: Buffer, data: Buffer): Buffer {
  const facts = Buffer.alloc(12);
  facts.writeUInt32LE(crc32(content), 0);
  facts.writeUInt32LE(data.length, 4);
  facts.writeUInt32LE(content.length, 8);
  return facts;
}

function endRecords(count: number, length: number, offset: number, at: number, shape: ZipShape): Buffer {
  const comment = Buffer.from(shape.comment ?? '', 'latin1');
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(comment.length, 20);
  for (const place of [8, 10]) end.writeUInt16LE(shape.isZip64 ? 0xffff : count, place);
  end.writeUInt32LE(shape.isZip64 ? 0xffffffff : length, 12);
  end.writeUInt32LE(shape.isZip64 ? 0xffffffff : offset, 16);
  if (!shape.isZip64) return Buffer.concat([end, comment]);
  const long = Buffer.alloc(56);
  long.writeUInt32LE(0x06064b50, 0);
  long.writeBigUInt64LE(44n, 4);
  for (const place of [24, 32]) long.writeBigUInt64LE(BigInt(count), place);
  long.writeBigUInt64LE(BigInt(length), 40);
  long.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(at), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([long, locator, end, comment]);
}

/** The text of a METADATA or PKG-INFO: these headers, then the description. */
export function metadataText(name: string, version: string, headers: readonly string[] = [], description = ''): string {
  return ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`, ...headers, '', description].join('\n');
}

/** A wheel as build tools make it. The file's name goes with it: `{name}-{version}-py3-none-any.whl`. */
export function wheelOf(name: string, version: string, headers: readonly string[] = [], description = ''): Buffer {
  const folder = `${name.replace(/[-.]+/g, '_')}-${version}.dist-info`;
  return zipOf([
    { name: `${name.replace(/[-.]+/g, '_')}/__init__.py`, content: `__version__ = ${JSON.stringify(version)}\n` },
    { name: `${folder}/METADATA`, content: metadataText(name, version, headers, description) },
    { name: `${folder}/WHEEL`, content: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n' },
    { name: `${folder}/RECORD`, content: '' },
  ]);
}

export type TarPart = readonly [path: string, content: string | Buffer | { readonly link: string }];

/** A gzipped tar. A path that ends in `/` is a folder. */
export async function tarGzOf(parts: readonly TarPart[]): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of parts) {
    if (name.endsWith('/')) archive.entry({ name, type: 'directory' });
    else if (typeof content === 'string' || Buffer.isBuffer(content)) archive.entry({ name }, content);
    else archive.entry({ name, type: 'symlink', linkname: content.link });
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks), { level: 1 });
}

/** An sdist as setuptools makes it. The file's name goes with it: `{name}-{version}.tar.gz`. */
export function sdistOf(name: string, version: string, headers: readonly string[] = [], description = '') {
  const folder = `${name}-${version}`;
  const pkgInfo = metadataText(name, version, headers, description);
  return tarGzOf([
    [`${folder}/`, ''],
    [`${folder}/PKG-INFO`, pkgInfo],
    [`${folder}/setup.py`, 'from setuptools import setup; setup()\n'],
    [`${folder}/${name}.egg-info/PKG-INFO`, pkgInfo],
  ]);
}

/** A part of a form: a field, or a file where it has a file name. */
export interface FormPart {
  readonly name: string;
  readonly value: string | Buffer;
  readonly fileName?: string;
  /** Further headers of the part. */
  readonly headers?: readonly string[];
}

export const formBoundary = '4f1cbd0a3c1e4b7f9a3e';
export const formType = `multipart/form-data; boundary=${formBoundary}`;

/** The body of a form, as requests-toolbelt and reqwest write it. */
export function formOf(parts: readonly FormPart[]): Buffer {
  const pieces = parts.flatMap(({ name, value, fileName, headers = [] }) => {
    const file = fileName === undefined ? '' : `; filename="${fileName}"`;
    const type = fileName === undefined ? [] : ['Content-Type: application/octet-stream'];
    const lines = [`--${formBoundary}`, `Content-Disposition: form-data; name="${name}"${file}`, ...type, ...headers];
    return [Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(value as Buffer), Buffer.from('\r\n')];
  });
  return Buffer.concat([...pieces, Buffer.from(`--${formBoundary}--\r\n`)]);
}
