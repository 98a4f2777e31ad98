import type { Keyring } from './crypto/keyring.ts';
import type { PasswordCosts } from './crypto/passwords.ts';
import { alertsFeature } from './features/alerts/index.ts';
import { authFeature } from './features/auth/index.ts';
import { healthFeature } from './features/health/index.ts';
import { licensesFeature } from './features/licenses/index.ts';
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
  const health = healthFeature(kernel, outfit.build, () => features.flatMap((feature) => feature.readiness ?? []));
  const mailer = createMailer(kernel);
  const mail: Feature = { name: 'mail', stop: () => mailer.close() };
  const auth = authFeature(kernel, { mailer, jwtKey: outfit.jwtKey, passwordCosts: outfit.passwordCosts });
  const alerts = alertsFeature(kernel);
  const licenses = await licensesFeature(kernel, outfit.keyring);
  const usage = usageFeature(kernel, licenses.service, alerts.service);

  const features: readonly Feature[] = [health, mail, auth, alerts, licenses, usage];
  return {
    features,
    services: {
      health: health.service,
      auth: auth.service,
      alerts: alerts.service,
      licenses: licenses.service,
      flags: licenses.flags,
      usage: usage.service,
    },
  };
}

export type Services = Awaited<ReturnType<typeof composeFeatures>>['services'];
