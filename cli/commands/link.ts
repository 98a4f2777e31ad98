import type { Command } from 'commander';
import type { SessionOf } from '../session.ts';
import { withAppliance } from '../with-appliance.ts';

const KINDS = [
  ['setup', 'of a platform admin: sets the first password'],
  ['reset', 'sets a new password'],
  ['verify', 'verifies the address of an account'],
] as const;

/** `czctl link setup|reset|verify`: the one-time links that would be mailed, where no mail is sent. */
export function registerLink(program: Command, sessionOf: SessionOf): void {
  const link = program.command('link').description('print one-time links, where no mail is sent');
  for (const [kind, meaning] of KINDS) {
    link
      .command(`${kind} <email>`)
      .description(`print a link that works once for 60 minutes; ${meaning}`)
      .addHelpText('after', `\nExample:\n  czctl link ${kind} ada@example.com`)
      .action(async (email: string, _options, command: Command) => {
        const { options, out } = sessionOf(command);
        const made = await withAppliance(options.home, (client) =>
          client.call<{ url: string; expires_at: string }>('POST', `/operator/links/${kind}`, { email }),
        );
        out.say(`Link for ${email} (once, until ${made.expires_at}):\n  ${out.paint.cyan(made.url)}`);
        out.result('link', { purpose: kind, email, url: made.url, expires_at: made.expires_at });
      });
  }
}
