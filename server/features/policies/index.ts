import type { Kernel } from '../../kernel/kernel.ts';
import type { Feature } from '../../kernel/surface.ts';
import { PolicyAssignments } from './assignments.ts';
import { policySource } from './bundle-source.ts';
import { PolicyCatalogue } from './catalogue.ts';
import { DocumentChecks } from './checks.ts';
import type { PolicyParts } from './parts.ts';
import { PolicyWriter } from './policy-writer.ts';
import type { BundleBuilder, OrgLookup, ProjectLookup, RegisteredTools } from './ports.ts';
import { Rollout } from './rollout.ts';
import { assignmentRoutes } from './routes.assignments.ts';
import { historyRoutes } from './routes.history.ts';
import { keyRoutes } from './routes.keys.ts';
import { policiesOperatorRoutes } from './routes.operator.ts';
import { simulationRoutes } from './routes.simulation.ts';
import { FAMILIES, policyRoutes } from './routes.ts';
import { PoliciesService } from './service.ts';
import { PolicySimulator } from './simulation.ts';

/** Policies of projects and organizations: documents, versions, assignments, and bringing them into force. */
export function policiesFeature(
  kernel: Pick<Kernel, 'clock' | 'newId' | 'databases' | 'events'>,
  projects: ProjectLookup,
  tools: RegisteredTools,
  bundles: BundleBuilder,
  orgs: OrgLookup,
): Feature & { service: PoliciesService } & PolicyParts {
  const checks = new DocumentChecks(projects, tools);
  const writer = new PolicyWriter(kernel, new Rollout(projects, bundles));
  bundles.addSource(policySource(writer));
  const parts: PolicyParts = {
    policies: new PoliciesService(kernel, checks, writer),
    assignments: new PolicyAssignments(kernel, writer, projects),
    catalogue: new PolicyCatalogue(kernel, checks),
    simulator: new PolicySimulator(kernel, projects, checks),
  };
  return {
    name: 'policies',
    ...parts,
    service: parts.policies,
    routes: {
      'control-zero': (app) => {
        for (const family of FAMILIES) {
          policyRoutes(app, family, parts);
          historyRoutes(app, family, parts);
        }
        assignmentRoutes(app, parts);
        simulationRoutes(app, parts);
        keyRoutes(app, parts);
      },
      operator: (app) => policiesOperatorRoutes(app, parts, projects, orgs),
    },
  };
}
