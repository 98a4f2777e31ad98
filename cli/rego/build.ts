/** `czctl rego build`: packs policies and data into a bundle, and signs it where a key is given. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { loadPaths } from './load.ts';
import { reason } from './read-file.ts';
import { LoadError } from './reported-errors.ts';
import { type CompileLimitFlags, compileAllowance, reportErrors, runLimited, type Streams } from './session.ts';
import { type SigningFlags, signingOf, verificationOf } from './signatures.ts';

/** The flags of `czctl rego build`, named as OPA's. */
export interface BuildFlags extends CompileLimitFlags, SigningFlags {
  bundle?: boolean;
  output: string;
  revision?: string;
  ignore?: string[];
  v0Compatible?: boolean;
}

/** Runs the command; gives OPA's exit code: 0, or 1 for errors, which leave the output as it was. */
export async function buildCommand(paths: readonly string[], flags: BuildFlags, streams: Streams): Promise<number> {
  try {
    const signing = signingOf(flags);
    const verification = verificationOf(flags);
    if (!flags.bundle && (signing !== undefined || verification !== undefined)) {
      throw new LoadError('enable bundle mode (--bundle) to verify or sign bundle files or directories');
    }
    const request = {
      kind: 'build',
      ...loadPaths(paths, { ignore: flags.ignore ?? [], asBundle: flags.bundle ?? false }),
      version: flags.v0Compatible ? 'v0' : 'v1',
      ...(flags.revision === undefined ? {} : { revision: flags.revision }),
      ...(verification === undefined ? {} : { verification }),
      ...(signing === undefined ? {} : { signing }),
    } as const;
    const { archive } = await runLimited(request, compileAllowance(flags));
    replaceFile(flags.output, archive);
    return 0;
  } catch (error) {
    return reportErrors(error, { streams, tellsLoading: true, exitCode: 1 });
  }
}

/** Writes beside the file first, so that whoever reads it finds all of the old or all of the new. */
function replaceFile(path: string, content: Uint8Array): void {
  const fresh = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(fresh, content);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw new LoadError(`open ${path}: ${reason(error)}`);
  }
}
