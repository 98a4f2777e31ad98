/** Puts together what a request is about: policies and data, also those of bundles. */
import { type Bundle, BundleError, type ReadBundleOptions, readBundle, readBundleFiles } from '../bundle/bundle.ts';
import { checkOverlap, rootsOf } from '../bundle/manifest.ts';
import { SignatureError } from '../bundle/signature.ts';
import { ArchiveError } from '../bundle/tar.ts';
import { RegoError } from '../errors.ts';
import type { PolicySource } from '../policy.ts';
import type { RegoObject } from '../values.ts';
import { DocumentError, mergeDocuments } from './documents.ts';
import type { BundleSource, WorkerRequest } from './messages.ts';

/** What was found. */
export interface Program {
  readonly sources: readonly PolicySource[];
  /** Reads and merges the documents when it is called. Throws DocumentError. */
  readonly data: () => RegoObject;
  /** The bundles with the paths that they were found at. */
  readonly bundles: readonly (Bundle & { readonly path: string })[];
}

/**
 * Reads the bundles and joins them with the other sources and documents. Throws DocumentError for bundles that are
 * damaged, contradict their manifest, or have no accepted signature where one is asked for.
 */
export function loadProgram(request: WorkerRequest): Program {
  const { sources, documents, verification, version } = request;
  const found = request.bundles ?? [];
  if (verification !== undefined && found.length === 0) {
    throw new DocumentError('enable bundle mode (--bundle) to verify bundle files or directories');
  }
  // What a bundle is built from is trusted by whoever trusts the new bundle.
  const options = {
    version,
    refusesUnverified: request.kind === 'build',
    ...(verification === undefined ? {} : { verification }),
  };
  const bundles = found.map((source) => ({ path: source.path, ...readOne(source, options) }));
  requireApart(bundles);
  const values = bundles.map(({ path, data }) => ({ file: path, value: data }));
  return {
    sources: [...sources, ...bundles.flatMap(({ path, policies }) => policies.map((each) => below(path, each)))],
    data: () => mergeDocuments(documents, values),
    bundles,
  };
}

/** Bundles own what is below their roots, so that none can change what another says. */
function requireApart(bundles: Program['bundles']): void {
  try {
    checkOverlap(bundles.flatMap(({ manifest }) => rootsOf(manifest)));
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    const paths = bundles.map(({ path }) => path).join(', ');
    throw new DocumentError(`bundles [${paths}] cannot be used together: ${error.message}`);
  }
}

function below(path: string, source: PolicySource): PolicySource {
  return { ...source, file: `${path.replace(/\/+$/, '')}/${source.file}` };
}

function readOne({ path, content }: BundleSource, options: ReadBundleOptions): Bundle {
  try {
    return content instanceof Uint8Array ? readBundle(content, options) : readBundleFiles(content, options);
  } catch (error) {
    const isKnown =
      error instanceof BundleError ||
      error instanceof ArchiveError ||
      error instanceof SignatureError ||
      error instanceof RegoError;
    const told = error instanceof RegoError ? String(error) : (error as Error).message;
    throw isKnown ? new DocumentError(`bundle ${path}: ${told}`) : error;
  }
}
