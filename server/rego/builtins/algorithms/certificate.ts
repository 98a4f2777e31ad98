/** X.509 certificates and certificate requests (RFC 5280, RFC 2986) as objects with the fields that Go gives them. */
import { X509Certificate } from 'node:crypto';
import { BuiltinError } from '../../errors.ts';
import { fromBigInt, type RegoObject, type Value } from '../../values.ts';
import {
  type Extension,
  type ExtensionFacts,
  extensionObject,
  readExtensionFields,
  readExtensions,
} from './certificate-extensions.ts';
import {
  alternativeNameFields,
  bytesField,
  listOrNull,
  nameObject,
  objectOf,
  publicKeyFields,
} from './certificate-names.ts';
import {
  bitsOf,
  childrenOf,
  contextTag,
  type DerElement,
  identifierOf,
  integerOf,
  readElement,
  readElements,
  TAG,
  textOf,
  timeOf,
} from './der.ts';

/** A certificate: what chains depend on, and the fields it is shown with. */
export interface Certificate {
  readonly raw: Buffer;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly version: number;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly signatureAlgorithm: number;
  readonly facts: ExtensionFacts;
  readonly uris: readonly string[];
  readonly fields: Readonly<Record<string, Value>>;
}

/** Identifiers of signature algorithms, by the numbers they are shown with (from 1). */
const SIGNATURE_ALGORITHMS: Readonly<Record<string, number>> = {
  '1.2.840.113549.1.1.2': 1,
  '1.2.840.113549.1.1.4': 2,
  '1.2.840.113549.1.1.5': 3,
  '1.3.14.3.2.29': 3,
  '1.2.840.113549.1.1.11': 4,
  '1.2.840.113549.1.1.12': 5,
  '1.2.840.113549.1.1.13': 6,
  '1.2.840.10040.4.3': 7,
  '2.16.840.1.101.3.4.3.2': 8,
  '1.2.840.10045.4.1': 9,
  '1.2.840.10045.4.3.2': 10,
  '1.2.840.10045.4.3.3': 11,
  '1.2.840.10045.4.3.4': 12,
  '1.3.101.112': 16,
};
const PSS = '1.2.840.113549.1.1.10';
const PSS_DIGESTS: Readonly<Record<string, number>> = {
  '2.16.840.1.101.3.4.2.1': 13,
  '2.16.840.1.101.3.4.2.2': 14,
  '2.16.840.1.101.3.4.2.3': 15,
};

