/** Signs and verifies bundles: `.signatures.json` holds one JWT that lists every file with its digest. */
import {
  constants,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { parse as parseYaml } from 'yaml';
import { fromJson, fromJsonText, toJsonText } from '../json.ts';
import type { SignatureAlgorithm } from './algorithms.ts';
import type { ArchiveFile } from './tar.ts';

export type { SignatureAlgorithm } from './algorithms.ts';

/** The only name that signatures have. */
export const SIGNATURES_FILE = '.signatures.json';

/** A key: PEM for asymmetric algorithms, the secret itself for HS. */
export interface BundleKey {
  readonly algorithm: SignatureAlgorithm;
  readonly key: string | Uint8Array;
}

/** How a bundle is signed. */
export interface Signing extends BundleKey {
  readonly keyId?: string;
  readonly scope?: string;
  /** Further claims; the files are not theirs to say, and what they say of key and scope is used. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Which signatures are accepted. */
export interface Verification {
  readonly keys: Readonly<Record<string, BundleKey>>;
  /** The key to use, whatever the signature names; else the one it names, else the only one. */
  readonly keyId?: string;
  /** The scope that the signature must name. */
  readonly scope?: string;
  /** Files that need no signature, as exact names or `folder/*`. */
  readonly exclude?: readonly string[];
}

/** Why a bundle's signature is not accepted. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';
}

interface SignedFile {
  readonly name: string;
  readonly hash: string;
  readonly algorithm: string;
}

const DIGESTS: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
  'SHA-512-224': 'sha512-224',
  'SHA-512-256': 'sha512-256',
};

/** The `.signatures.json` for the files of a bundle. */
export function signFiles(files: readonly ArchiveFile[], signing: Signing): ArchiveFile {
  const listed = files
    .filter(({ name }) => name !== SIGNATURES_FILE)
    .map((file) => ({ name: file.name, hash: digest(file, 'SHA-256'), algorithm: 'SHA-256' }));
  const header = {
    alg: signing.algorithm,
    ...(signing.keyId === undefined ? {} : { kid: signing.keyId }),
    typ: 'JWT',
  };
  const payload = {
    ...signing.claims,
    files: listed,
    ...(signing.keyId === undefined ? {} : { keyid: signing.keyId }),
    ...(signing.scope === undefined ? {} : { scope: signing.scope }),
  };
  const content = `${encode(header)}.${encode(payload)}`;
  const token = `${content}.${makeSignature(content, signing).toString('base64url')}`;
  return { name: SIGNATURES_FILE, content: Buffer.from(JSON.stringify({ signatures: [token] })) };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/**
 * Checks that the bundle is signed with an accepted key and that every file is exactly what was signed.
 * Throws SignatureError otherwise; a bundle without signatures is refused.
 */
export function verifyFiles(files: readonly ArchiveFile[], verification: Verification): void {
  const payload = verifyToken(readToken(files), verification);
  const signed = new Map(payload.map((file) => [file.name, file]));
  for (const file of files) {
    if (file.name === SIGNATURES_FILE || isExcluded(file.name, verification.exclude ?? [])) continue;
    const entry = signed.get(file.name);
    if (entry === undefined) throw new SignatureError(`file ${file.name} is not in the bundle's signature`);
    if (digest(file, entry.algorithm) !== entry.hash)
      throw new SignatureError(`file ${file.name} is not what was signed`);
    signed.delete(file.name);
  }
  for (const name of signed.keys()) {
    if (!isExcluded(name, verification.exclude ?? []))
      throw new SignatureError(`file ${name} was signed but is missing`);
  }
}

function isExcluded(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name,
  );
}

function readToken(files: readonly ArchiveFile[]): string {
  const found = files.filter(({ name }) => name === SIGNATURES_FILE);
  if (found.length === 0) throw new SignatureError('the bundle is not signed: it has no .signatures.json');
  if (found.length > 1) throw new SignatureError('the bundle has more than one .signatures.json');
  const { signatures } = parseObject(Buffer.from(found[0]!.content).toString()) as { signatures?: unknown };
  if (!Array.isArray(signatures) || typeof signatures[0] !== 'string') {
    throw new SignatureError('.signatures.json holds no signature');
  }
  if (signatures.length > 1) throw new SignatureError('.signatures.json holds more than one signature');
  return signatures[0];
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object') return value as Record<string, unknown>;
  } catch {
    // Told below with the other shapes that are no object.
  }
  throw new SignatureError('the bundle signature is not readable JSON');
}

function verifyToken(token: string, verification: Verification): SignedFile[] {
  const [head, body, signature, ...more] = token.split('.');
  if (head === undefined || body === undefined || signature === undefined || more.length > 0) {
    throw new SignatureError('the bundle signature is not a JWT of three parts');
  }
  const header = parseObject(Buffer.from(head, 'base64url').toString());
  const payload = parseObject(Buffer.from(body, 'base64url').toString());
  const key = chooseKey(verification, header.kid ?? payload.keyid);
  if (header.alg !== key.algorithm) {
    throw new SignatureError(`the bundle is signed with ${String(header.alg)}, the key is for ${key.algorithm}`);
  }
  if (!isSignature(`${head}.${body}`, Buffer.from(signature, 'base64url'), key)) {
    throw new SignatureError('the bundle signature is wrong');
  }
  if ((verification.scope ?? '') !== (payload.scope ?? ''))
    throw new SignatureError('the bundle is signed for another scope');
  if (!Array.isArray(payload.files)) throw new SignatureError('the bundle signature lists no files');
  return payload.files.map((file: Partial<SignedFile>) => {
    const { name, hash, algorithm = 'SHA-256' } = file;
    if (typeof name !== 'string' || typeof hash !== 'string')
      throw new SignatureError('the signature has a broken file entry');
    return { name, hash, algorithm };
  });
}

function chooseKey(verification: Verification, named: unknown): BundleKey {
  const entries = Object.entries(verification.keys);
  const id = verification.keyId ?? (typeof named === 'string' ? named : undefined);
  const key = id === undefined ? (entries.length === 1 ? entries[0]![1] : undefined) : verification.keys[id];
  if (key === undefined)
    throw new SignatureError(`no verification key ${id === undefined ? 'fits' : JSON.stringify(id)}`);
  return key;
}

function hashName(algorithm: SignatureAlgorithm): string {
  return `sha${algorithm.slice(2)}`;
}

function options(algorithm: SignatureAlgorithm): object {
  if (algorithm.startsWith('PS')) {
    return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  }
  return algorithm.startsWith('ES') ? { dsaEncoding: 'ieee-p1363' } : {};
}

/** Reads a PEM text; the error says nothing of what it holds. */
function readKey(read: (text: Buffer) => KeyObject, kind: string, key: string | Uint8Array): KeyObject {
  try {
    return read(Buffer.from(key));
  } catch {
    throw new SignatureError(`the key is no PEM block of a ${kind} key`);
  }
}

const CURVES: Readonly<Record<string, string>> = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' };

/** Another kind of key would sign, but what nobody verifies. */
function requireFit(algorithm: SignatureAlgorithm, key: KeyObject): void {
  const type = key.asymmetricKeyType ?? 'unknown';
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const fits = algorithm.startsWith('ES')
    ? type === 'ec' && curve === CURVES[algorithm]
    : algorithm === 'EdDSA'
      ? type === 'ed25519'
      : type === 'rsa' || (type === 'rsa-pss' && algorithm.startsWith('PS'));
  if (fits) return;
  throw new SignatureError(
    `the key is of kind ${type}${curve === undefined ? '' : ` (${curve})`}, which ${algorithm} does not use`,
  );
}

function makeSignature(content: string, { algorithm, key }: BundleKey): Buffer {
  if (algorithm.startsWith('HS')) return createHmac(hashName(algorithm), key).update(content).digest();
  const privateKey = readKey(createPrivateKey, 'private', key);
  requireFit(algorithm, privateKey);
  const hash = algorithm === 'EdDSA' ? null : hashName(algorithm);
  return sign(hash, Buffer.from(content), { key: privateKey, ...options(algorithm) });
}

function isSignature(content: string, signature: Buffer, { algorithm, key }: BundleKey): boolean {
  if (algorithm.startsWith('HS')) {
    const wanted = createHmac(hashName(algorithm), key).update(content).digest();
    return wanted.length === signature.length && timingSafeEqual(wanted, signature);
  }
  const publicKey = readKey(createPublicKey, 'public', key);
  requireFit(algorithm, publicKey);
  const hash = algorithm === 'EdDSA' ? null : hashName(algorithm);
  return verify(hash, Buffer.from(content), { key: publicKey, ...options(algorithm) }, signature);
}

/** The digest of a file: of its canonical JSON where it holds data, of its bytes otherwise. */
function digest(file: ArchiveFile, algorithm: string): string {
  const hash = DIGESTS[algorithm];
  if (hash === undefined) throw new SignatureError(`the digest algorithm ${JSON.stringify(algorithm)} is not known`);
  return createHash(hash).update(canonicalContent(file)).digest('hex');
}

function canonicalContent({ name, content }: ArchiveFile): string | Uint8Array {
  const base = name.slice(name.lastIndexOf('/') + 1);
  const source = Buffer.from(content).toString();
  if (base === '.manifest' || base.endsWith('.json')) return goJson(toJsonText(fromJsonText(source)));
  return /^data\.ya?ml$/.test(base) ? goJson(toJsonText(fromJson(parseYaml(source)))) : content;
}

/** Go writes these two characters as escapes. */
function goJson(text: string): string {
  return text.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
