import type { Command } from 'commander';
import { systemClock } from '../../server/kernel/clock.ts';
import { EXIT } from '../exit-codes.ts';
import { printPreflight, runPreflight } from '../preflight/run.ts';
import type { SessionOf } from '../session.ts';
import { isServing } from '../with-appliance.ts';

/** `czctl preflight`: whether this machine and directory can carry the appliance. */
export function registerPreflight(program: Command, sessionOf: SessionOf): void {
  program
    .command('preflight')
    .description('check machine, directory and configuration')
    .addHelpText('after', '\nExit code 1 when a check failed.\n\nExample:\n  czctl preflight --json')
    .action(async (_options, command: Command) => {
      const { options, out } = sessionOf(command);
      const results = await runPreflight(options.home, await isServing(options.home), systemClock.now());
      printPreflight(results, out);
      const passed = results.every((result) => result.verdict !== 'fail');
      out.result('preflight', { passed, checks: results });
      process.exitCode = passed ? EXIT.ok : EXIT.failed;
    });
}