function signatureAlgorithmOf(element: DerElement): number {
  const [type, parameters] = childrenOf(element);
  const id = identifierOf(type).join('.');
  if (id !== PSS || !parameters) return SIGNATURE_ALGORITHMS[id] ?? 0;
  const digest = childrenOf(parameters).find((part) => contextTag(part) === 0);
  if (!digest) return 0;
  return PSS_DIGESTS[identifierOf(childrenOf(readElement(digest.contents))[0]).join('.')] ?? 0;
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** Reads one certificate. Throws a BuiltinError when the bytes are none. */
export function readCertificate(element: DerElement): Certificate {
  const [body, algorithm, signature] = childrenOf(element);
  const parts = [...childrenOf(body)];
  const version = contextTag(parts[0]!) === 0 ? Number(integerOf(readElement(parts.shift()!.contents))) + 1 : 1;
  const [serial, , issuer, validity, subject, keyInfo, ...rest] = parts as DerElement[];
  const [notBefore, notAfter] = childrenOf(validity).map(timeOf) as [number, number];
  const list = rest.find((part) => contextTag(part) === 3);
  const extensions: readonly Extension[] = list ? readExtensions(readElement(list.contents)) : [];
  const { facts, fields } = readExtensionFields(extensions);
  const signatureAlgorithm = signatureAlgorithmOf(algorithm!);
  return {
    raw: element.bytes,
    issuer: issuer!.bytes,
    subject: subject!.bytes,
    version,
    notBefore,
    notAfter,
    signatureAlgorithm,
    facts,
    uris: facts.names.uri,
    fields: {
      ...fields,
      ...publicKeyFields(keyInfo!),
      Extensions: listOrNull(extensions.map(extensionObject)),
      ExtraExtensions: null,
      InhibitAnyPolicy: 0,
      InhibitAnyPolicyZero: false,
      InhibitPolicyMapping: 0,
      InhibitPolicyMappingZero: false,
      Issuer: nameObject(issuer!),
      NotAfter: timeText(notAfter),
      NotBefore: timeText(notBefore),
      PolicyMappings: null,
      Raw: bytesField(element.bytes),
      RawIssuer: bytesField(issuer!.bytes),
      RawSubject: bytesField(subject!.bytes),
      RawSubjectPublicKeyInfo: bytesField(keyInfo!.bytes),
      RawTBSCertificate: bytesField(body!.bytes),
      RequireExplicitPolicy: 0,
      RequireExplicitPolicyZero: false,
      SerialNumber: fromBigInt(integerOf(serial)),
      Signature: bytesField(bitsOf(signature)),
      SignatureAlgorithm: signatureAlgorithm,
      Subject: nameObject(subject!),
      Version: version,
    },
  };
}

/** All certificates in the bytes, one after the other. Throws a BuiltinError when the platform finds one malformed. */
export function readCertificates(bytes: Buffer): readonly Certificate[] {
  return readElements(bytes).map((element) => {
    const certificate = readCertificate(element);
    try {
      new X509Certificate(element.bytes);
    } catch (error) {
      throw new BuiltinError(`x509: malformed certificate: ${(error as Error).message}`);
    }
    return certificate;
  });
}

/** A certificate as an object; with `uriStrings` also its URIs as texts. */
export function certificateObject({ fields, uris }: Certificate, uriStrings: boolean): RegoObject {
  return objectOf(uriStrings ? { ...fields, URIStrings: listOrNull(uris) } : fields);
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

function attributeValue(element: DerElement): Value {
  if (element.tag === TAG.boolean) return element.contents[0] !== 0;
  return element.tag === TAG.octetString ? element.contents.toString('base64') : textOf(element);
}

function attributeObject(attribute: DerElement): readonly Value[] {
  const [type, values] = childrenOf(attribute);
  if (identifierOf(type).join('.') !== EXTENSION_REQUEST) return [];
  const shown = childrenOf(values, TAG.set).map((list) =>
    childrenOf(list).map((item) => {
      const [itemType, value] = childrenOf(item);
      return objectOf({ Type: [...identifierOf(itemType)], Value: attributeValue(value!) });
    }),
  );
  return [objectOf({ Type: [...identifierOf(type)], Value: shown })];
}

/** A certificate request as an object. Throws a BuiltinError when the bytes are none. */
export function requestObject(bytes: Buffer): RegoObject {
  const element = readElement(bytes);
  if (element.bytes.length !== bytes.length) throw new BuiltinError('asn1: syntax error: trailing data');
  const [body, algorithm, signature] = childrenOf(element);
  const [version, subject, keyInfo, attributes] = childrenOf(body);
  const attributeElements = attributes ? readElements(attributes.contents) : [];
  const extensions = attributeElements.flatMap((attribute) => {
    const [type, values] = childrenOf(attribute);
    if (identifierOf(type).join('.') !== EXTENSION_REQUEST) return [];
    return childrenOf(values, TAG.set).flatMap(readExtensions);
  });
  return objectOf({
    ...publicKeyFields(keyInfo!),
    ...alternativeNameFields(readExtensionFields(extensions).facts.names),
    Attributes: listOrNull(attributeElements.flatMap(attributeObject)),
    Extensions: listOrNull(extensions.map(extensionObject)),
    ExtraExtensions: null,
    Raw: bytesField(bytes),
    RawSubject: bytesField(subject!.bytes),
    RawSubjectPublicKeyInfo: bytesField(keyInfo!.bytes),
    RawTBSCertificateRequest: bytesField(body!.bytes),
    Signature: bytesField(bitsOf(signature)),
    SignatureAlgorithm: signatureAlgorithmOf(algorithm!),
    Subject: nameObject(subject!),
    Version: Number(integerOf(version)),
  });
}
