/** OPA bundles: `bundle.tar.gz` with policies, data, a manifest and, where wanted, signatures. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { parse as parseYaml } from 'yaml';
import { mergeDocuments, withPath } from '../evaluate/lookup.ts';
import { fromJson, fromJsonText, toJsonText } from '../json.ts';
import type { PolicySource } from '../policy.ts';
import type { RegoVersion } from '../syntax/ast.ts';
import { decodeSource } from '../syntax/decode-source.ts';
import { parseModule } from '../syntax/parser.ts';
import { RegoObject, type Value } from '../values.ts';
import { BundleError, checkOverlap, isWithin, type Manifest, readManifest, rootsOf, versionOf } from './manifest.ts';
import { SIGNATURES_FILE, type Signing, signFiles, type Verification, verifyFiles } from './signature.ts';
import { ArchiveError, type ArchiveFile, readTar, writeTar } from './tar.ts';

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
  /** A bundle that has a signature is refused where no verification is given. */
  readonly refusesUnverified?: boolean;
  /** The language version of policies whose version the manifest does not tell; default v1. */
  readonly version?: RegoVersion;
  /** The most bytes that unpacking may give; default 64 MiB. */
  readonly maxBytes?: number;
}

export { BundleError, type Manifest } from './manifest.ts';

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/**
 * Unpacks a bundle and checks signature, manifest and roots. Throws BundleError, ArchiveError or SignatureError with
 * what is wrong; delta bundles are refused. Policies are not compiled here.
 */
export function readBundle(archive: Uint8Array, options: ReadBundleOptions = {}): Bundle {
  return readBundleFiles(readTar(unpack(archive, options.maxBytes ?? DEFAULT_MAX_BYTES)), options);
}

/** The bundle that files make, named from its root; otherwise as {@link readBundle}. */
export function readBundleFiles(files: readonly ArchiveFile[], options: ReadBundleOptions = {}): Bundle {
  const isDelta = files.some(({ name }) => name === 'patch.json');
  if (isDelta) throw new BundleError('delta bundles are not supported: send the whole bundle');
  if (options.verification !== undefined) verifyFiles(files, options.verification);
  else if (options.refusesUnverified && files.some(({ name }) => name === SIGNATURES_FILE)) {
    throw new BundleError('the bundle is signed, and no verification key is given');
  }
  const manifest = readManifest(files);
  const policies: PolicySource[] = [];
  let data: Value = RegoObject.empty;
  for (const file of files) {
    const folder = file.name.split('/').slice(0, -1);
    const base = file.name.slice(file.name.lastIndexOf('/') + 1);
    if (base.endsWith('.rego')) {
      const text = decodeSource(file.name, file.content);
      policies.push({ file: file.name, text, version: versionOf(file.name, manifest, options.version ?? 'v1') });
    } else if (base === 'data.json' || base === 'data.yaml' || base === 'data.yml') {
      const value = readData(file.name, Buffer.from(file.content).toString());
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

function readData(name: string, text: string): Value {
  try {
    return name.endsWith('.json') ? fromJsonText(text) : fromJson(parseYaml(text));
  } catch (error) {
    throw new BundleError(`${name}: ${(error as Error).message}`);
  }
}

function checkRoots(manifest: Manifest, policies: readonly PolicySource[], data: Value): void {
  const roots = rootsOf(manifest);
  checkOverlap(roots);
  if (roots.includes('')) return;
  for (const { file, text, version } of policies) {
    const { module } = parseModule(file, text, version === undefined ? {} : { version });
    const path = module?.package.path.join('/');
    if (path !== undefined && !roots.some((root) => isWithin(path, root))) {
      throw new BundleError(`${file}: package ${path} is outside the roots of the manifest`);
    }
  }
  checkDataRoots(data, [], roots);
}

function checkDataRoots(value: Value, path: readonly string[], roots: readonly string[]): void {
  const text = path.join('/');
  if (roots.some((root) => isWithin(text, root))) return;
  const leads = roots.some((root) => text === '' || root.startsWith(`${text}/`));
  if (!leads || !(value instanceof RegoObject))
    throw new BundleError(`data ${text} is outside the roots of the manifest`);
  for (const [key, part] of value.entries()) checkDataRoots(part, [...path, String(key)], roots);
}

/** What a bundle is made of besides the bundles that it joins. */
export interface Joined {
  /** All policies, those of the bundles too, by the names that they get. */
  readonly policies: readonly PolicySource[];
  readonly data: RegoObject;
  /** The language version of policies that do not have their own. */
  readonly version: RegoVersion;
  readonly revision?: string;
}

/**
 * One bundle for all: it has the roots of all manifests, the rest of a manifest where there is only one, and owns everything
 * where there is none. Throws BundleError where roots overlap or two files get one name.
 */
export function mergeBundles(bundles: readonly Bundle[], { policies, data, version, revision }: Joined): Bundle {
  const named = policies.map((policy) => ({
    ...policy,
    file: nameInBundle(policy.file),
    version: policy.version ?? version,
  }));
  const names = new Set<string>();
  for (const { file } of named) {
    if (names.has(file)) throw new BundleError(`two policies would be named ${file}: give them by other paths`);
    names.add(file);
  }
  const roots = bundles.length === 0 ? [''] : bundles.flatMap(({ manifest }) => rootsOf(manifest));
  checkOverlap(roots);
  const only = bundles.length === 1 ? bundles[0]!.manifest : {};
  const usual = named[0]?.version ?? version;
  const others = named
    .filter((policy) => policy.version !== usual)
    .map((policy) => [`/${policy.file}`, numberOf(policy.version)]);
  const manifest: Manifest = {
    revision: revision ?? only.revision ?? '',
    roots,
    rego_version: numberOf(usual),
    ...(others.length === 0 ? {} : { file_rego_versions: Object.fromEntries(others) }),
    ...(only.metadata === undefined ? {} : { metadata: only.metadata }),
  };
  return { manifest, policies: named, data };
}

function numberOf(version: RegoVersion): number {
  return version === 'v0' ? 0 : 1;
}

/** A path as a name below the root of a bundle. */
function nameInBundle(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/');
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
