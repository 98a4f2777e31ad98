import { type ApplianceOptions, startAppliance, type TestAppliance } from '../harness.ts';

/** An appliance in this process that clients reach over the network. */
export interface ListeningAppliance extends TestAppliance {
  readonly url: string;
}

/** Opens an appliance as tests do, listening. `discard` ends both. */
export async function listen(options: ApplianceOptions = {}): Promise<ListeningAppliance> {
  return listening(await startAppliance(options));
}

/** Lets an opened appliance listen on a free loopback port. */
export async function listening(appliance: TestAppliance): Promise<ListeningAppliance> {
  const url = await appliance.app.listen({ host: '127.0.0.1', port: 0 });
  return { ...appliance, url };
}

/** Flips one bit of the bundle that a project delivers, as somebody with access to the database might. */
export async function tamperWith(appliance: TestAppliance, projectId: string): Promise<void> {
  await meddle(appliance, projectId, async (trx) => {
    const stored = () =>
      trx.selectFrom('builds').where('project_id', '=', projectId).where('superseded_at', 'is', null);
    for (const { id, bytes } of await stored().select(['id', 'bytes']).execute()) {
      const changed = Buffer.from(bytes!);
      changed[60] = changed[60]! ^ 1;
      await trx.updateTable('builds').set({ bytes: changed }).where('id', '=', id).execute();
    }
  });
}

/** Takes everything away that provisioning gave a project, as for a project that comes from before it existed. */
export async function unprovision(appliance: TestAppliance, projectId: string): Promise<void> {
  await meddle(appliance, projectId, async (trx) => {
    for (const table of ['bundles', 'builds', 'project_keys'] as const)
      await trx.deleteFrom(table).where('project_id', '=', projectId).execute();
  });
}

type State = TestAppliance['kernel']['databases']['state'];
type Writer = Parameters<Parameters<State['write']>[0]>[0];

async function meddle(appliance: TestAppliance, projectId: string, change: (trx: Writer) => Promise<void>) {
  await appliance.kernel.databases.state.write(async (trx, { publish }) => {
    await change(trx);
    await publish('bundles', projectId);
  });
}
