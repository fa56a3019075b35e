import { invalid } from '../../core/errors.ts';

/** The digests an upload form may give, as lower-case hex. */
export interface FormDigests {
  readonly md5?: string;
  readonly sha256?: string;
  readonly blake2b256?: string;
}

/** A digest of an upload form, its field there, and how it is called in a message. */
const algorithms = [
  ['md5', 'md5_digest', 'MD5', 32],
  ['sha256', 'sha256_digest', 'SHA-256', 64],
  ['blake2b256', 'blake2_256_digest', 'BLAKE2b-256', 64],
] as const;

/**
 * Reads the digests of an upload form.
 *
 * @param field gives the value of a field; undefined where the form has none
 * @throws ValidationException for a digest that is not hex of its length.
 */
export function readFormDigests(field: (name: string) => string | undefined): FormDigests {
  const digests = algorithms.flatMap(([algorithm, name, , length]) => {
    const value = field(name)?.toLowerCase();
    if (value === undefined) return [];
    if (value.length === length && /^[0-9a-f]+$/.test(value)) return [[algorithm, value]];
    throw invalid(`The form's ${name} is not a digest: it needs ${length} hexadecimal digits.`);
  });
  return Object.fromEntries(digests);
}

/**
 * Holds an upload's bytes against the digests of its form; those the form does not give are not looked at.
 *
 * @throws ValidationException that names the digest that differs.
 */
export function checkDigests(given: FormDigests, received: Required<FormDigests>): void {
  for (const [algorithm, , shown] of algorithms) {
    const expected = given[algorithm];
    if (expected === undefined || expected === received[algorithm]) continue;
    throw invalid(
      `The file's ${shown} is ${received[algorithm]}, but the form says ${expected}. Upload again; the file was changed on its way.`,
    );
  }
}

/** A digest in the making. */
export interface Digesting {
  update(chunk: Uint8Array): void;
  /** The digest as lower-case hex; nothing may be added after it. */
  digest(): string;
}

/**
 * Begins a BLAKE2b with 256 bits, which every twine sends. Node's OpenSSL only knows the one with 512 bits, which begins
 * otherwise; in JavaScript it would be the slowest part of an upload by far, so it is WebAssembly, loaded on first use.
 */
export async function startBlake2b256(): Promise<Digesting> {
  const { createBLAKE2b } = await import('hash-wasm');
  const hash = await createBLAKE2b(256);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest('hex') };
}
