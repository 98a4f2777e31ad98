import type { Command } from 'commander';
import { table } from '../output.ts';
import { everyPage, resolveOrg } from '../resolve.ts';
import type { SessionOf } from '../session.ts';
import { withAppliance } from '../with-appliance.ts';

interface Project {
  id: string;
  public_id: string;
  name: string;
  default_action: string;
}

/** `czctl project create|list`. */
export function registerProject(program: Command, sessionOf: SessionOf): void {
  const project = program.command('project').description('make and list projects');
  project
    .command('create <name>')
    .description('make a project; its keys and first, observing bundle come with it')
    .option('--org <org>', 'id, slug or name of the organization (default: the only one)')
    .addHelpText('after', '\nExample:\n  czctl project create production-agents --org example-corp')
    .action(async (name: string, { org }: { org?: string }, command: Command) => {
      const { options, out } = sessionOf(command);
      const made = await withAppliance(options.home, async (client) =>
        client.call<Project>('POST', `/operator/orgs/${(await resolveOrg(client, org)).id}/projects`, { name }),
      );
      out.say(`Project ${made.name} is made: ${made.id}`);
      out.result('project', { ...made });
    });
  project
    .command('list')
    .description('list the projects of an organization')
    .option('--org <org>', 'id, slug or name of the organization (default: the only one)')
    .addHelpText('after', '\nExample:\n  czctl project list --org example-corp')
    .action(async ({ org }: { org?: string }, command: Command) => {
      const { options, out } = sessionOf(command);
      const projects = await withAppliance(options.home, async (client) =>
        everyPage<Project>(client, `/operator/orgs/${(await resolveOrg(client, org)).id}/projects`, 'projects'),
      );
      out.say(
        table(
          ['ID', 'NAME', 'UNMATCHED CALLS'],
          projects.map((one) => [one.id, one.name, one.default_action]),
        ),
      );
      out.result('projects', { projects });
    });
}
