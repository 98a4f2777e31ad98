import type { Command } from 'commander';
import { readArgument } from '../read-argument.ts';
import type { SessionOf } from '../session.ts';
import { withAppliance } from '../with-appliance.ts';

/** `czctl bootstrap-admin`: the first admin without a browser, for scripts. */
export function registerBootstrapAdmin(program: Command, sessionOf: SessionOf): void {
  program
    .command('bootstrap-admin')
    .description('make a verified platform admin, without questions')
    .requiredOption('--email <address>', 'e-mail address')
    .requiredOption(
      '--password <password>',
      'password, at least 8 characters; @FILE reads it from a file, - from standard input',
    )
    .requiredOption('--name <name>', 'name as others see it')
    .addHelpText(
      'after',
      '\nExample:\n  czctl bootstrap-admin --email admin@example.com --name "Ada Admin" --password - < password.txt',
    )
    .action(async (flags: { email: string; password: string; name: string }, command: Command) => {
      const { options, out } = sessionOf(command);
      const account = { email: flags.email, name: flags.name, password: readArgument(flags.password) };
      const made = await withAppliance(options.home, (client) =>
        client.call<{ id: string; email: string }>('POST', '/operator/admins', account),
      );
      out.say(`${made.email} is a platform admin and can sign in now.`);
      out.result('admin', { id: made.id, email: made.email });
    });
}
