import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** What people and checks want to know of a certificate. Times are milliseconds since the Unix epoch. */
export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** Host names and IP addresses it is for. */
  readonly names: readonly string[];
  readonly startsAt: number;
  readonly endsAt: number;
  /** Upper-case hexadecimal. */
  readonly serialNumber: string;
  /** SHA-256 over the certificate, upper-case hexadecimal pairs joined by colons, as browsers show it. */
  readonly fingerprint: string;
  readonly isAuthority: boolean;
  readonly isSelfSigned: boolean;
}

/** Reads the first certificate of a PEM text. Throws `Error` when there is none that can be read. */
export function inspectCertificate(pem: string): CertificateFacts {
  const certificate = parse(pem);
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    names: alternativeNames(certificate),
    startsAt: Date.parse(certificate.validFrom),
    endsAt: Date.parse(certificate.validTo),
    serialNumber: certificate.serialNumber,
    fingerprint: certificate.fingerprint256,
    isAuthority: certificate.ca,
    isSelfSigned: certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey),
  };
}

/** Whether a private key (PEM) belongs to a certificate (PEM). Throws `Error` when either cannot be read. */
export function keyBelongsTo(certificatePem: string, privateKeyPem: string): boolean {
  return parse(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem));
}

/** Whether a certificate is for a host name or IP address, the way clients compare. Throws when it cannot be read. */
export function certificateCovers(pem: string, name: string): boolean {
  const certificate = parse(pem);
  if (isIP(name) !== 0) return certificate.checkIP(name) !== undefined;
  return certificate.checkHost(name, { subject: 'never' }) !== undefined;
}

/** Days before its end at which a certificate wants renewal. */
export const RENEWAL_DAYS = 30;

/**
 * Whether a certificate should be renewed at `now` (milliseconds): less than 30 days, or less than a third of its life,
 * whichever is shorter, are left. Throws `Error` when it cannot be read.
 */
export function renewalDue(pem: string, now: number): boolean {
  const { startsAt, endsAt } = inspectCertificate(pem);
  return now >= endsAt - Math.min(RENEWAL_DAYS * 86_400_000, (endsAt - startsAt) / 3);
}

function parse(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new Error(
      'The text holds no certificate that can be read; expected PEM that begins with BEGIN CERTIFICATE.',
      {
        cause,
      },
    );
  }
}

function alternativeNames(certificate: X509Certificate): string[] {
  const text = certificate.subjectAltName ?? '';
  return text
    .split(', ')
    .map((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1])
    .filter((name) => name !== undefined);
}
