import { conflict, notFound } from '../../kernel/errors.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import { assignedProjects, deleteAssignment, insertAssignment } from './assignment-store.ts';
import { readablePolicy } from './lookup.ts';
import type { PoliciesKernel, PolicyChange, PolicyWriter } from './policy-writer.ts';
import type { ProjectLookup } from './ports.ts';
import type { PolicyRow, Writer } from './store.ts';

/** How assignments are changed; all of them at once or none. */
export interface AssignmentWish {
  policyId: string;
  projectIds: readonly string[];
  acceptOlderSdks?: boolean | undefined;
}

/** Which projects use a policy of their organization. Every change is in force when its method resolves. */
export class PolicyAssignments {
  private readonly kernel: PoliciesKernel;
  private readonly writer: PolicyWriter;
  private readonly projects: ProjectLookup;

  constructor(kernel: PoliciesKernel, writer: PolicyWriter, projects: ProjectLookup) {
    this.kernel = kernel;
    this.writer = writer;
    this.projects = projects;
  }

  /**
   * Makes projects use a policy of the organization; those that use it already stay as they are. 404 for an unknown
   * policy or a project outside of the organization, 409 for a policy that belongs to a project.
   */
  assign(context: RequestContext, orgId: string, wish: AssignmentWish): Promise<PolicyChange> {
    const at = this.kernel.clock.now();
    return this.change(context, orgId, wish, 'assigned', false, (trx, projectId) =>
      insertAssignment(trx, wish.policyId, projectId, at),
    );
  }

  /** The contrary of `assign`; projects that do not use the policy stay as they are. */
  unassign(context: RequestContext, orgId: string, wish: AssignmentWish): Promise<PolicyChange> {
    return this.change(context, orgId, wish, 'unassigned', true, (trx, projectId) =>
      deleteAssignment(trx, wish.policyId, projectId),
    );
  }

  private async change(
    context: RequestContext,
    orgId: string,
    wish: AssignmentWish,
    verb: string,
    wasAssigned: boolean,
    apply: (trx: Writer, projectId: string) => Promise<boolean>,
  ): Promise<PolicyChange> {
    const projectIds = [...new Set(wish.projectIds)];
    await this.checkProjects(orgId, projectIds);
    return this.writer.write(async (trx, effects) => {
      const policy = await this.orgPolicy(trx, orgId, wish.policyId);
      const present = await assignedProjects(trx, policy.id);
      const changing = projectIds.filter((id) => present.includes(id) === wasAssigned);
      const touched = policy.live_version === null ? [] : changing;
      const options = { context, effects, verb, acceptOlderSdks: wish.acceptOlderSdks };
      return this.writer.complete(trx, policy, touched, options, async () => {
        for (const projectId of changing) await apply(trx, projectId);
      });
    });
  }

  private async orgPolicy(trx: Writer, orgId: string, policyId: string): Promise<PolicyRow> {
    const policy = await readablePolicy(trx, { orgId, projectId: null }, policyId);
    if (policy.project_id === null) return policy;
    throw conflict(
      'PROJECT_POLICY',
      'Only policies of the organization can be assigned; this one belongs to a project. Save it under /api/orgs/{orgID}/policies.',
    );
  }

  private async checkProjects(orgId: string, projectIds: readonly string[]): Promise<void> {
    for (const projectId of projectIds) {
      const project = await this.projects.find(projectId);
      if (project === null || project.org_id !== orgId) throw notFound(`The project ${projectId}`);
    }
  }
}
