import { conflict, invalid, notFound } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { Delivered, Delivery } from './delivery.ts';
import { activeSigningKey, revokeSigningKey, signingKeyByKid } from './key-store.ts';
import type { DeliveryKeys, KeyPair } from './keys.ts';
import { projectWithin } from './project-store.ts';
import type { ProjectSource } from './sources.ts';

/** Which keys a rotation renews. */
export interface Rotation {
  signingKey: boolean;
  projectKey: boolean;
}

/** What was rotated, and what SDKs receive now. */
export interface Rotated {
  keys: KeyPair;
  delivered: Delivered;
  /** How many projects deliver new bundles. */
  rebuilt: number;
  retiredKid: string | null;
}

/** Makes, renews and revokes the keys of projects and organizations, always together with the bundles they concern. */
export class KeyChanges {
  private readonly kernel: Pick<Kernel, 'clock' | 'databases' | 'events'>;
  private readonly keys: DeliveryKeys;
  private readonly delivery: Delivery;
  private readonly projects: ProjectSource;

  constructor(
    kernel: Pick<Kernel, 'clock' | 'databases' | 'events'>,
    parts: { keys: DeliveryKeys; delivery: Delivery; projects: ProjectSource },
  ) {
    this.kernel = kernel;
    this.keys = parts.keys;
    this.delivery = parts.delivery;
    this.projects = parts.projects;
  }

  /** Makes the keys that are missing and the first build. Doing it again changes nothing. */
  provision(context: RequestContext, projectId: string): Promise<{ keys: KeyPair; delivered: Delivered }> {
    return this.kernel.databases.state.write(async (trx, effects) => {
      const project = await projectWithin(this.projects, trx, projectId);
      const delivered = await this.delivery.build(trx, project, { reason: 'keys provisioned' }, effects);
      const keys = await this.keys.provide(trx, project.org_id, projectId);
      await context.record(trx, {
        orgId: project.org_id,
        projectId,
        target: { type: 'project', id: projectId },
        details: { kid: keys.signing.kid, key_version: delivered.keyVersion, changed: delivered.changed },
      });
      return { keys, delivered };
    });
  }

  /**
   * Renews the organization's signing key, this project's encryption key, or both, and builds the bundles of every
   * project they concern: all of it becomes visible with one commit, and nothing changes when one of them cannot be
   * built. The old signing key stays, retired, for machines that pinned it. Clears a tamper flag of this project.
   */
  rotate(context: RequestContext, projectId: string, rotation: Rotation): Promise<Rotated> {
    if (!rotation.signingKey && !rotation.projectKey) {
      throw invalid(
        'Both signing_key and project_key are false, so nothing would be rotated. Leave out the one to renew.',
      );
    }
    return this.kernel.databases.state.write(async (trx, effects) => {
      const project = await projectWithin(this.projects, trx, projectId);
      const retired = rotation.signingKey ? await activeSigningKey(trx, project.org_id) : undefined;
      if (rotation.signingKey) await this.keys.renewSigningKey(trx, project.org_id);
      if (rotation.projectKey) await this.keys.renewProjectKey(trx, projectId);
      const concerned = rotation.signingKey ? await this.projects.everyOf(trx, project.org_id) : [project];
      for (const other of concerned) {
        if (other.id !== projectId) await this.delivery.build(trx, other, { reason: 'signing key rotated' }, effects);
      }
      const delivered = await this.delivery.build(trx, project, { reason: 'keys rotated', afresh: true }, effects);
      const keys = await this.keys.provide(trx, project.org_id, projectId);
      await context.record(trx, {
        orgId: project.org_id,
        projectId,
        target: { type: 'project', id: projectId },
        details: {
          signing_key: rotation.signingKey,
          project_key: rotation.projectKey,
          kid: keys.signing.kid,
          key_version: delivered.keyVersion,
          projects_rebuilt: concerned.length,
        },
      });
      return { keys, delivered, rebuilt: concerned.length, retiredKid: retired?.kid ?? null };
    });
  }

  /**
   * Ends a retired signing key: machines that pinned it are not served until they enroll again. 404 for an unknown one,
   * 409 for the active one, which has to be rotated first. Doing it again changes nothing.
   */
  async revokeSigningKey(context: RequestContext, orgId: string, kid: string): Promise<void> {
    const { clock, databases, events } = this.kernel;
    await databases.state.write(async (trx, { afterCommit }) => {
      const key = await signingKeyByKid(trx, orgId, kid);
      if (key === undefined) throw notFound(`The signing key ${kid}`);
      if (key.status === 'active') {
        throw conflict(
          'KEY_IN_USE',
          `The key ${kid} signs the bundles of the organization. Rotate it, then revoke it.`,
        );
      }
      const changed = await revokeSigningKey(trx, key.id);
      await context.record(trx, { orgId, target: { type: 'signing-key', id: kid }, details: { kid, changed } });
      const at = clock.now();
      if (changed) afterCommit(() => events.emit('signing-key.revoked', { orgId, kid, at }));
    });
  }
}
