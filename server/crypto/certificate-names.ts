import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** A name that a server certificate is for, in the form the certificate carries. */
export type CertificateName =
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'ip'; readonly address: string; readonly bytes: Buffer };

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** ASCII signs that no host name has; `domainToASCII` would read them as parts of an address. */
const FOREIGN_SIGN = /[\u0000-\u007f](?<![A-Za-z0-9._-])/;
const LONGEST_HOSTNAME = 253;

/**
 * Reads a host name or IP address: names become lower case and, beyond ASCII, punycode; `*` may stand for the first label
 * of three or more. Throws `RangeError` naming the text when it is neither.
 */
export function parseCertificateName(text: string): CertificateName {
  const trimmed = text.trim();
  const address = trimmed.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) === 4) return { kind: 'ip', address, bytes: Buffer.from(address.split('.').map(Number)) };
  if (isIP(address) === 6 && !address.includes('%')) return { kind: 'ip', address, bytes: ipv6Bytes(address) };

  const wildcard = trimmed.startsWith('*.');
  const plain = (wildcard ? trimmed.slice(2) : trimmed).replace(/\.$/, '');
  const name = FOREIGN_SIGN.test(plain) ? '' : domainToASCII(plain);
  const labels = name.split('.');
  const fits = name.length <= LONGEST_HOSTNAME && labels.every((label) => LABEL.test(label));
  if (!fits || isIP(name) !== 0 || (wildcard && labels.length < 2)) {
    throw new RangeError(`"${text}" is neither a host name nor an IP address that a certificate can carry.`);
  }
  return { kind: 'dns', name: wildcard ? `*.${name}` : name };
}

/** The 16 bytes of an IPv6 address that `isIP` accepted, also one that ends in dotted IPv4. */
function ipv6Bytes(address: string): Buffer {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const groups = dotted ? `${dotted[1]}${pair(dotted[2]!, dotted[3]!)}:${pair(dotted[4]!, dotted[5]!)}` : address;
  const [head = '', tail] = groups.split('::');
  const words = (part: string) => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)));
  const first = words(head);
  const last = tail === undefined ? [] : words(tail);
  const all = [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}

function pair(high: string, low: string): string {
  return ((Number(high) << 8) | Number(low)).toString(16);
}
