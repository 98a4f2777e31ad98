/** The extensions of certificates (RFC 5280) as fields. */
import type { RegoObject, Value } from '../../values.ts';
import {
  alternativeNameFields,
  bytesField,
  type GeneralNames,
  generalNames,
  ipText,
  listOrNull,
  objectOf,
} from './certificate-names.ts';
import {
  childrenOf,
  contextTag,
  type DerElement,
  identifierOf,
  integerOf,
  readElement,
  readElements,
  TAG,
} from './der.ts';

/** One extension. */
export interface Extension {
  readonly id: string;
  readonly arcs: readonly number[];
  readonly critical: boolean;
  readonly value: Buffer;
}

/** Reads the elements of an extension list. */
export function readExtensions(list: DerElement): readonly Extension[] {
  return childrenOf(list).map((element) => {
    const parts = childrenOf(element);
    const arcs = identifierOf(parts[0]);
    const critical = parts[1]?.tag === TAG.boolean && parts[1].contents[0] !== 0;
    return { id: arcs.join('.'), arcs, critical, value: parts.at(-1)!.contents };
  });
}

/** An extension as it is shown. */
export function extensionObject({ arcs, critical, value }: Extension): RegoObject {
  return objectOf({ Id: [...arcs], Critical: critical, Value: value.toString('base64') });
}

/** Names that a certificate authority may or may not certify. */
export interface NameConstraints {
  readonly permitted: GeneralNames;
  readonly excluded: GeneralNames;
}

/** What the extensions say, as far as chains depend on it. */
export interface ExtensionFacts {
  readonly names: GeneralNames;
  readonly constraints: NameConstraints | undefined;
  readonly isAuthority: boolean | undefined;
  /** -1 is without limit. */
  readonly pathLength: number;
  /** Bit 0 is digital signature, bit 5 certificate signing. */
  readonly keyUsage: number;
  /** Numbers of well-known usages; undefined without the extension. */
  readonly extendedUsages: readonly number[] | undefined;
  readonly hasUnknownUsage: boolean;
  readonly unhandledCritical: readonly Extension[];
}

/** Identifiers of extended key usages, by the numbers they are shown with. */
const EXTENDED_USAGES = [
  '2.5.29.37.0',
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((arc) => `1.3.6.1.5.5.7.3.${arc}`),
  '1.3.6.1.4.1.311.10.3.3',
  '2.16.840.1.113730.4.1',
  '1.3.6.1.4.1.311.2.1.22',
  '1.3.6.1.4.1.311.61.1.1',
];

const NO_NAMES: GeneralNames = { dns: [], email: [], uri: [], ip: [] };
const HANDLED = ['14', '15', '17', '19', '30', '31', '32', '33', '35', '36', '37', '54'].map((arc) => `2.5.29.${arc}`);
const AUTHORITY_INFORMATION = '1.3.6.1.5.5.7.1.1';

function subtrees(element: DerElement | undefined): GeneralNames {
  if (!element) return NO_NAMES;
  return generalNames(readElements(element.contents).map((subtree) => childrenOf(subtree)[0]!));
}

function ipRange(bytes: Buffer): Value {
  const half = bytes.length / 2;
  return objectOf({ IP: ipText(bytes.subarray(0, half)), Mask: bytes.subarray(half).toString('base64') });
}

function constraintFields(kind: 'Permitted' | 'Excluded', names: GeneralNames): Readonly<Record<string, Value>> {
  return {
    [`${kind}DNSDomains`]: listOrNull(names.dns),
    [`${kind}EmailAddresses`]: listOrNull(names.email),
    [`${kind}IPRanges`]: listOrNull(names.ip.map(ipRange)),
    [`${kind}URIDomains`]: listOrNull(names.uri),
  };
}

function distributionPoints(value: Buffer): readonly string[] {
  return childrenOf(readElement(value)).flatMap((point) => {
    const name = childrenOf(point).find((part) => contextTag(part) === 0);
    const fullName = name ? readElements(name.contents).find((part) => contextTag(part) === 0) : undefined;
    return fullName ? generalNames(readElements(fullName.contents)).uri : [];
  });
}

function accessLocations(value: Buffer, method: string): readonly string[] {
  return childrenOf(readElement(value)).flatMap((description) => {
    const [type, location] = childrenOf(description);
    return identifierOf(type).join('.') === method ? generalNames([location!]).uri : [];
  });
}

