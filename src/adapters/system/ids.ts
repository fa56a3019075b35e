import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Identifiers from the machine's random source: ULIDs, 48 bits of time and 80 of chance. */
export function systemIds(clock: Clock): Ids {
  return {
    next: () => encode(BigInt(clock.now()), 10) + encode(BigInt(`0x${randomBytes(10).toString('hex')}`), 16),
    uuid: () => randomUUID(),
    bytes: (length) => randomBytes(length),
  };
}

function encode(value: bigint, length: number): string {
  let text = '';
  let rest = value;
  for (let position = 0; position < length; position += 1) {
    text = alphabet.charAt(Number(rest & 31n)) + text;
    rest >>= 5n;
  }
  return text;
}
