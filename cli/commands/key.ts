import type { Command } from 'commander';
import { table } from '../output.ts';
import { everyPage, resolveProject } from '../resolve.ts';
import type { SessionOf } from '../session.ts';
import { withAppliance } from '../with-appliance.ts';

interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  mode: string;
  scopes: string[];
  status: string;
  last_used_at: string | null;
}

/** `czctl key create|list|revoke`. */
export function registerKey(program: Command, sessionOf: SessionOf): void {
  const key = program.command('key').description('make, list and revoke API keys');
  const projectOption = [
    '--project <project>',
    'id, public id or name of the project (default: the only one)',
  ] as const;

  key
    .command('create <name>')
    .description('make an API key; it is shown once')
    .option(...projectOption)
    .option('--scopes <list>', 'read, write, scout; separated by commas', 'read')
    .option('--test', 'a test key: rules are evaluated, nothing is blocked', false)
    .option('--expires-at <time>', 'RFC 3339 time at which it ends')
    .addHelpText('after', '\nExample:\n  czctl key create build-server --project production-agents --scopes read,write')
    .action(
      async (
        name: string,
        flags: { project?: string; scopes: string; test: boolean; expiresAt?: string },
        command: Command,
      ) => {
        const { options, out } = sessionOf(command);
        const body = {
          name,
          scopes: flags.scopes.split(',').map((scope) => scope.trim()),
          mode: flags.test ? 'test' : 'live',
          ...(flags.expiresAt === undefined ? {} : { expires_at: flags.expiresAt }),
        };
        const made = await withAppliance(options.home, async (client) =>
          client.call<ApiKey & { key: string }>(
            'POST',
            `/operator/projects/${(await resolveProject(client, flags.project)).id}/keys`,
            body,
          ),
        );
        out.say(`Key ${made.name} (${made.id}), shown this once:\n\n  ${made.key}`);
        out.result('key', { ...made });
      },
    );

  key
    .command('list')
    .description('list the API keys of a project')
    .option(...projectOption)
    .addHelpText('after', '\nExample:\n  czctl key list --project production-agents')
    .action(async (flags: { project?: string }, command: Command) => {
      const { options, out } = sessionOf(command);
      const api_keys = await withAppliance(options.home, async (client) =>
        everyPage<ApiKey>(
          client,
          `/operator/projects/${(await resolveProject(client, flags.project)).id}/keys`,
          'api_keys',
        ),
      );
      const rows = api_keys.map((one) => [
        one.id,
        one.name,
        `${one.prefix}…`,
        one.scopes.join(','),
        one.status,
        one.last_used_at ?? 'never',
      ]);
      out.say(table(['ID', 'NAME', 'KEY', 'SCOPES', 'STATUS', 'LAST USED'], rows));
      out.result('keys', { api_keys });
    });

  key
    .command('revoke <id>')
    .description('revoke an API key at once')
    .option(...projectOption)
    .addHelpText(
      'after',
      '\nExample:\n  czctl key revoke 01a1fdeb-835c-7110-8dac-6193d555d78a --project production-agents',
    )
    .action(async (id: string, flags: { project?: string }, command: Command) => {
      const { options, out } = sessionOf(command);
      await withAppliance(options.home, async (client) =>
        client.call(
          'DELETE',
          `/operator/projects/${(await resolveProject(client, flags.project)).id}/keys/${encodeURIComponent(id)}`,
        ),
      );
      out.say(`Key ${id} is revoked.`);
      out.result('key-revoked', { id });
    });
}
