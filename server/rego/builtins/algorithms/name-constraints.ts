/** Name constraints of certificate authorities (RFC 5280 section 4.2.1.10). */
import type { NameConstraints } from './certificate-extensions.ts';
import type { GeneralNames } from './certificate-names.ts';
import { parseUri } from './uri.ts';

type Matches<Name> = (name: Name, constraint: Name) => boolean;

function isWithinDomain(name: string, domain: string): boolean {
  const [lowerName, lowerDomain] = [name.toLowerCase(), domain.toLowerCase()];
  if (lowerDomain === '') return true;
  if (lowerDomain.startsWith('.')) return lowerName.endsWith(lowerDomain);
  return lowerName === lowerDomain || lowerName.endsWith(`.${lowerDomain}`);
}

function emailMatches(address: string, constraint: string): boolean {
  if (constraint.includes('@')) return address.toLowerCase() === constraint.toLowerCase();
  const host = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const domain = constraint.toLowerCase();
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain;
}

function uriMatches(uri: string, constraint: string): boolean {
  const host = parseUri(uri).hostname.toLowerCase();
  const domain = constraint.toLowerCase();
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain;
}

function ipMatches(address: Buffer, range: Buffer): boolean {
  if (range.length !== address.length * 2) return false;
  return address.every((byte, index) => {
    const mask = range[address.length + index]!;
    return (byte & mask) === (range[index]! & mask);
  });
}

function satisfies<Name>(
  names: readonly Name[],
  permitted: readonly Name[],
  excluded: readonly Name[],
  matches: Matches<Name>,
): boolean {
  return names.every((name) => {
    if (excluded.some((constraint) => matches(name, constraint))) return false;
    return permitted.length === 0 || permitted.some((constraint) => matches(name, constraint));
  });
}

/** Whether every name is permitted, where names of its kind are limited, and none is excluded. */
export function satisfiesConstraints(names: GeneralNames, { permitted, excluded }: NameConstraints): boolean {
  return (
    satisfies(names.dns, permitted.dns, excluded.dns, isWithinDomain) &&
    satisfies(names.email, permitted.email, excluded.email, emailMatches) &&
    satisfies(names.uri, permitted.uri, excluded.uri, uriMatches) &&
    satisfies(names.ip, permitted.ip, excluded.ip, ipMatches)
  );
}
