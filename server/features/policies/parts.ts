import type { PolicyAssignments } from './assignments.ts';
import type { PolicyCatalogue } from './catalogue.ts';
import type { PoliciesService } from './service.ts';
import type { PolicySimulator } from './simulation.ts';

/** The services that the routes of policies call. */
export interface PolicyParts {
  policies: PoliciesService;
  assignments: PolicyAssignments;
  catalogue: PolicyCatalogue;
  simulator: PolicySimulator;
}
