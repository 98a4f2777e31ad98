/** IP addresses and networks as integers: IPv4 has 32 bits, IPv6 128. An IPv4-mapped IPv6 address is an IPv4 address. */

/** An address of one of the two families. */
export interface IpAddress {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** A network: one of its addresses, in general the first, and the number of leading bits that all its addresses share. */
export interface Network extends IpAddress {
  readonly prefix: number;
}

/** No address or network is nearly as long; a longer text is not looked at. */
const MAXIMUM_TEXT = 256;

const MAPPED_PREFIX = 0xffffn;
const IPV4_PART = /^(?:0|[1-9]\d{0,2})$/;

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!IPV4_PART.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseGroups(text: string): readonly bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const ipv4 = parseIpv4(part);
      if (ipv4 === undefined) return undefined;
      groups.push(ipv4 >> 16n, ipv4 & 0xffffn);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(BigInt(`0x${part}`));
    } else {
      return undefined;
    }
  }
  return groups;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!);
  const tail = halves.length === 2 ? parseGroups(halves[1]!) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0n), ...tail];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

/** The address of a text without a zone, or undefined. */
export function parseAddress(text: string): IpAddress | undefined {
  if (text.length > MAXIMUM_TEXT) return undefined;
  if (!text.includes(':')) {
    const value = parseIpv4(text);
    return value === undefined ? undefined : { bits: 32, value };
  }
  const value = parseIpv6(text);
  if (value === undefined) return undefined;
  return value >> 32n === MAPPED_PREFIX ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}

function firstOf(value: bigint, bits: number, prefix: number): bigint {
  const host = BigInt(bits - prefix);
  return (value >> host) << host;
}

/** The network of a text in CIDR notation, or undefined. Bits behind the prefix are cleared. */
export function parseNetwork(text: string): Network | undefined {
  if (text.length > MAXIMUM_TEXT) return undefined;
  const match = /^([^/]*)\/(\d+)$/.exec(text);
  const address = match ? parseAddress(match[1]!) : undefined;
  if (!match || !address) return undefined;
  const written = match[1]!.includes(':') ? 128 : 32;
  const prefix = Number(match[2]);
  if (prefix > written) return undefined;
  if (written === address.bits) {
    return { bits: address.bits, prefix, value: firstOf(address.value, address.bits, prefix) };
  }
  const value = firstOf((MAPPED_PREFIX << 32n) | address.value, 128, prefix);
  return prefix < 96 ? { bits: 128, prefix, value } : { bits: 32, prefix: prefix - 96, value: value & 0xffffffffn };
}

/** The last address of a network. */
export function lastOf(network: Network): bigint {
  return network.value | ((1n << BigInt(network.bits - network.prefix)) - 1n);
}

/** Whether the address belongs to the network; families never mix. */
export function containsAddress(network: Network, address: IpAddress): boolean {
  return network.bits === address.bits && firstOf(address.value, network.bits, network.prefix) === network.value;
}

/** Whether every address of the second network belongs to the first. */
export function containsNetwork(outer: Network, inner: Network): boolean {
  return outer.prefix <= inner.prefix && containsAddress(outer, inner);
}

/** The text of an address; IPv6 in lower case with the longest run of zero groups shortened (RFC 5952). */
export function addressText({ bits, value }: IpAddress): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === '0') length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.start < 0) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}

/** The network in CIDR notation. */
export function networkText(network: Network): string {
  return `${addressText(network)}/${network.prefix}`;
}

/** The fewest networks that cover exactly the addresses of the given ones; those that join no other are given back as they are. */
export function mergeNetworks(networks: readonly Network[]): readonly Network[] {
  const merged: Network[] = [];
  for (const bits of [32, 128] as const) {
    const ranges = networks
      .filter((network) => network.bits === bits)
      .map((network) => ({
        source: network as Network | undefined,
        first: firstOf(network.value, bits, network.prefix),
        last: lastOf(network),
      }))
      .sort((left, right) => (left.first < right.first ? -1 : left.first > right.first ? 1 : 0));
    const joined: typeof ranges = [];
    for (const range of ranges) {
      const current = joined.at(-1);
      if (current && range.first <= current.last + 1n) {
        if (range.last > current.last) current.last = range.last;
        current.source = undefined;
      } else {
        joined.push({ ...range });
      }
    }
    for (const { source, first, last } of joined) merged.push(...(source ? [source] : coverRange(first, last, bits)));
  }
  return merged;
}

function coverRange(first: bigint, last: bigint, bits: 32 | 128): readonly Network[] {
  const networks: Network[] = [];
  let value = first;
  while (value <= last) {
    let prefix = bits as number;
    while (prefix > 0) {
      const wider = 1n << BigInt(bits - prefix + 1);
      if (value % wider !== 0n || value + wider - 1n > last) break;
      prefix -= 1;
    }
    networks.push({ bits, prefix, value });
    value += 1n << BigInt(bits - prefix);
  }
  return networks;
}
