/** OPA bundles: `bundle.tar.gz` with policies, data, a manifest and, where wanted, signatures. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { parse as parseYaml } from 'yaml';
import { mergeDocuments, withPath } from '../evaluate/lookup.ts';
import { fromJson, fromJsonText, toJsonText } from '../json.ts';
import type { PolicySource } from '../policy.ts';
import type { RegoVersion } from '../syntax/ast.ts';
import { parseModule } from '../syntax/parser.ts';
import { RegoObject, type Value } from '../values.ts';
import { SIGNATURES_FILE, type Signing, signFiles, type Verification, verifyFiles } from './signature.ts';
import { ArchiveError, type ArchiveFile, readTar, writeTar } from './tar.ts';

/** What `.manifest` says. */
export interface Manifest {
  readonly revision?: string;
  /** The paths that the bundle owns, with `/`; `[""]` is everything. */
  readonly roots?: readonly string[];
  /** 0, 1 or 2: the language version of the policies. */
  readonly rego_version?: number;
  /** Versions of single files, by pattern with `*`. */
  readonly file_rego_versions?: Readonly<Record<string, number>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The content of a bundle. */
export interface Bundle {
  readonly manifest: Manifest;
  readonly policies: readonly PolicySource[];
  readonly data: Value;
}

/** How a bundle is read. */
export interface ReadBundleOptions {
  /** Given, only a bundle with an accepted signature is read. */
  readonly verification?: Verification;
  /** The most bytes that unpacking may give; default 64 MiB. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** What is wrong with a bundle. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

/**
 * Unpacks a bundle and checks signature, manifest and roots. Throws BundleError, ArchiveError or SignatureError with
 * what is wrong; delta bundles are refused. Policies are not compiled here.
 */
export function readBundle(archive: Uint8Array, options: ReadBundleOptions = {}): Bundle {
  const files = readTar(unpack(archive, options.maxBytes ?? DEFAULT_MAX_BYTES));
  const isDelta = files.some(({ name }) => name === 'patch.json');
  if (isDelta) throw new BundleError('delta bundles are not supported: send the whole bundle');
  if (options.verification !== undefined) verifyFiles(files, options.verification);
  const manifest = readManifest(files);
  const policies: PolicySource[] = [];
  let data: Value = RegoObject.empty;
  for (const file of files) {
    const folder = file.name.split('/').slice(0, -1);
    const base = file.name.slice(file.name.lastIndexOf('/') + 1);
    const text = Buffer.from(file.content).toString();
    if (base.endsWith('.rego')) policies.push({ file: file.name, text, version: versionOf(file.name, manifest) });
    else if (base === 'data.json' || base === 'data.yaml' || base === 'data.yml') {
      const value = readData(file.name, text);
      data = mergeDocuments(data, folder.length === 0 ? value : withPath(undefined, folder, value))!;
    }
  }
  if (!(data instanceof RegoObject)) throw new BundleError('the data of a bundle must be an object at its root');
  checkRoots(manifest, policies, data);
  return { manifest, policies, data };
}

function unpack(archive: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return gunzipSync(archive, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new BundleError(`the bundle unpacks to more than ${maxBytes} bytes`);
    }
    throw new ArchiveError('the bundle is not a gzip archive, or is damaged');
  }
}

function readManifest(files: readonly ArchiveFile[]): Manifest {
  const found = files.filter(({ name }) => name === '.manifest');
  if (found.length > 1) throw new BundleError('the bundle has more than one .manifest');
  if (found[0] === undefined) return {};
  let manifest: unknown;
  try {
    manifest = JSON.parse(Buffer.from(found[0].content).toString());
  } catch {
    throw new BundleError('.manifest is not JSON');
  }
  if (manifest === null || typeof manifest !== 'object' || Array.isArray(manifest)) {
    throw new BundleError('.manifest must be a JSON object');
  }
  const { roots, rego_version: version } = manifest as Manifest;
  if (roots !== undefined && !(Array.isArray(roots) && roots.every((root) => typeof root === 'string'))) {
    throw new BundleError('.manifest: roots must be a list of paths');
  }
  if (version !== undefined && ![0, 1, 2].includes(version)) {
    throw new BundleError(`.manifest: rego_version must be 0, 1 or 2, not ${JSON.stringify(version)}`);
  }
  return manifest as Manifest;
}

function readData(name: string, text: string): Value {
  try {
    return name.endsWith('.json') ? fromJsonText(text) : fromJson(parseYaml(text));
  } catch (error) {
    throw new BundleError(`${name}: ${(error as Error).message}`);
  }
}

function versionOf(name: string, manifest: Manifest): RegoVersion {
  let version = manifest.rego_version ?? 1;
  for (const [pattern, own] of Object.entries(manifest.file_rego_versions ?? {})) {
    if (matches(pattern.replace(/^\//, ''), name)) version = own;
  }
  return version === 0 ? 'v0' : 'v1';
}

/** Whether a path matches a pattern whose `*` stands for anything but `/`. */
function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]*')}$`).test(name);
}

function checkRoots(manifest: Manifest, policies: readonly PolicySource[], data: Value): void {
  const roots = (manifest.roots ?? ['']).map((root) => root.replace(/^\/|\/$/g, ''));
  for (const [index, root] of roots.entries()) {
    const overlap = roots.find((other, at) => at !== index && isWithin(other, root));
    if (overlap !== undefined) throw new BundleError(`.manifest: the roots ${root || '""'} and ${overlap} overlap`);
  }
  for (const { file, text, version } of policies) {
    const { module } = parseModule(file, text, version === undefined ? {} : { version });
    const path = module?.package.path.join('/');
    if (path !== undefined && !roots.some((root) => isWithin(path, root))) {
      throw new BundleError(`${file}: package ${path} is outside the roots of the manifest`);
    }
  }
  checkDataRoots(data, [], roots);
}

function isWithin(path: string, root: string): boolean {
  return root === '' || path === root || path.startsWith(`${root}/`);
}

function checkDataRoots(value: Value, path: readonly string[], roots: readonly string[]): void {
  const text = path.join('/');
  if (roots.some((root) => isWithin(text, root))) return;
  const leads = roots.some((root) => text === '' || root.startsWith(`${text}/`));
  if (!leads || !(value instanceof RegoObject))
    throw new BundleError(`data ${text} is outside the roots of the manifest`);
  for (const [key, part] of value.entries()) checkDataRoots(part, [...path, String(key)], roots);
}

/** Packs a bundle; equal content makes equal bytes. With `signing`, a signature over every file is added. */
export function writeBundle(bundle: Bundle, signing?: Signing): Uint8Array {
  const files: ArchiveFile[] = [{ name: 'data.json', content: Buffer.from(toJsonText(bundle.data)) }];
  for (const { file, text } of [...bundle.policies].sort((a, b) => (a.file < b.file ? -1 : 1))) {
    if (file === SIGNATURES_FILE || !file.endsWith('.rego'))
      throw new BundleError(`${file}: policies must end in .rego`);
    files.push({ name: file.replace(/^\/+/, ''), content: Buffer.from(text) });
  }
  files.push({ name: '.manifest', content: Buffer.from(JSON.stringify(bundle.manifest)) });
  if (signing !== undefined) files.push(signFiles(files, signing));
  return gzipSync(writeTar(files), { level: 9 });
}
