/** `czctl rego check`: compiles policies and reports what is wrong with them. */
import { loadPaths, skippedText } from './load.ts';
import { ReportedErrors } from './reported-errors.ts';
import { type CompileLimitFlags, compileAllowance, reportErrors, runLimited, type Streams } from './session.ts';
import { type VerificationFlags, verificationOf } from './signatures.ts';

/** The flags of `czctl rego check`, named as OPA's. */
export interface CheckFlags extends CompileLimitFlags, VerificationFlags {
  bundle?: boolean;
  format?: 'pretty' | 'json';
  ignore?: string[];
  maxErrors: string;
  strict?: boolean;
  v0Compatible?: boolean;
}

/** Runs the command; gives OPA's exit code: 0, or 1 for errors. */
export async function checkCommand(paths: readonly string[], flags: CheckFlags, streams: Streams): Promise<number> {
  try {
    const verification = verificationOf(flags);
    const loaded = loadPaths(paths, {
      ignore: flags.ignore ?? [],
      asBundle: flags.bundle ?? false,
      policiesOnly: true,
      onSkipped: (path) => streams.warn(skippedText(path)),
    });
    const request = {
      kind: 'check',
      ...loaded,
      version: flags.v0Compatible ? 'v0' : 'v1',
      strict: flags.strict ?? false,
      ...(verification === undefined ? {} : { verification }),
    } as const;
    await runLimited(request, compileAllowance(flags));
    return 0;
  } catch (error) {
    const json = flags.format === 'json' ? 'error' : undefined;
    return reportErrors(shortened(error, Number(flags.maxErrors)), { streams, json, tellsLoading: true, exitCode: 1 });
  }
}

/** At most so many errors; 0 is all. */
function shortened(error: unknown, most: number): unknown {
  if (!(error instanceof ReportedErrors) || most === 0 || error.errors.length <= most) return error;
  return new ReportedErrors(error.errors.slice(0, most), error.stage);
}
