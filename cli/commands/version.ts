import type { Command } from 'commander';
import { readBuildInfo } from '../../server/version.ts';
import type { SessionOf } from '../session.ts';

/** `czctl version`: version, commit and build date. */
export function registerVersion(program: Command, sessionOf: SessionOf): void {
  program
    .command('version')
    .description('print version, commit and build date')
    .addHelpText('after', '\nExample:\n  czctl version --json')
    .action((_options, command: Command) => {
      const { out } = sessionOf(command);
      const build = readBuildInfo();
      out.say(`czctl ${build.version} (commit ${build.commit}, built ${build.date}, Node ${process.versions.node})`);
      out.result('version', { czctl: build, node: process.versions.node });
    });
}
