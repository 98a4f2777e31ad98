/** Names in certificates: distinguished names, and the kinds of general names. */
import { fromBigInt, RegoObject, type Value } from '../../values.ts';
import { addressText } from './cidr.ts';
import { childrenOf, contextTag, type DerElement, identifierOf, readElement, TAG, textOf } from './der.ts';
import { parseUri } from './uri.ts';

/** Attributes of a name with a field of their own, by the last arc below 2.5.4. */
const LISTS: Readonly<Record<number, string>> = {
  6: 'Country',
  7: 'Locality',
  8: 'Province',
  9: 'StreetAddress',
  10: 'Organization',
  11: 'OrganizationalUnit',
  17: 'PostalCode',
};
const SINGLES: Readonly<Record<number, string>> = { 3: 'CommonName', 5: 'SerialNumber' };

/** A distinguished name as an object with its well-known attributes and all of them in order. */
export function nameObject(name: DerElement): RegoObject {
  const fields = new Map<string, Value>([['ExtraNames', null]]);
  for (const list of Object.values(LISTS)) fields.set(list, null);
  for (const single of Object.values(SINGLES)) fields.set(single, '');
  const names: Value[] = [];
  for (const set of childrenOf(name)) {
    for (const attribute of childrenOf(set, TAG.set)) {
      const [typeElement, valueElement] = childrenOf(attribute);
      const type = identifierOf(typeElement);
      const value = textOf(valueElement!);
      names.push(objectOf({ Type: [...type], Value: value }));
      const last = type.length === 4 && type[0] === 2 && type[1] === 5 && type[2] === 4 ? type[3]! : -1;
      const [list, single] = [LISTS[last], SINGLES[last]];
      if (list) fields.set(list, [...((fields.get(list) as readonly Value[] | null) ?? []), value]);
      if (single) fields.set(single, value);
    }
  }
  fields.set('Names', names.length > 0 ? names : null);
  return RegoObject.from(fields);
}

/** An object from a record. */
export function objectOf(fields: Readonly<Record<string, Value>>): RegoObject {
  return RegoObject.from(Object.entries(fields));
}

/** The list, or null when it is empty, as Go writes lists that were never filled. */
export function listOrNull(items: readonly Value[]): Value {
  return items.length > 0 ? items : null;
}

/** Alternative names by kind. */
export interface GeneralNames {
  readonly dns: readonly string[];
  readonly email: readonly string[];
  readonly uri: readonly string[];
  readonly ip: readonly Buffer[];
}

/** Sorts general names by kind; other kinds are left out. */
export function generalNames(elements: readonly DerElement[]): GeneralNames {
  const ofKind = (tag: number) => elements.filter((element) => contextTag(element) === tag);
  const texts = (tag: number) => ofKind(tag).map((element) => element.contents.toString('latin1'));
  return { email: texts(1), dns: texts(2), uri: texts(6), ip: ofKind(7).map((element) => element.contents) };
}

/** The text of an address of four or sixteen bytes. */
export function ipText(bytes: Buffer): string {
  const value = BigInt(`0x${bytes.toString('hex') || '0'}`);
  return addressText({ bits: bytes.length === 4 ? 32 : 128, value });
}

/** A URI in its parts. */
export function uriObject(text: string): RegoObject {
  const { scheme, hostname, port, path, rawPath, rawQuery, fragment } = parseUri(text);
  const name = hostname.includes(':') ? `[${hostname}]` : hostname;
  return objectOf({
    Scheme: scheme,
    Opaque: scheme !== '' && path === '' && hostname === '' ? text.slice(scheme.length + 1) : '',
    User: null,
    Host: port === '' ? name : `${name}:${port}`,
    Path: path,
    RawPath: rawPath === path ? '' : rawPath,
    OmitHost: false,
    ForceQuery: false,
    RawQuery: rawQuery,
    Fragment: fragment,
    RawFragment: '',
  });
}

/** The fields for alternative names that certificates and requests share. */
export function alternativeNameFields(names: GeneralNames): Readonly<Record<string, Value>> {
  return {
    DNSNames: listOrNull(names.dns),
    EmailAddresses: listOrNull(names.email),
    IPAddresses: listOrNull(names.ip.map(ipText)),
    URIs: listOrNull(names.uri.map(uriObject)),
  };
}

/** Bytes in base64, or null when there are none. */
export function bytesField(bytes: Buffer | undefined): Value {
  return bytes === undefined ? null : bytes.toString('base64');
}

/** A public key by its algorithm: an RSA or elliptic curve key as numbers, an Ed25519 key as bytes. */
export function publicKeyFields(info: DerElement): { readonly PublicKey: Value; readonly PublicKeyAlgorithm: number } {
  const [algorithm, key] = childrenOf(info);
  const type = identifierOf(childrenOf(algorithm)[0]).join('.');
  const bytes = key!.contents.subarray(1);
  switch (type) {
    case '1.2.840.113549.1.1.1': {
      const [modulus, exponent] = childrenOf(readElement(bytes));
      return {
        PublicKeyAlgorithm: 1,
        PublicKey: objectOf({ N: unsigned(modulus!.contents), E: unsigned(exponent!.contents) }),
      };
    }
    case '1.2.840.10045.2.1': {
      const size = (bytes.length - 1) / 2;
      const [x, y] = [bytes.subarray(1, 1 + size), bytes.subarray(1 + size)];
      return {
        PublicKeyAlgorithm: 3,
        PublicKey: objectOf({ Curve: RegoObject.empty, X: unsigned(x), Y: unsigned(y) }),
      };
    }
    case '1.3.101.112':
      return { PublicKeyAlgorithm: 4, PublicKey: bytes.toString('base64') };
    default:
      return { PublicKeyAlgorithm: 0, PublicKey: null };
  }
}

/** The number that big-endian bytes stand for. */
export function unsigned(bytes: Buffer): Value {
  return fromBigInt(BigInt(`0x${bytes.toString('hex') || '0'}`));
}
