/** Universally unique identifiers (RFC 4122): reading their fields and making random ones. */

/** The fields of a UUID; those of a time-based one are there for versions 1 and 2 only. */
export interface UuidFields {
  readonly version: number;
  readonly variant: string;
  readonly timeBased?: {
    /** Nanoseconds since 1970, in 64 bits: times far from now come out as others. */
    readonly time: bigint;
    /** The node as six hexadecimal bytes with hyphens. */
    readonly node: string;
    readonly nodeKind: string;
    readonly clockSequence: number;
  };
  /** Version 2 (DCE security): the local identifier and what it is of. */
  readonly security?: { readonly id: number; readonly domain: string };
}

const HEX = '[0-9a-fA-F]';
const HYPHENATED = `${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}`;
const FORMS = [
  new RegExp(`^(?:[uU][rR][nN]:[uU][uU][iI][dD]:)?(${HYPHENATED})$`),
  new RegExp(`^.(${HYPHENATED}).$`, 's'),
  new RegExp(`^(${HEX}{32})$`),
];
/** 100-nanosecond intervals between the Gregorian reform and 1970. */
const GREGORIAN_OFFSET = 122192928000000000n;
const DOMAINS = ['Person', 'Group', 'Org'];

/** The fields of a UUID text: plain, as URN, in braces or without hyphens. Undefined when it is none. */
export function parseUuid(text: string): UuidFields | undefined {
  const digits = FORMS.map((form) => form.exec(text)?.[1]).find((match) => match !== undefined);
  if (digits === undefined) return undefined;
  const bytes = Buffer.from(digits.replaceAll('-', ''), 'hex');
  const version = bytes[6]! >> 4;
  const variant = variantOf(bytes[8]!);
  if (version !== 1 && version !== 2) return { version, variant };
  const fields = { version, variant, timeBased: timeFields(bytes) };
  if (version === 1) return fields;
  const domain = bytes[9]!;
  return { ...fields, security: { id: bytes.readUInt32BE(0), domain: DOMAINS[domain] ?? `Domain${domain}` } };
}

function timeFields(bytes: Buffer) {
  const low = BigInt(bytes.readUInt32BE(0));
  const middle = BigInt(bytes.readUInt16BE(4));
  const high = BigInt(bytes.readUInt16BE(6) & 0x0fff);
  const ticks = (high << 48n) | (middle << 32n) | low;
  const node = bytes.subarray(10);
  return {
    time: BigInt.asIntN(64, (ticks - GREGORIAN_OFFSET) * 100n),
    node: [...node].map((byte) => byte.toString(16).padStart(2, '0')).join('-'),
    nodeKind: `${node[0]! & 2 ? 'local' : 'global'}:${node[0]! & 1 ? 'multicast' : 'unicast'}`,
    clockSequence: bytes.readUInt16BE(8) & 0x3fff,
  };
}

function variantOf(byte: number): string {
  if ((byte & 0xc0) === 0x80) return 'RFC4122';
  if ((byte & 0xe0) === 0xc0) return 'Microsoft';
  return (byte & 0xe0) === 0xe0 ? 'Future' : 'Reserved';
}

/** A version 4 UUID of sixteen random bytes. */
export function randomUuid(random: Uint8Array): string {
  const bytes = Buffer.from(random);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
