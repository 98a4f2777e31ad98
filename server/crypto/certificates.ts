import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { type CertificateName, parseCertificateName } from './certificate-names.ts';
import * as der from './der.ts';

/** A certificate and its private key (ECDSA P-256), both PEM; the key is PKCS#8 and has to be kept at mode 0600. */
export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface CaRequest {
  /** Common name under which people find it in their trust store. */
  readonly commonName: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export interface ServerCertificateRequest {
  /** Host names and IP addresses; the first is the common name. */
  readonly names: readonly string[];
  readonly now: number;
  readonly ca: IssuedCertificate;
}

const DAY = 86_400_000;
const CA_DAYS = 3653;
/** The longest life that browsers and Apple's systems accept less one day. */
const SERVER_DAYS = 397;
/** Certificates begin a little in the past, because clients' clocks are late sometimes. */
const START_SKEW = 5 * 60_000;
const SERIAL_BYTES = 16;
const LONGEST_COMMON_NAME = 64;

const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

const KEY_USAGE = { digitalSignature: 0, keyCertSign: 5, crlSign: 6 } as const;

/**
 * Makes a private certificate authority, valid for ten years, that can sign server certificates and no further
 * authorities. Throws `RangeError` when the common name is empty or longer than 64 characters.
 */
export function createCertificateAuthority(request: CaRequest): IssuedCertificate {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = distinguishedName(request.commonName);
  const keyIdentifier = subjectKeyIdentifier(pair.publicKey);
  return issue({
    subject: name,
    issuer: name,
    publicKey: pair.publicKey,
    privateKey: pair.privateKey,
    signingKey: pair.privateKey,
    now: request.now,
    days: CA_DAYS,
    extensions: [
      extension(OID.basicConstraints, true, der.sequence(der.boolean(true), der.unsignedInteger(Buffer.of(0)))),
      extension(OID.keyUsage, true, der.namedBits(KEY_USAGE.keyCertSign, KEY_USAGE.crlSign)),
      extension(OID.subjectKeyIdentifier, false, der.octetString(keyIdentifier)),
    ],
  });
}

/**
 * Issues a server certificate for the names with a fresh key, valid for 397 days or as long as its authority if that
 * ends sooner. Throws `RangeError` when there is no name or one cannot be in a certificate, `Error` when the authority
 * is none, was not made here, has expired, or its key does not belong to its certificate.
 */
export function issueServerCertificate(request: ServerCertificateRequest): IssuedCertificate {
  const names = request.names.map(parseCertificateName);
  if (names.length === 0) throw new RangeError('A server certificate needs at least one host name or address.');
  const authority = new X509Certificate(request.ca.certificatePem);
  const authorityKey = createPrivateKey(request.ca.privateKeyPem);
  if (!authority.ca) throw new Error('The certificate given as authority is not one; it may not sign others.');
  if (!authority.checkPrivateKey(authorityKey)) {
    throw new Error('The key of the certificate authority does not belong to its certificate; restore both together.');
  }
  if (authority.publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new Error('The key of the certificate authority is not an ECDSA P-256 key.');
  }
  const authorityEnd = Date.parse(authority.validTo);
  if (request.now >= authorityEnd) {
    throw new Error(`The certificate authority expired on ${authority.validTo}; make a new one and distribute it.`);
  }
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authorityIdentifier = subjectKeyIdentifier(authority.publicKey);
  const issued = issue({
    subject: distinguishedName(displayName(names)),
    issuer: subjectOf(authority),
    publicKey: pair.publicKey,
    privateKey: pair.privateKey,
    signingKey: authorityKey,
    now: request.now,
    days: SERVER_DAYS,
    latestEnd: authorityEnd,
    extensions: [
      extension(OID.basicConstraints, true, der.sequence()),
      extension(OID.keyUsage, true, der.namedBits(KEY_USAGE.digitalSignature)),
      extension(OID.extendedKeyUsage, false, der.sequence(der.objectIdentifier(OID.serverAuth))),
      extension(OID.subjectAlternativeName, false, der.sequence(...names.map(generalName))),
      extension(OID.subjectKeyIdentifier, false, der.octetString(subjectKeyIdentifier(pair.publicKey))),
      extension(OID.authorityKeyIdentifier, false, der.sequence(der.contextPrimitive(0, authorityIdentifier))),
    ],
  });
  if (!new X509Certificate(issued.certificatePem).checkIssued(authority)) {
    throw new Error(
      'The certificate authority was not made by this appliance; clients would not accept its signatures.',
    );
  }
  return issued;
}

interface Issue {
  readonly subject: Buffer;
  readonly issuer: Buffer;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly now: number;
  readonly days: number;
  readonly latestEnd?: number;
  readonly extensions: readonly Buffer[];
}

/** Writes and signs an X.509 version 3 certificate (RFC 5280, 4.1). */
function issue(parts: Issue): IssuedCertificate {
  const algorithm = der.sequence(der.objectIdentifier(OID.ecdsaWithSha256));
  const start = parts.now - START_SKEW;
  const end = Math.min(start + parts.days * DAY - 1000, parts.latestEnd ?? Number.POSITIVE_INFINITY);
  const toBeSigned = der.sequence(
    der.contextConstructed(0, der.unsignedInteger(Buffer.of(2))),
    der.unsignedInteger(serialNumber()),
    algorithm,
    parts.issuer,
    der.sequence(der.time(start), der.time(end)),
    parts.subject,
    parts.publicKey.export({ format: 'der', type: 'spki' }),
    der.contextConstructed(3, der.sequence(...parts.extensions)),
  );
  const signature = sign('sha256', toBeSigned, parts.signingKey);
  const certificate = der.sequence(toBeSigned, algorithm, der.bitString(signature));
  return {
    certificatePem: pem('CERTIFICATE', certificate),
    privateKeyPem: parts.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

/** Random, positive, and never shorter than its 16 bytes, so that no two certificates share one. */
function serialNumber(): Buffer {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes;
}

function distinguishedName(commonName: string): Buffer {
  const length = [...commonName].length;
  if (length === 0 || length > LONGEST_COMMON_NAME) {
    throw new RangeError(`A common name has 1 to ${LONGEST_COMMON_NAME} characters; this one has ${length}.`);
  }
  const attribute = der.sequence(der.objectIdentifier(OID.commonName), der.utf8String(commonName));
  return der.sequence(der.setOfOne(attribute));
}

/**
 * The subject of a certificate, byte for byte: the sixth item of its first part (RFC 5280, 4.1). Copying it keeps name
 * comparison exact, whatever string types the authority was written with.
 */
function subjectOf(certificate: X509Certificate): Buffer {
  const [toBeSigned] = der.itemsOf(certificate.raw);
  const subject = toBeSigned && der.itemsOf(toBeSigned)[5];
  if (!subject) throw new Error('The certificate of the authority is not of version 3; make a new authority.');
  return subject;
}

/** Names above the length of a common name are valid only as alternative names, so the first that fits is shown. */
function displayName(names: readonly CertificateName[]): string {
  const texts = names.map((name) => (name.kind === 'dns' ? name.name : name.address));
  return texts.find((text) => text.length <= LONGEST_COMMON_NAME) ?? 'Control Zero';
}

function generalName(name: CertificateName): Buffer {
  if (name.kind === 'dns') return der.contextPrimitive(2, Buffer.from(name.name, 'latin1'));
  return der.contextPrimitive(7, name.bytes);
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [der.boolean(true)] : [];
  return der.sequence(der.objectIdentifier(oid), ...flag, der.octetString(value));
}

/** The leftmost 160 bits of the SHA-256 of the public key bits (RFC 7093, method 1). */
function subjectKeyIdentifier(publicKey: KeyObject): Buffer {
  const { x, y } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')]);
  return createHash('sha256').update(point).digest().subarray(0, 20);
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
