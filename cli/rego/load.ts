/** Finds policies and documents in files, folders, bundles and standard input, as OPA's loader does. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type PolicySource, readBundle, toJsonText } from '../../server/rego/index.ts';
import type { DocumentText } from '../../server/rego/worker/messages.ts';

/** What was found. */
export interface Loaded {
  readonly sources: PolicySource[];
  readonly documents: DocumentText[];
}

export interface LoadOptions {
  /** Names or paths to leave out; `*` stands for any text. */
  readonly ignore?: readonly string[];
  /** Files that were named and are neither policy nor document are left out rather than refused, and told here. */
  readonly onSkipped?: (path: string) => void;
  /** In folders take only what a bundle is made of: policies, and documents named `data`. */
  readonly asBundle?: boolean;
}

/** A file or folder could not be read; the message says which. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}

const BUNDLE_DATA = new Set(['data.json', 'data.yaml', 'data.yml']);

/**
 * Loads paths: a file, a folder with everything below it, a bundle (`.tar.gz`), `prefix.of.data:path`, or `-` for a
 * policy on standard input. Throws LoadError for what cannot be read.
 */
export function loadPaths(paths: readonly string[], options: LoadOptions = {}): Loaded {
  const loaded: Loaded = { sources: [], documents: [] };
  const ignored = (options.ignore ?? []).map(asPattern);
  for (const given of paths) {
    const { prefix, path } = splitPrefix(given);
    if (path === '-') loaded.sources.push({ file: '-', text: readText('-') });
    else if (isFolder(path)) walk(path, prefix, { asBundle: options.asBundle ?? false, ignored, into: loaded });
    else if (options.onSkipped !== undefined && !isKnown(path)) options.onSkipped(path);
    else loadFile(path, prefix, loaded);
  }
  return loaded;
}

/** What is said of a file that was left out. */
export function skippedText(path: string): string {
  return `${path}: skipped, as it is no .rego file`;
}

/** Reads one document, such as the input; `-` is standard input. Throws LoadError. */
export function loadDocument(path: string): DocumentText {
  return { file: path, path: [], syntax: syntaxOf(path) ?? 'json', text: readText(path) };
}

/** Reads a text file, or standard input for `-`. Throws LoadError. */
export function readText(path: string): string {
  return readBytes(path).toString('utf8');
}

/** The policies below the paths, without documents: `[file, text]` in the order of the folders. Throws LoadError. */
export function listPolicies(paths: readonly string[], onSkipped: (path: string) => void): PolicySource[] {
  return loadPaths(paths, { onSkipped }).sources;
}

function splitPrefix(given: string): { prefix: string[]; path: string } {
  if (given.startsWith('file://')) return { prefix: [], path: given.slice('file://'.length) };
  const colon = given.indexOf(':');
  if (colon <= 0) return { prefix: [], path: given };
  return { prefix: given.slice(0, colon).split('.'), path: given.slice(colon + 1) };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new LoadError(`stat ${path}: ${reason(error as NodeJS.ErrnoException)}`);
  }
}

interface Walk {
  readonly asBundle: boolean;
  readonly ignored: readonly RegExp[];
  readonly into: Loaded;
}

/** Takes what is below a folder, also through links. `above` are the folders on the way, which no link may lead back to. */
function walk(folder: string, prefix: readonly string[], options: Walk, above: readonly string[] = []): void {
  const { asBundle, ignored, into } = options;
  const real = realpathSync(folder);
  if (above.includes(real)) throw new LoadError(`${folder}: the link leads back to a folder that it is in`);
  const entries = readFolder(folder).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (ignored.some((pattern) => pattern.test(entry.name) || pattern.test(path))) continue;
    const isBelow = entry.isDirectory() || (entry.isSymbolicLink() && isFolder(path));
    if (isBelow) walk(path, [...prefix, entry.name], options, [...above, real]);
    else if (asBundle && !entry.name.endsWith('.rego') && !BUNDLE_DATA.has(entry.name)) continue;
    else if (entry.name.endsWith('.rego') || syntaxOf(entry.name) !== undefined) loadFile(path, prefix, into);
  }
}

function readFolder(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new LoadError(`open ${folder}: ${reason(error as NodeJS.ErrnoException)}`);
  }
}

function isKnown(path: string): boolean {
  return path.endsWith('.rego') || path.endsWith('.tar.gz') || syntaxOf(path) !== undefined;
}

function loadFile(path: string, prefix: readonly string[], into: Loaded): void {
  if (path.endsWith('.rego')) into.sources.push({ file: path, text: readText(path) });
  else if (path.endsWith('.tar.gz')) loadBundle(path, into);
  else {
    const syntax = syntaxOf(path);
    if (syntax === undefined) throw new LoadError(`${path}: unrecognized file: give .rego, .json, .yaml or .tar.gz`);
    into.documents.push({ file: path, path: prefix, syntax, text: readText(path) });
  }
}

function loadBundle(path: string, into: Loaded): void {
  let bundle: ReturnType<typeof readBundle>;
  try {
    bundle = readBundle(readBytes(path));
  } catch (error) {
    throw error instanceof LoadError ? error : new LoadError(`bundle ${path}: ${(error as Error).message}`);
  }
  into.sources.push(...bundle.policies.map((source) => ({ ...source, file: join(path, source.file) })));
  into.documents.push({ file: path, path: [], syntax: 'json', text: toJsonText(bundle.data) });
}

function syntaxOf(path: string): DocumentText['syntax'] | undefined {
  const name = basename(path);
  if (name.endsWith('.json')) return 'json';
  return name.endsWith('.yaml') || name.endsWith('.yml') ? 'yaml' : undefined;
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path === '-' ? 0 : path);
  } catch (error) {
    if (path === '-' && (error as NodeJS.ErrnoException).code === 'EOF') return Buffer.alloc(0);
    throw new LoadError(`open ${path}: ${reason(error as NodeJS.ErrnoException)}`);
  }
}

function reason(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'no such file or directory';
  if (error.code === 'ELOOP') return 'too many levels of symbolic links';
  return error.code === 'EACCES' ? 'permission denied' : error.message;
}

function asPattern(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
