/** `czctl rego check`: compiles policies and reports what is wrong with them. */
import { compile } from '../../server/rego/index.ts';
import { plainError } from '../../server/rego/worker/answer.ts';
import { type Loaded, loadPaths, skippedText } from './load.ts';
import { ReportedErrors, reportErrors, type Streams } from './session.ts';

/** The flags of `czctl rego check`, named as OPA's. */
export interface CheckFlags {
  bundle?: boolean;
  format?: 'pretty' | 'json';
  ignore?: string[];
  maxErrors: string;
  strict?: boolean;
  v0Compatible?: boolean;
}

/** Runs the command; gives OPA's exit code: 0, or 1 for errors. */
export function checkCommand(paths: readonly string[], flags: CheckFlags, streams: Streams): number {
  let loaded: Loaded = { sources: [], documents: [] };
  try {
    loaded = loadPaths(paths, {
      ignore: flags.ignore ?? [],
      asBundle: flags.bundle ?? false,
      onSkipped: (path) => streams.warn(skippedText(path)),
    });
    const version = flags.v0Compatible ? 'v0' : 'v1';
    const { errors } = compile(loaded.sources, { strict: flags.strict ?? false, version });
    const most = Number(flags.maxErrors);
    const shown = (most > 0 ? errors.slice(0, most) : errors).map(plainError);
    if (shown.length > 0) throw new ReportedErrors(shown, 'compile');
    return 0;
  } catch (error) {
    const json = flags.format === 'json' ? 'error' : undefined;
    return reportErrors(error, { streams, json, sources: loaded.sources, tellsLoading: true, exitCode: 1 });
  }
}
