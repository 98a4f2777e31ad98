/** Built-ins on certificates, certificate requests and private keys. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { BuiltinError } from '../errors.ts';
import { isNumber, type RegoObject, toBigInt, type Value } from '../values.ts';
import { decodeBase64 } from './algorithms/base-encodings.ts';
import { type Certificate, certificateObject, readCertificates, requestObject } from './algorithms/certificate.ts';
import { type ChainOptions, verifyChain } from './algorithms/certificate-chain.ts';
import { objectOf } from './algorithms/certificate-names.ts';
import { isPem, readPem } from './algorithms/pem.ts';
import { jwkObject, keyNumbers, readPrivateKeys } from './algorithms/private-keys.ts';
import { flatCost } from './cost.ts';
import { define } from './define.ts';
import { capLength, membersOf, objectOperand, stringOperand } from './operands.ts';
import type { Builtin, BuiltinContext } from './types.ts';

const MAXIMUM_INPUT = 262_144;

function decodeText(text: string): Buffer {
  capLength('PEM text', text.length, MAXIMUM_INPUT);
  return isPem(text) ? Buffer.from(text, 'latin1') : decodeBase64(text);
}

function certificatesOf(text: string): readonly Certificate[] {
  const bytes = decodeText(text);
  const pem = bytes.toString('latin1');
  if (!isPem(pem)) return readCertificates(bytes);
  const blocks = readPem(pem);
  const other = blocks.find(({ label }) => label !== 'CERTIFICATE');
  if (other) throw new BuiltinError(`PEM block type is '${other.label}', expected CERTIFICATE`);
  return readCertificates(Buffer.concat(blocks.map((block) => block.bytes)));
}

const USAGES = [
  'Any',
  'ServerAuth',
  'ClientAuth',
  'CodeSigning',
  'EmailProtection',
  'IPSECEndSystem',
  'IPSECTunnel',
  'IPSECUser',
  'TimeStamping',
  'OCSPSigning',
  'MicrosoftServerGatedCrypto',
  'NetscapeServerGatedCrypto',
  'MicrosoftCommercialCodeSigning',
  'MicrosoftKernelCodeSigning',
].map((usage) => `KeyUsage${usage}`);
const SERVER_AUTHENTICATION = 1;

function usagesOption(value: Value): readonly number[] {
  const names = membersOf(value);
  if (!names) throw new BuiltinError("'KeyUsages' should be an Array or Set");
  const texts = names.filter((name) => typeof name === 'string').map((name) => name.replace(/^"+|"+$/g, ''));
  const unknown = texts.filter((text) => !USAGES.includes(text));
  if (unknown.length > 0) throw new BuiltinError(`invalid entries for 'KeyUsages' found: [${unknown.join(' ')}]`);
  return texts.map((text) => USAGES.indexOf(text));
}

function integerOption(name: string, value: Value): bigint {
  if (!isNumber(value)) throw new BuiltinError(`'${name}' should be a number`);
  const integer = toBigInt(value);
  if (integer === undefined) throw new BuiltinError(`'${name}' should be a valid int64 number`);
  return integer;
}

function chainOptions(options: RegoObject | undefined, ctx: BuiltinContext): ChainOptions {
  let [dnsName, time, usages] = ['', ctx.clockNs, [] as readonly number[]];
  for (const [name, value] of options?.entries() ?? []) {
    if (name === 'DNSName') {
      if (typeof value !== 'string') throw new BuiltinError("'DNSName' should be a string");
      dnsName = value.replace(/^"+|"+$/g, '');
    } else if (name === 'CurrentTime') time = integerOption(name, value);
    else if (name === 'KeyUsages') usages = usagesOption(value);
    else if (name === 'MaxConstraintComparisons') integerOption(name, value);
    else if (typeof name === 'string') throw new BuiltinError('invalid key option');
  }
  return { dnsName, time: Number(time) / 1e9, usages: usages.length > 0 ? usages : [SERVER_AUTHENTICATION] };
}

function parseAndVerify(text: string, options: RegoObject | undefined, ctx: BuiltinContext): Value {
  let certificates: readonly Certificate[];
  try {
    certificates = certificatesOf(text);
  } catch (error) {
    if (error instanceof BuiltinError) return [false, []];
    throw error;
  }
  const wanted = chainOptions(options, ctx);
  const chain =
    certificates.length < 2 ? undefined : verifyChain(certificates, wanted, (steps) => ctx.limits.charge(steps));
  if (!chain) return [false, []];
  return [true, chain.map((certificate) => certificateObject(certificate, options === undefined))];
}

function parseRequest(text: string): Value {
  const bytes = decodeText(text);
  const pem = bytes.toString('latin1');
  const [block] = isPem(pem) ? readPem(pem) : [];
  if (block && block.label !== 'CERTIFICATE REQUEST') {
    throw new BuiltinError('invalid PEM-encoded certificate signing request');
  }
  return requestObject(block?.bytes ?? bytes);
}

function parseKey(text: string): Value {
  if (text === '') throw new BuiltinError('input PEM data was empty');
  const pem = decodeText(text).toString('latin1');
  const [key] = readPrivateKeys(pem);
  return key ? jwkObject(key) : null;
}

function parseKeyPair(args: readonly Value[]): Value {
  const certificates = certificatesOf(stringOperand(args, 0));
  const keyText = stringOperand(args, 1, 1);
  const bytes = decodeText(keyText);
  const keys = isPem(bytes.toString('latin1')) ? readPrivateKeys(bytes.toString('latin1')) : [privateKeyOf(bytes)];
  const [leaf] = certificates;
  const [key] = keys;
  if (!leaf) throw new BuiltinError('tls: failed to find any PEM data in certificate input');
  if (!key) throw new BuiltinError('tls: failed to find any PEM data in key input');
  const certificate = new X509Certificate(leaf.raw);
  if (certificate.publicKey.asymmetricKeyType !== key.asymmetricKeyType) {
    throw new BuiltinError('tls: private key type does not match public key type');
  }
  if (!certificate.checkPrivateKey(key)) {
    throw new BuiltinError('tls: private key does not match public key');
  }
  return objectOf({
    Certificate: certificates.map(({ raw }) => raw.toString('base64')),
    PrivateKey: keyNumbers(key),
    Leaf: certificateObject(leaf, false),
    OCSPStaple: null,
    SignedCertificateTimestamps: null,
    SupportedSignatureAlgorithms: null,
  });
}

function privateKeyOf(bytes: Buffer) {
  try {
    return createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
  } catch {
    throw new BuiltinError('tls: failed to parse private key');
  }
}

function cost(args: readonly Value[]): number {
  return 3_000 + 32 * flatCost(args);
}

/** The certificate built-ins. */
export const x509: readonly Builtin[] = [
  define(
    'crypto.x509.parse_certificates(string) -> array[object[string: any]]',
    (args) => certificatesOf(stringOperand(args, 0)).map((certificate) => certificateObject(certificate, true)),
    { cost },
  ),
  define(
    'crypto.x509.parse_and_verify_certificates(string) -> array<boolean, array[object[string: any]]>',
    (args, ctx) => parseAndVerify(stringOperand(args, 0), undefined, ctx),
    { cost },
  ),
  define(
    'crypto.x509.parse_and_verify_certificates_with_options(string, object[string: any]) -> array<boolean, array[object[string: any]]>',
    (args, ctx) => parseAndVerify(stringOperand(args, 0), objectOperand(args, 1), ctx),
    { cost },
  ),
  define(
    'crypto.x509.parse_certificate_request(string) -> object[string: any]',
    (args) => parseRequest(stringOperand(args, 0)),
    { cost },
  ),
  define('crypto.x509.parse_keypair(string, string) -> object[string: any]', parseKeyPair, { cost }),
  define(
    'crypto.x509.parse_rsa_private_key(string) -> object[string: any]',
    (args) => parseKey(stringOperand(args, 0)),
    { cost },
  ),
  define(
    'crypto.parse_private_keys(string) -> array[object[string: any]]',
    (args) => {
      const text = stringOperand(args, 0);
      capLength('PEM text', text.length, MAXIMUM_INPUT);
      return text === '' ? null : readPrivateKeys(text).map(keyNumbers);
    },
    { cost },
  ),
];