function usageBits(value: Buffer): number {
  const bytes = readElement(value).contents.subarray(1);
  let usage = 0;
  for (let bit = 0; bit < Math.min(9, bytes.length * 8); bit += 1) {
    if (bytes[bit >> 3]! & (0x80 >> (bit & 7))) usage |= 1 << bit;
  }
  return usage;
}

/** Reads what the extensions say: the facts for chains, and all fields as they are shown. */
export function readExtensionFields(extensions: readonly Extension[]): {
  readonly facts: ExtensionFacts;
  readonly fields: Readonly<Record<string, Value>>;
} {
  const contentsOf = (id: string) => extensions.find((extension) => extension.id === id)?.value;
  const read = <Result>(id: string, reader: (value: Buffer) => Result): Result | undefined => {
    const value = contentsOf(id);
    return value === undefined ? undefined : reader(value);
  };
  const names = read('2.5.29.17', (value) => generalNames(childrenOf(readElement(value)))) ?? NO_NAMES;
  const basic = read('2.5.29.19', (value) => childrenOf(readElement(value)));
  const length = basic?.find((part) => part.tag === TAG.integer);
  const isAuthority = basic?.some((part) => part.tag === TAG.boolean && part.contents[0] !== 0);
  const pathLength = basic ? (length ? Number(integerOf(length)) : -1) : 0;
  const constraintParts = read('2.5.29.30', (value) => childrenOf(readElement(value)));
  const constraints = constraintParts && {
    permitted: subtrees(constraintParts.find((part) => contextTag(part) === 0)),
    excluded: subtrees(constraintParts.find((part) => contextTag(part) === 1)),
  };
  const usages = read('2.5.29.37', (value) => childrenOf(readElement(value)).map(identifierOf));
  const known = usages?.map((arcs) => EXTENDED_USAGES.indexOf(arcs.join('.'))).filter((usage) => usage >= 0);
  const unknown = usages?.filter((arcs) => !EXTENDED_USAGES.includes(arcs.join('.'))) ?? [];
  const policies = read('2.5.29.32', (value) =>
    childrenOf(readElement(value)).map((policy) => identifierOf(childrenOf(policy)[0])),
  );
  const keyUsage = read('2.5.29.15', usageBits) ?? 0;
  const unhandledCritical = extensions.filter(({ critical, id }) => critical && !HANDLED.includes(id));
  const authorityKey = read('2.5.29.35', (value) =>
    childrenOf(readElement(value)).find((part) => contextTag(part) === 0),
  );
  const pathField = basic ? pathLength : 0;
  const fields = {
    ...alternativeNameFields(names),
    ...constraintFields('Permitted', constraints?.permitted ?? NO_NAMES),
    ...constraintFields('Excluded', constraints?.excluded ?? NO_NAMES),
    PermittedDNSDomainsCritical: extensions.some(({ id, critical }) => id === '2.5.29.30' && critical),
    AuthorityKeyId: bytesField(authorityKey?.contents),
    SubjectKeyId: bytesField(read('2.5.29.14', (value) => readElement(value).contents)),
    BasicConstraintsValid: basic !== undefined,
    IsCA: isAuthority ?? false,
    MaxPathLen: pathField,
    MaxPathLenZero: basic !== undefined && pathField === 0,
    KeyUsage: keyUsage,
    ExtKeyUsage: listOrNull(known ?? []),
    UnknownExtKeyUsage: listOrNull(unknown.map((arcs) => [...arcs])),
    CRLDistributionPoints: listOrNull(read('2.5.29.31', distributionPoints) ?? []),
    OCSPServer: listOrNull(read(AUTHORITY_INFORMATION, (value) => accessLocations(value, '1.3.6.1.5.5.7.48.1')) ?? []),
    IssuingCertificateURL: listOrNull(
      read(AUTHORITY_INFORMATION, (value) => accessLocations(value, '1.3.6.1.5.5.7.48.2')) ?? [],
    ),
    PolicyIdentifiers: listOrNull((policies ?? []).map((arcs) => [...arcs])),
    Policies: listOrNull((policies ?? []).map((arcs) => arcs.join('.'))),
    UnhandledCriticalExtensions: listOrNull(unhandledCritical.map(({ arcs }) => [...arcs])),
  };
  const hasUnknownUsage = unknown.length > 0;
  const extendedUsages = known;
  const facts = {
    names,
    constraints,
    isAuthority,
    pathLength,
    keyUsage,
    extendedUsages,
    hasUnknownUsage,
    unhandledCritical,
  };
  return { facts, fields };
}
