import { afterEach, expect, it, vi } from 'vitest';
import { startAppliance } from '../../../test/harness.ts';
import { operatorContext } from '../../../test/people.ts';
import { openTenant } from '../../../test/tenant.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('writes the last use of keys every thirty seconds while the appliance runs, and when it stops', async () => {
  const appliance = await startAppliance();
  const { projectId, keyId, key } = await openTenant(appliance, 'home');
  const { apiKeys } = appliance.services;
  const lastUse = async () => (await apiKeys.get(projectId, keyId)).last_used_at;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await appliance.start();
  await apiKeys.live.resolve(key);
  await vi.advanceTimersByTimeAsync(29_999);
  expect(await lastUse()).toBeNull();
  await vi.advanceTimersByTimeAsync(1);
  await vi.waitFor(async () => expect(await lastUse()).not.toBeNull());
  vi.useRealTimers();

  const { text, key: second } = await apiKeys.create(operatorContext(appliance), projectId, { name: 'second' });
  await apiKeys.live.resolve(text);
  await appliance.close();
  const { home, masterKey, jwtKey } = appliance;
  const again = await startAppliance({ again: { home, masterKey, jwtKey } });
  expect((await again.services.apiKeys.get(projectId, second.id)).last_used_at).not.toBeNull();
  expect(again.services.apiKeys.live.resolve(text)).toMatchObject({ keyId: second.id });
  await again.discard();
});
