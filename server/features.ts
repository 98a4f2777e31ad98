import type { Keyring } from './crypto/keyring.ts';
import type { PasswordCosts } from './crypto/passwords.ts';
import { activityFeature } from './features/activity/index.ts';
import { adminFeature } from './features/admin/index.ts';
import { alertsFeature } from './features/alerts/index.ts';
import { apiKeysFeature } from './features/api-keys/index.ts';
import { auditFeature } from './features/audit/index.ts';
import { authFeature } from './features/auth/index.ts';
import { bundlesFeature } from './features/bundles/index.ts';
import { healthFeature } from './features/health/index.ts';
import { licensesFeature } from './features/licenses/index.ts';
import { orgsFeature } from './features/orgs/index.ts';
import { policiesFeature } from './features/policies/index.ts';
import { projectsFeature } from './features/projects/index.ts';
import { sdkFeature } from './features/sdk/index.ts';
import { tamperAlertsFeature } from './features/tamper-alerts/index.ts';
import { toolsFeature } from './features/tools/index.ts';
import { usageFeature } from './features/usage/index.ts';
import type { Kernel } from './kernel/kernel.ts';
import { createMailer } from './kernel/mailer.ts';
import type { Feature } from './kernel/surface.ts';
import type { BuildInfo } from './version.ts';

/** Things of the composition root that features need beside the kernel. */
export interface Outfit {
  build: BuildInfo;
  keyring: Keyring;
  /** Signs sessions; 32 bytes. */
  jwtKey: Buffer;
  /** Cheaper Argon2id costs for tests; the default otherwise. */
  passwordCosts: PasswordCosts | undefined;
}

/** The table of contents: every feature of the appliance, in order. A feature gets exactly the services it names. */
export async function composeFeatures(kernel: Kernel, outfit: Outfit) {
  const health = healthFeature(kernel, outfit.keyring, outfit.build, () =>
    features.flatMap((feature) => feature.readiness ?? []),
  );
  const activity = activityFeature(kernel);
  const mailer = createMailer(kernel);
  const mail: Feature = { name: 'mail', stop: () => mailer.close() };
  const auth = authFeature(kernel, { mailer, jwtKey: outfit.jwtKey, passwordCosts: outfit.passwordCosts });
  const alerts = alertsFeature(kernel);
  const licenses = await licensesFeature(kernel, outfit.keyring);
  const usage = usageFeature(kernel, licenses.service, alerts.service);
  const orgs = orgsFeature(kernel, { mailer, plan: licenses.flags, auth: auth.service });
  licenses.flags.useOrgs(orgs.service);
  const projects = projectsFeature(kernel, orgs.service, projectLimits(licenses));
  const apiKeys = await apiKeysFeature(kernel, projects.service);

  const bundles = bundlesFeature(kernel, {
    keyring: outfit.keyring,
    projects: projects.service,
    alerts: alerts.service,
  });
  const tools = toolsFeature(kernel);
  const policies = policiesFeature(kernel, projects.service, tools.service, bundles.service, orgs.service);
  const tamperAlerts = tamperAlertsFeature(kernel, alerts.service);
  const sdk = sdkFeature(kernel, { bundles: bundles.service, projects: projects.service, flags: licenses.flags });
  const audit = auditFeature(kernel, {
    keyring: outfit.keyring,
    orgs: orgs.service,
    projects: projects.service,
    usage: usage.service,
    alerts: alerts.service,
    bundles: bundles.service,
  });

  const admin = adminFeature(kernel, {
    version: outfit.build.version,
    auth: auth.service,
    orgs: orgs.service,
    projects: projects.service,
    apiKeys: apiKeys.service,
    policies: policies.catalogue,
    mail: mailer,
    alerts: alerts.service,
    licenses: licenses.service,
    flags: licenses.flags,
    usage: usage.service,
    health: health.service,
    audit: audit.service.totals,
  });

  const features: readonly Feature[] = [
    health,
    // Stops almost last, because the others record what they do.
    activity,
    mail,
    auth,
    alerts,
    licenses,
    usage,
    orgs,
    projects,
    apiKeys,
    bundles,
    tools,
    policies,
    sdk,
    tamperAlerts,
    audit,
    admin,
  ];
  return {
    features,
    services: {
      health: health.service,
      activity: activity.service,
      auth: auth.service,
      mail: mailer,
      alerts: alerts.service,
      licenses: licenses.service,
      flags: licenses.flags,
      usage: usage.service,
      orgs: orgs.service,
      projects: projects.service,
      apiKeys: apiKeys.service,
      bundles: bundles.service,
      tools: tools.service,
      policies: policies.service,
      policyAssignments: policies.assignments,
      policyCatalogue: policies.catalogue,
      policySimulator: policies.simulator,
      sdk: sdk.service,
      tamperAlerts: tamperAlerts.service,
      audit: audit.service,
      admin: admin.service,
    },
  };
}

/** How many projects an organization has room for: what the license says, else one on the free tier and any number above. */
function projectLimits({ service, flags }: Awaited<ReturnType<typeof licensesFeature>>) {
  return {
    projectsFor: async (orgId: string) =>
      service.state().limits.projects ?? ((await flags.effectiveTier(orgId)) === 'free' ? 1 : null),
  };
}

export type Services = Awaited<ReturnType<typeof composeFeatures>>['services'];
