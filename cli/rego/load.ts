/** Finds policies and documents in files, folders, bundles and standard input, as OPA's loader does. */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join, normalize, relative } from 'node:path';
import type { PolicySource } from '../../server/rego/policy.ts';
import type { BundleSource, DocumentText } from '../../server/rego/worker/messages.ts';
import { readBytes, readPolicy, readText, reason } from './read-file.ts';
import { LoadError } from './reported-errors.ts';

/** What was found. */
export interface Loaded {
  readonly sources: PolicySource[];
  readonly documents: DocumentText[];
  /** Bundles as they are: who compiles reads them, since they may be large and damaged. */
  readonly bundles: BundleSource[];
}

export interface LoadOptions {
  /** Names or paths to leave out; `*` stands for any text. */
  readonly ignore?: readonly string[];
  /** Files that were named and are neither policy nor document are left out rather than refused, and told here. */
  readonly onSkipped?: (path: string) => void;
  /** Documents are not read: nobody looks at them. */
  readonly policiesOnly?: boolean;
  /** Take folders as bundles: policies, documents named `data`, manifest and signatures; and every file as an archive. */
  readonly asBundle?: boolean;
}

/** Nothing yet. */
function nothingLoaded(): Loaded {
  return { sources: [], documents: [], bundles: [] };
}

/** What belongs to a bundle besides its policies. */
const BUNDLE_FILES = new Set(['data.json', 'data.yaml', 'data.yml', '.manifest', '.signatures.json']);

/**
 * Loads paths: a file, a folder with everything below it, a bundle (`.tar.gz`), `prefix.of.data:path`, or `-` for a
 * policy on standard input. Throws LoadError for what cannot be read.
 */
export function loadPaths(paths: readonly string[], options: LoadOptions = {}): Loaded {
  const loaded = nothingLoaded();
  const places = new Set<string>();
  const isNew = (file: string, names: readonly string[]): boolean => {
    const place = `${names.join('.')}:${normalize(file)}`;
    const isKnownPlace = places.has(place);
    places.add(place);
    return !isKnownPlace;
  };
  const ignored = (options.ignore ?? []).map(asPattern);
  for (const given of paths) {
    const { prefix, path } = splitPrefix(given);
    if (path === '-') loaded.sources.push({ file: '-', text: readPolicy('-') });
    else if (isFolder(path)) {
      if (options.asBundle) loaded.bundles.push(bundleFolder(path, ignored));
      else {
        walk(path, ignored, (file, names) => {
          const isWanted = file.endsWith('.rego') || (!options.policiesOnly && syntaxOf(file) !== undefined);
          if (isWanted && isNew(file, [...prefix, ...names])) loadFile(file, [...prefix, ...names], loaded);
        });
      }
    } else if (options.asBundle) loaded.bundles.push({ path, content: readBytes(path) });
    else if (options.onSkipped !== undefined && !isKnown(path)) options.onSkipped(path);
    else if ((!options.policiesOnly || syntaxOf(path) === undefined) && isNew(path, prefix)) {
      loadFile(path, prefix, loaded);
    }
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
    throw new LoadError(`stat ${path}: ${reason(error)}`);
  }
}

/** Told of a file and of the folders between it and where the walk began. */
type Visit = (path: string, folders: readonly string[]) => void;

/** Goes through what is below a folder, also through links. `above` are the folders on the way, which no link may lead back to. */
function walk(
  folder: string,
  ignored: readonly RegExp[],
  visit: Visit,
  folders: readonly string[] = [],
  above: readonly string[] = [],
): void {
  const real = realpathSync(folder);
  if (above.includes(real)) throw new LoadError(`${folder}: the link leads back to a folder that it is in`);
  const entries = readFolder(folder).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (ignored.some((pattern) => pattern.test(entry.name) || pattern.test(path))) continue;
    const isBelow = entry.isDirectory() || (entry.isSymbolicLink() && isFolder(path));
    if (isBelow) walk(path, ignored, visit, [...folders, entry.name], [...above, real]);
    else visit(path, folders);
  }
}

function bundleFolder(folder: string, ignored: readonly RegExp[]): BundleSource {
  const content: { name: string; content: Uint8Array }[] = [];
  walk(folder, ignored, (path) => {
    const name = basename(path);
    if (!name.endsWith('.rego') && !BUNDLE_FILES.has(name)) return;
    content.push({ name: relative(folder, path), content: readBytes(path) });
  });
  return { path: folder, content };
}

function readFolder(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new LoadError(`open ${folder}: ${reason(error)}`);
  }
}

function isKnown(path: string): boolean {
  return path.endsWith('.rego') || path.endsWith('.tar.gz') || syntaxOf(path) !== undefined;
}

function loadFile(path: string, prefix: readonly string[], into: Loaded): void {
  if (path.endsWith('.rego')) into.sources.push({ file: path, text: readPolicy(path) });
  else if (path.endsWith('.tar.gz')) into.bundles.push({ path, content: readBytes(path) });
  else {
    const syntax = syntaxOf(path);
    if (syntax === undefined) throw new LoadError(`${path}: unrecognized file: give .rego, .json, .yaml or .tar.gz`);
    into.documents.push({ file: path, path: prefix, syntax, text: readText(path) });
  }
}

function syntaxOf(path: string): DocumentText['syntax'] | undefined {
  const name = basename(path);
  if (name.endsWith('.json')) return 'json';
  return name.endsWith('.yaml') || name.endsWith('.yml') ? 'yaml' : undefined;
}

function asPattern(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
