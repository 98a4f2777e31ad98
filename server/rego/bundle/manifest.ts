/** What `.manifest` says about a bundle. */
import type { RegoVersion } from '../syntax/ast.ts';
import type { ArchiveFile } from './tar.ts';

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

/** What is wrong with a bundle. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

/** The manifest among the files of a bundle; an empty one where there is none. Throws BundleError. */
export function readManifest(files: readonly ArchiveFile[]): Manifest {
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

/** The language version of a file; `otherwise` where the manifest does not say. */
export function versionOf(name: string, manifest: Manifest, otherwise: RegoVersion): RegoVersion {
  let version = manifest.rego_version;
  for (const [pattern, own] of Object.entries(manifest.file_rego_versions ?? {})) {
    if (matches(pattern.replace(/^\//, ''), name)) version = own;
  }
  if (version === undefined) return otherwise;
  return version === 0 ? 'v0' : 'v1';
}

/** Whether a path matches a pattern whose `*` stands for anything but `/`. */
function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]*')}$`).test(name);
}

/** The roots without slashes at their ends. */
export function rootsOf(manifest: Manifest): readonly string[] {
  return (manifest.roots ?? ['']).map((root) => root.replace(/^\/|\/$/g, ''));
}

/** Whether a path is a root or below it. */
export function isWithin(path: string, root: string): boolean {
  return root === '' || path === root || path.startsWith(`${root}/`);
}

/** Throws BundleError where one root is below another. */
export function checkOverlap(roots: readonly string[]): void {
  for (const [index, root] of roots.entries()) {
    const overlap = roots.find((other, at) => at !== index && isWithin(other, root));
    if (overlap === undefined) continue;
    throw new BundleError(`manifest has overlapped roots: '${root}' and '${overlap}'`);
  }
}
