import type { Command } from 'commander';
import { table } from '../output.ts';
import { everyPage } from '../resolve.ts';
import type { SessionOf } from '../session.ts';
import { withAppliance } from '../with-appliance.ts';

interface Org {
  id: string;
  name: string;
  slug: string;
  tier: string;
  status: string;
}

/** `czctl org create|list`. */
export function registerOrg(program: Command, sessionOf: SessionOf): void {
  const org = program.command('org').description('make and list organizations');
  org
    .command('create <name>')
    .description('make an organization')
    .requiredOption('--owner <email>', 'account that owns it')
    .addHelpText('after', '\nExample:\n  czctl org create "Example Corp" --owner admin@example.com')
    .action(async (name: string, { owner }: { owner: string }, command: Command) => {
      const { options, out } = sessionOf(command);
      const made = await withAppliance(options.home, (client) =>
        client.call<Org>('POST', '/operator/orgs', { name, owner_email: owner }),
      );
      out.say(`Organization ${made.name} is made: ${made.id}`);
      out.result('org', { ...made });
    });
  org
    .command('list')
    .description('list organizations')
    .addHelpText('after', '\nExample:\n  czctl org list --json')
    .action(async (_options, command: Command) => {
      const { options, out } = sessionOf(command);
      const orgs = await withAppliance(options.home, (client) => everyPage<Org>(client, '/operator/orgs', 'orgs'));
      out.say(
        table(
          ['ID', 'NAME', 'TIER', 'STATUS'],
          orgs.map((one) => [one.id, one.name, one.tier, one.status]),
        ),
      );
      out.result('orgs', { orgs });
    });
}
