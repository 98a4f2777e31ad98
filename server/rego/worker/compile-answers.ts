/** Answers about policies that are compiled, but not asked. */
import { mergeBundles, writeBundle } from '../bundle/bundle.ts';
import { RegoError, RegoErrors } from '../errors.ts';
import { compile, type Policy } from '../policy.ts';
import { format } from '../tools/format.ts';
import { pathsRead } from '../tools/paths.ts';
import type {
  BuildRequest,
  BuildResponse,
  CheckRequest,
  CheckResponse,
  DependenciesRequest,
  DependenciesResponse,
  FormatRequest,
  FormatResponse,
} from './messages.ts';
import { plainErrors } from './plain-error.ts';
import type { Program } from './program.ts';

function compiled(request: { readonly version: 'v0' | 'v1' }, program: Program, strict = false): Policy {
  const { policy, errors } = compile(program.sources, { strict, version: request.version });
  if (policy === undefined) throw new RegoErrors(errors);
  return policy;
}

/** Whether the sources compile. Throws RegoErrors. */
export function check(request: CheckRequest, program: Program): CheckResponse {
  compiled(request, program, request.strict);
  return { kind: 'check' };
}

/** Lists what the query reads. Throws RegoErrors. */
export function dependencies(request: DependenciesRequest, program: Program): DependenciesResponse {
  return { kind: 'dependencies', paths: pathsRead(compiled(request, program), request.query) };
}

/** Lays out the sources in their order, up to the first that does not parse. */
export function formatAll({ sources, version, toV1 }: FormatRequest): FormatResponse {
  const texts: string[] = [];
  for (const source of sources) {
    try {
      texts.push(format(source.file, source.text, { version, toV1 }));
    } catch (error) {
      if (!(error instanceof RegoErrors || error instanceof RegoError)) throw error;
      return { kind: 'format', texts, errors: plainErrors(error, [source]) };
    }
  }
  return { kind: 'format', texts };
}

/** Packs what compiles. Throws RegoErrors, BundleError, ArchiveError and SignatureError. */
export function build(request: BuildRequest, program: Program): BuildResponse {
  compiled(request, program);
  const { revision, version, signing } = request;
  const bundle = mergeBundles(program.bundles, {
    policies: program.sources,
    data: program.data(),
    version,
    ...(revision === undefined ? {} : { revision }),
  });
  return { kind: 'build', archive: writeBundle(bundle, signing) };
}
