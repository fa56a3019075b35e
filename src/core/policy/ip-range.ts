import { isIPv4, isIPv6 } from 'node:net';

/** An address as groups of 16 bits: two of IPv4, eight of IPv6. IPv4 mapped into IPv6 counts as IPv4. */
type Address = readonly number[];

export interface IpRange {
  readonly address: Address;
  readonly prefixBits: number;
}

/** Reads `203.0.113.0/24`, `2001:db8::/32` or a single address; undefined for anything else. */
export function parseIpRange(text: string): IpRange | undefined {
  const slash = text.indexOf('/');
  const groups = parseGroups(slash === -1 ? text : text.slice(0, slash));
  if (groups === undefined) return undefined;
  const maxBits = groups.length * 16;
  const prefix = slash === -1 ? String(maxBits) : text.slice(slash + 1);
  const prefixBits = Number(prefix);
  if (!/^\d{1,3}$/.test(prefix) || prefixBits > maxBits) return undefined;
  if (isMapped(groups) && prefixBits >= 96) return { address: groups.slice(6), prefixBits: prefixBits - 96 };
  return { address: groups, prefixBits };
}

export function parseAddress(text: string): Address | undefined {
  const groups = parseGroups(text);
  return groups && isMapped(groups) ? groups.slice(6) : groups;
}

export function isInRange(address: Address, { address: start, prefixBits }: IpRange): boolean {
  if (address.length !== start.length) return false;
  let bits = prefixBits;
  for (let index = 0; bits > 0; index += 1, bits -= 16) {
    const difference = (address[index] ?? 0) ^ (start[index] ?? 0);
    if (difference >> (bits >= 16 ? 0 : 16 - bits) !== 0) return false;
  }
  return true;
}

function isMapped(groups: Address): boolean {
  return groups.length === 8 && groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}

function parseGroups(text: string): Address | undefined {
  if (isIPv4(text)) return ipv4Groups(text);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const lastColon = text.lastIndexOf(':');
  const tail = text.slice(lastColon + 1);
  const [before = '', after] = (tail.includes('.') ? text.slice(0, lastColon + 1) + hexOf(tail) : text).split('::');
  const start = hexGroups(before);
  if (after === undefined) return start;
  const end = hexGroups(after);
  return [...start, ...new Array<number>(8 - start.length - end.length).fill(0), ...end];
}

function ipv4Groups(text: string): [number, number] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

/** The last 32 bits, written as IPv4, as IPv6 writes them. */
function hexOf(ipv4: string): string {
  return ipv4Groups(ipv4)
    .map((group) => group.toString(16))
    .join(':');
}

function hexGroups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
