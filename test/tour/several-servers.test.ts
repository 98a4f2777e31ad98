import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cache, GoClient, HostedAuthError } from '../clients/go/client.ts';
import { temporaryPostgres } from '../postgres.ts';
import { Balancer } from './balancer.ts';
import { GovernedProject } from './governed-project.ts';
import { type ListeningAppliance, listen } from './listening.ts';
import { waitFor } from './wait.ts';

const CALL = { tool: 'github', method: 'list' };
const RULES = (effect: 'allow' | 'deny') => [{ [effect]: 'github:*' }];

describe.skipIf(process.env['TEST_DATABASES'] === 'sqlite')('an SDK that meets two servers in turn', () => {
  let servers: ListeningAppliance[];
  let balancer: Balancer;
  let project: GovernedProject;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    const made = await temporaryPostgres();
    remove = made.remove;
    const { databaseUrl } = made.location as { databaseUrl: string };
    const first = await listen({ databaseUrl });
    const { home, masterKey, jwtKey } = first;
    const second = await listen({ databaseUrl, again: { home: `${home}/second`, masterKey, jwtKey } });
    servers = [second, first];
    balancer = await Balancer.start(servers.map((server) => server.url));
    project = await GovernedProject.open(first, 'balanced');
  });
  afterAll(async () => {
    await balancer?.close();
    for (const server of servers ?? []) await server.discard();
    await remove?.();
  });

  const start = (cache?: Cache) => GoClient.start(balancer.url, project.key, cache);

  it('always gets a bundle and keys that fit, and soon the new policy, however often keys change', async () => {
    const policy = await project.policy(RULES('allow'));
    const cache: Cache = {};
    await start(cache);
    for (let round = 0; round < 8; round += 1) {
      const effect = round % 2 === 0 ? 'deny' : 'allow';
      await project.change('POST', 'keys/rotate');
      await Promise.all([start(cache), start(), start()]);
      await project.rewrite(policy, RULES(effect));
      await waitFor(
        `the ${effect}`,
        async () => ((await start(cache)).guard(CALL).effect === effect ? true : undefined),
        5,
      );
    }
  });

  it('reports rows that both servers receive at once, and they are counted once', async () => {
    const counted = await project.sibling('counted');
    const entries = Array.from({ length: 200 }, (_, number) => ({
      id: `row-${number}`,
      tool_name: 'github',
      decision: 'allow',
    }));
    const post = () =>
      fetch(`${balancer.url}/v1/sdk/audit`, {
        method: 'POST',
        headers: { authorization: `Bearer ${counted.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ entries }),
      });
    const answers = await Promise.all([post(), post(), post(), post()]);
    const counts = await Promise.all(answers.map(async (answer) => (await answer.json()) as Record<string, number>));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    const sum = (name: string) => counts.reduce((total, count) => total + count[name]!, 0);
    expect([sum('accepted'), sum('dropped'), sum('rejected')]).toEqual([200, 600, 0]);
  });

  it('is refused by both once its key is revoked', async () => {
    const revoked = await project.sibling('revoked');
    const attempt = () => GoClient.start(balancer.url, revoked.key).catch((error: unknown) => error);
    for (const _ of servers) expect(await attempt()).toBeInstanceOf(GoClient);
    await revoked.change('DELETE', `api-keys/${revoked.keyId}`);
    await waitFor(
      'the refusal',
      async () => {
        const met = [await attempt(), await attempt()];
        return met.every((error) => error instanceof HostedAuthError) ? true : undefined;
      },
      5,
    );
  });
});
