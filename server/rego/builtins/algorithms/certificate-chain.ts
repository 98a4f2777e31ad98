/** Verifies certificate chains (RFC 5280 section 6, without revocation and policies). */
import { type KeyObject, X509Certificate } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import type { Charge } from './counted-text.ts';
import { satisfiesConstraints } from './name-constraints.ts';
import { verificationSteps } from './signature-cost.ts';

/** What a chain must satisfy. */
export interface ChainOptions {
  /** A host name the last certificate must be for; empty for any. */
  readonly dnsName: string;
  /** Seconds since 1970. */
  readonly time: number;
  /** Numbers of extended key usages, one of which the whole chain must allow; 0 is any. */
  readonly usages: readonly number[];
}

const CERTIFICATE_SIGNING = 1 << 5;
/** MD2, MD5 and SHA-1 signatures count for nothing any more. */
const INSECURE_SIGNATURES = new Set([0, 1, 2, 3, 7, 9]);
const MAXIMUM_CHAIN = 20;

/** The chain from the last certificate to the first, which is trusted; undefined when there is none that holds. */
export function verifyChain(
  certificates: readonly Certificate[],
  options: ChainOptions,
  charge: Charge,
): readonly Certificate[] | undefined {
  const root = certificates[0]!;
  const leaf = certificates.at(-1)!;
  if (options.dnsName !== '' && !isForHost(leaf, options.dnsName)) return undefined;
  const chain = buildChain(leaf, root, certificates.slice(1, -1), charge);
  return chain && isAcceptable(chain, options) ? chain : undefined;
}

function isForHost(certificate: Certificate, host: string): boolean {
  const flags = { subject: 'never', wildcards: true, partialWildcards: false } as const;
  const x509 = new X509Certificate(certificate.raw);
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return /^[\d.]+$|:/.test(bare) ? x509.checkIP(bare) !== undefined : x509.checkHost(host, flags) !== undefined;
}

/** Comparing the names of two certificates. */
const STEPS_PER_PAIR = 10;

function mayIssue(issuer: Certificate, subject: Certificate, charge: Charge): boolean {
  charge(STEPS_PER_PAIR);
  if (!issuer.subject.equals(subject.issuer)) return false;
  if (issuer.version === 3 && issuer.facts.isAuthority !== true) return false;
  if (issuer.facts.keyUsage !== 0 && (issuer.facts.keyUsage & CERTIFICATE_SIGNING) === 0) return false;
  if (INSECURE_SIGNATURES.has(subject.signatureAlgorithm)) return false;
  let key: KeyObject;
  try {
    key = new X509Certificate(issuer.raw).publicKey;
  } catch {
    return false;
  }
  charge(verificationSteps(key));
  try {
    return new X509Certificate(subject.raw).verify(key);
  } catch {
    return false;
  }
}

function buildChain(
  leaf: Certificate,
  root: Certificate,
  intermediates: readonly Certificate[],
  charge: Charge,
): readonly Certificate[] | undefined {
  const extend = (chain: readonly Certificate[]): readonly Certificate[] | undefined => {
    const last = chain.at(-1)!;
    if (last.raw.equals(root.raw)) return chain;
    if (chain.length > MAXIMUM_CHAIN) return undefined;
    if (mayIssue(root, last, charge)) return [...chain, root];
    for (const candidate of intermediates) {
      const used = chain.some((certificate) => certificate.raw.equals(candidate.raw));
      const found = used || !mayIssue(candidate, last, charge) ? undefined : extend([...chain, candidate]);
      if (found) return found;
    }
    return undefined;
  };
  return extend([leaf]);
}

function isAcceptable(chain: readonly Certificate[], options: ChainOptions): boolean {
  const isValid = chain.every((certificate, depth) => {
    if (options.time < certificate.notBefore || options.time > certificate.notAfter) return false;
    if (certificate.facts.unhandledCritical.length > 0) return false;
    if (depth === 0) return true;
    const { pathLength, constraints } = certificate.facts;
    if (certificate.facts.isAuthority && pathLength >= 0 && depth - 1 > pathLength) return false;
    return !constraints || satisfiesConstraints(chain[0]!.facts.names, constraints);
  });
  return isValid && allowsUsage(chain, options.usages);
}

/** Every certificate that limits its usages must allow one and the same of the wanted ones. */
function allowsUsage(chain: readonly Certificate[], wanted: readonly number[]): boolean {
  if (wanted.includes(0)) return true;
  return wanted.some((usage) =>
    chain.every(({ facts }) => {
      if (facts.extendedUsages === undefined) return true;
      return facts.extendedUsages.includes(0) || facts.extendedUsages.includes(usage);
    }),
  );
}
