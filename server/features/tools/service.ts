import type { Page } from '../../db/keyset.ts';
import { conflict, type DomainError, notFound } from '../../kernel/errors.ts';
import { givenText } from '../../kernel/given-text.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import { belowExisting } from '../../kernel/removed-meanwhile.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import {
  countTools,
  deleteTool,
  findTool,
  insertTool,
  isNameTaken,
  listTools,
  type ToolRow,
  toolNames,
  updateTool,
} from './store.ts';

/** So many tools a project may register. */
export const MOST_TOOLS = 1_000;

/** What is said about a tool; what is absent stays, or is empty for a new one. */
export interface ToolWish {
  name?: string | undefined;
  description?: string | undefined;
  methods?: readonly string[] | undefined;
}

interface Owner {
  readonly orgId: string;
  readonly projectId: string;
}

type ToolsKernel = Pick<Kernel, 'clock' | 'newId' | 'databases'>;
type Reader = Parameters<typeof toolNames>[0];

/** Tools registered for projects: names that policies may use beside those that every SDK knows. */
export class ToolsService {
  private readonly kernel: ToolsKernel;

  constructor(kernel: ToolsKernel) {
    this.kernel = kernel;
  }

  list(projectId: string, page: PageQuery): Promise<Page<ToolRow>> {
    return listTools(this.kernel.databases.state.read, projectId, page);
  }

  /** The registered names of a project, or of all projects of an organization. */
  namesFor(reader: Reader, scope: { orgId: string; projectId: string | null }): Promise<string[]> {
    return toolNames(reader, scope);
  }

  /** Registers a tool. 409 when the project has one of this name, or too many; 404 when it was removed meanwhile. */
  create(context: RequestContext, { orgId, projectId }: Owner, wish: ToolWish & { name: string }): Promise<ToolRow> {
    const { clock, newId, databases } = this.kernel;
    const write = databases.state.write(async (trx) => {
      if ((await countTools(trx, projectId)) >= MOST_TOOLS) {
        throw conflict('TOO_MANY_TOOLS', `The project has ${MOST_TOOLS} tools already. Remove some first.`);
      }
      const now = clock.now();
      const row: ToolRow = {
        id: newId(),
        project_id: projectId,
        name: wish.name,
        description: givenText(wish.description ?? '', 'description'),
        methods: JSON.stringify(wish.methods ?? []),
        created_at: now,
        updated_at: now,
      };
      if (!(await insertTool(trx, row))) throw nameTaken(row.name);
      await context.record(trx, { orgId, projectId, target: target(row), details: { name: row.name } });
      return row;
    });
    return belowExisting(`The project ${projectId}`, write);
  }

  /** Changes a tool. 404 when the project has none of this id, 409 when the new name is taken. */
  update(context: RequestContext, { orgId, projectId }: Owner, toolId: string, wish: ToolWish): Promise<ToolRow> {
    return this.kernel.databases.state.write(async (trx) => {
      const before = await findTool(trx, projectId, toolId);
      if (before === null) throw unknown(toolId);
      const row: ToolRow = {
        ...before,
        name: wish.name ?? before.name,
        description: wish.description === undefined ? before.description : givenText(wish.description, 'description'),
        methods: wish.methods === undefined ? before.methods : JSON.stringify(wish.methods),
        updated_at: this.kernel.clock.now(),
      };
      if (row.name !== before.name && (await isNameTaken(trx, projectId, row.name, toolId))) throw nameTaken(row.name);
      const { created_at: _created, ...change } = row;
      if (!(await updateTool(trx, change))) throw unknown(toolId);
      await context.record(trx, { orgId, projectId, target: target(row), details: { name: row.name } });
      return row;
    });
  }

  /** Removes a tool from the register. Policies that name it stay in force. */
  async remove(context: RequestContext, { orgId, projectId }: Owner, toolId: string): Promise<void> {
    await this.kernel.databases.state.write(async (trx) => {
      const row = await findTool(trx, projectId, toolId);
      if (row === null || !(await deleteTool(trx, projectId, toolId))) throw unknown(toolId);
      await context.record(trx, { orgId, projectId, target: target(row), details: { name: row.name } });
    });
  }
}

function target(row: ToolRow) {
  return { type: 'tool', id: row.id };
}

function unknown(toolId: string): DomainError {
  return notFound(`The tool ${toolId}`);
}

function nameTaken(name: string): DomainError {
  return conflict('NAME_TAKEN', `The project has a tool named ${JSON.stringify(name)} already. Change that one.`);
}
