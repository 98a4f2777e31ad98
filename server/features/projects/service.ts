import { randomBytes } from 'node:crypto';
import type { Transaction } from 'kysely';
import { ChangeCache } from '../../db/change-cache.ts';
import type { WriteContext } from '../../db/database.ts';
import type { Page } from '../../db/keyset.ts';
import type { StateTables } from '../../db/tables.ts';
import { conflict, DomainError, notFound } from '../../kernel/errors.ts';
import { givenName, givenText } from '../../kernel/given-text.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import { belowExisting } from '../../kernel/removed-meanwhile.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { ProjectDefaults } from '../../policy/document/defaults.ts';
import { SETTING_NAMES } from '../../policy/document/document.ts';
import type { OrgsService } from '../orgs/service.ts';
import { PROJECTS_CHANNEL } from './schema.ts';
import {
  countAllProjects,
  countProjects,
  deleteProject,
  everyProjectOfOrg,
  findByName,
  findByPublicId,
  findProject,
  insertProject,
  type ProjectRow,
  projectCounts,
  projectsOfOrg,
  updateProject,
} from './store.ts';

export type Project = ProjectRow;

/** What a change of a project names; what is absent stays. */
export interface ProjectChange extends Partial<ProjectDefaults> {
  name?: string;
  description?: string;
}

export interface NewProject extends ProjectChange {
  name: string;
}

/** How many projects an organization may have. */
export interface ProjectLimits {
  /** Null: as many as it likes. */
  projectsFor(orgId: string): Promise<number | null>;
}

/** What hooks work with beside the transaction: effects after the commit, and who asked. */
export interface ProjectWrite extends WriteContext {
  readonly context: RequestContext;
}

type Trx = Transaction<StateTables>;
/** Runs in the transaction that makes a project, when its row is there. */
export type CreateHook = (trx: Trx, project: Project, write: ProjectWrite) => Promise<void>;
/** Runs in the transaction that changes a project, with the project as it is afterwards and what was asked for. */
export type ChangeHook = (trx: Trx, project: Project, change: ProjectChange, write: ProjectWrite) => Promise<void>;
/** Runs in the transaction that removes a project, before its row goes. */
export type RemoveHook = (trx: Trx, project: Project, write: ProjectWrite) => Promise<void>;

/** Projects: what policies are assigned to, keys belong to and SDKs run in. */
export class ProjectsService {
  private readonly kernel: Pick<Kernel, 'clock' | 'newId' | 'databases' | 'events'>;
  private readonly orgs: Pick<OrgsService, 'settingsOf'>;
  private readonly limits: ProjectLimits;
  private readonly createHooks: CreateHook[] = [];
  private readonly changeHooks: ChangeHook[] = [];
  private readonly removeHooks: RemoveHook[] = [];
  private readonly known: ChangeCache<ProjectRow | null>;

  constructor(
    kernel: Pick<Kernel, 'clock' | 'newId' | 'databases' | 'events'>,
    orgs: Pick<OrgsService, 'settingsOf'>,
    limits: ProjectLimits,
  ) {
    const { changes, state } = kernel.databases;
    this.kernel = kernel;
    this.orgs = orgs;
    this.limits = limits;
    this.known = new ChangeCache(changes, PROJECTS_CHANNEL, async (id) => (await findProject(state.read, id)) ?? null);
  }

  /** Registers what another feature adds to every new project; a hook that throws prevents the project. */
  onCreate(hook: CreateHook): void {
    this.createHooks.push(hook);
  }

  /** Registers what another feature does when name, description or defaults change; a hook that throws prevents it. */
  onChange(hook: ChangeHook): void {
    this.changeHooks.push(hook);
  }

  /** Registers what another feature does when a project goes; a hook that throws keeps it. */
  onRemove(hook: RemoveHook): void {
    this.removeHooks.push(hook);
  }

  /**
   * Makes a project with the organization's defaults where the request names none. 409 when the name is taken, 403
   * `PROJECT_LIMIT_REACHED` when the plan allows no further one, 404 when there is no such organization.
   */
  async create(context: RequestContext, orgId: string, request: NewProject): Promise<Project> {
    const { databases, clock, newId } = this.kernel;
    const [settings, limit] = await Promise.all([this.orgs.settingsOf(orgId), this.limits.projectsFor(orgId)]);
    const now = clock.now();
    const project: Project = {
      id: newId(),
      public_id: `proj_${randomBytes(8).toString('hex')}`,
      org_id: orgId,
      name: givenName(request.name, 'the project'),
      description: givenText(request.description ?? '', 'description'),
      default_action: request.default_action ?? settings.project_defaults.default_action,
      default_on_missing: request.default_on_missing ?? settings.project_defaults.default_on_missing,
      default_on_empty: request.default_on_empty ?? settings.project_defaults.default_on_empty,
      default_on_tamper: request.default_on_tamper ?? settings.tamper_behavior,
      created_at: now,
      updated_at: now,
    };
    const write = databases.state.write(async (trx, effects) => {
      if (limit !== null && (await countProjects(trx, orgId)) >= limit) throw limitReached(limit);
      if (!(await insertProject(trx, project))) throw nameTaken(project.name);
      for (const hook of this.createHooks) await hook(trx, project, { ...effects, context });
      await context.record(trx, {
        orgId,
        projectId: project.id,
        target: target(project),
        details: { name: project.name },
      });
      await effects.publish(PROJECTS_CHANNEL, project.id);
      return project;
    });
    return belowExisting(`The organization ${orgId}`, write);
  }

  /** How many projects the appliance has. */
  count(): Promise<number> {
    return countAllProjects(this.kernel.databases.state.read);
  }

