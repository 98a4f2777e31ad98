import type { OperatorClient } from './client.ts';
import { CommandError, EXIT } from './exit-codes.ts';

interface Named {
  id: string;
  name: string;
}
interface Org extends Named {
  slug: string;
}
interface Project extends Named {
  public_id: string;
}

/** The organization that a flag means: by id, slug or name; without a flag the only one there is. */
export async function resolveOrg(client: OperatorClient, wanted: string | undefined): Promise<Org> {
  const orgs = await everyOrg(client);
  return pick('organization', '--org', orgs, wanted, (org) => [org.id, org.slug, org.name]);
}

/** The project that a flag means: by id, public id or name, over all organizations; without a flag the only one there is. */
export async function resolveProject(client: OperatorClient, wanted: string | undefined): Promise<Project> {
  const projects: Project[] = [];
  for (const org of await everyOrg(client))
    projects.push(...(await everyPage<Project>(client, `/operator/orgs/${org.id}/projects`, 'projects')));
  return pick('project', '--project', projects, wanted, (project) => [project.id, project.public_id, project.name]);
}

function everyOrg(client: OperatorClient): Promise<Org[]> {
  return everyPage<Org>(client, '/operator/orgs', 'orgs');
}

/** Every row of a list, page by page. */
export async function everyPage<Row>(client: OperatorClient, path: string, member: string): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Record<string, unknown> = await client.call('GET', `${path}?limit=100${query}`);
    rows.push(...(page[member] as Row[]));
    cursor = page.next_cursor as string | null;
  } while (cursor !== null);
  return rows;
}

function pick<T extends Named>(
  what: string,
  flag: string,
  all: readonly T[],
  wanted: string | undefined,
  namesOf: (one: T) => string[],
): T {
  const fitting = wanted === undefined ? all : all.filter((one) => namesOf(one).includes(wanted));
  if (fitting.length === 1) return fitting[0]!;
  const names =
    all
      .map((one) => one.name)
      .slice(0, 20)
      .join(', ') || 'none';
  if (fitting.length > 1)
    throw new CommandError(
      EXIT.usage,
      wanted === undefined
        ? `There are several ${what}s (${names}). Say which with ${flag}.`
        : `Several ${what}s are called ${wanted}. Give its id with ${flag}.`,
    );
  if (wanted === undefined)
    throw new CommandError(
      EXIT.notFound,
      `There is no ${what} yet. Make one with "czctl ${what === 'project' ? 'project' : 'org'} create".`,
    );
  throw new CommandError(EXIT.notFound, `There is no ${what} ${wanted}. Known: ${names}.`);
}
