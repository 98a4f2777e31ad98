import type { Migration } from '../../server/db/migration.ts';
import { migration as createKernelTables } from './202601010000-create-kernel-tables.ts';
import { migration as createUsersAndSessions } from './202611210200-create-users-and-sessions.ts';
import { migration as createOrgs } from './202611210300-create-orgs.ts';
import { migration as createProjects } from './202611210400-create-projects.ts';
import { migration as createApiKeys } from './202611210500-create-api-keys.ts';
import { migration as createPolicies } from './202611210600-create-policies.ts';
import { migration as createProjectTools } from './202611210601-create-project-tools.ts';
import { migration as createBundles } from './202611210700-create-bundles.ts';
import { migration as createTamperAlerts } from './202611210800-create-tamper-alerts.ts';
import { migration as createLicensesUsageAlerts } from './202611210900-create-licenses-usage-alerts.ts';
import { migration as createAuditKeys } from './202611211000-create-audit-keys.ts';
import { migration as createPayloadErasures } from './202611261100-create-payload-erasures.ts';
import { migration as addSeatEnds } from './202611261110-add-seat-ends.ts';
import { migration as indexAlertsByProject } from './202611261120-index-alerts-by-project.ts';

/** Every migration of the state database, listed by name so that bundles carry them; in the order of their stamps. */
export const stateMigrations: readonly Migration[] = [
  createKernelTables,
  createUsersAndSessions,
  createOrgs,
  createProjects,
  createApiKeys,
  createPolicies,
  createProjectTools,
  createBundles,
  createTamperAlerts,
  createLicensesUsageAlerts,
  createAuditKeys,
  createPayloadErasures,
  addSeatEnds,
  indexAlertsByProject,
];