  /** How many projects each of the organizations has; one without any is missing. */
  counts(orgIds: readonly string[]): Promise<Map<string, number>> {
    return projectCounts(this.kernel.databases.state.read, orgIds);
  }

  /** The projects of an organization. 404 when there is no such organization. */
  async list(orgId: string, page: PageQuery): Promise<Page<Project>> {
    await this.orgs.settingsOf(orgId);
    return projectsOfOrg(this.kernel.databases.state.read, orgId, page);
  }

  /** Every project of an organization, oldest first, as a transaction of the caller sees them. */
  everyOf(trx: Trx, orgId: string): Promise<Project[]> {
    return everyProjectOfOrg(trx, orgId);
  }

  /** A project, from memory when it was read before and did not change; null when there is none. */
  async find(projectId: string): Promise<Project | null> {
    // The id may come from a path that was not looked at yet; text that PostgreSQL cannot even compare is no id.
    if (projectId.includes('\0')) return null;
    return this.known.get(projectId);
  }

  /** As `find`, but 404 when there is none. */
  async get(projectId: string): Promise<Project> {
    return found(await this.find(projectId), projectId);
  }

  /** A project by its public id; null when there is none. */
  async byPublicId(publicId: string): Promise<Project | null> {
    return (await findByPublicId(this.kernel.databases.state.read, publicId)) ?? null;
  }

  /** A project of an organization by its name; null when there is none. */
  async byName(orgId: string, name: string): Promise<Project | null> {
    return (await findByName(this.kernel.databases.state.read, orgId, name)) ?? null;
  }

  /** Changes name, description or defaults; what the change does not name stays. 409 when the name is taken. */
  change(context: RequestContext, projectId: string, change: ProjectChange): Promise<Project> {
    const { databases, clock } = this.kernel;
    const tidy = tidied(change);
    return databases.state.write(async (trx, effects) => {
      const before = found(await findProject(trx, projectId), projectId);
      if (tidy.name !== undefined && tidy.name !== before.name) {
        if ((await findByName(trx, before.org_id, tidy.name)) !== undefined) throw nameTaken(tidy.name);
      }
      const project: Project = { ...before, ...tidy, updated_at: clock.now() };
      if (!(await updateProject(trx, projectId, { ...tidy, updated_at: project.updated_at }))) {
        throw notFound(`The project ${projectId}`);
      }
      for (const hook of this.changeHooks) await hook(trx, project, tidy, { ...effects, context });
      await context.record(trx, {
        orgId: project.org_id,
        projectId,
        target: target(project),
        details: differences(before, project),
      });
      await effects.publish(PROJECTS_CHANNEL, projectId);
      return project;
    });
  }

  /** Removes a project with its keys, policies and bundles. 409 unless `confirm` is its exact name. */
  async remove(context: RequestContext, projectId: string, confirm: string): Promise<void> {
    await this.kernel.databases.state.write(async (trx, effects) => {
      const project = found(await findProject(trx, projectId), projectId);
      if (confirm !== project.name) {
        throw conflict(
          'CONFIRMATION_MISMATCH',
          'This removes the project with its keys, policies and bundles; its SDKs lose their access. Repeat its exact name as confirm.',
        );
      }
      await this.announceRemoval(trx, project, { ...effects, context });
      if (!(await deleteProject(trx, projectId))) throw notFound(`The project ${projectId}`);
      await context.record(trx, {
        orgId: project.org_id,
        projectId,
        target: target(project),
        details: { name: project.name },
      });
    });
  }

  /** Does what has to be done for every project of an organization that is about to go. */
  async beforeOrgRemoval(trx: Trx, orgId: string, write: ProjectWrite): Promise<void> {
    for (const project of await everyProjectOfOrg(trx, orgId)) await this.announceRemoval(trx, project, write);
  }

  private async announceRemoval(trx: Trx, project: Project, write: ProjectWrite): Promise<void> {
    const { clock, events } = this.kernel;
    const at = clock.now();
    for (const hook of this.removeHooks) await hook(trx, project, write);
    await write.publish(PROJECTS_CHANNEL, project.id);
    write.afterCommit(() => events.emit('project.deleted', { projectId: project.id, orgId: project.org_id, at }));
  }
}

/** A change as it is stored: name and description in their stored form. */
function tidied(change: ProjectChange): ProjectChange {
  const { name, description } = change;
  return {
    ...change,
    ...(name === undefined ? {} : { name: givenName(name, 'the project') }),
    ...(description === undefined ? {} : { description: givenText(description, 'description') }),
  };
}

/** What a change did to which field, for the activity record. */
function differences(before: Project, after: Project): Record<string, unknown> {
  const fields = ['name', 'description', ...SETTING_NAMES] as const;
  const changed = fields.filter((field) => before[field] !== after[field]);
  return Object.fromEntries(changed.map((field) => [field, { from: before[field], to: after[field] }]));
}

function target(project: Project) {
  return { type: 'project', id: project.id };
}

function found(project: Project | null | undefined, projectId: string): Project {
  if (project === null || project === undefined) throw notFound(`The project ${projectId}`);
  return project;
}

function nameTaken(name: string): DomainError {
  return conflict(
    'NAME_TAKEN',
    `The organization has a project named ${JSON.stringify(name)} already. Choose another name.`,
  );
}

function limitReached(limit: number): DomainError {
  return new DomainError(
    403,
    'PROJECT_LIMIT_REACHED',
    `The plan of this organization has room for ${limit === 1 ? 'one project' : `${limit} projects`}. Remove one, or install a license with "czctl license install".`,
    { reason: 'project_limit', extra: { limit } },
  );
}
