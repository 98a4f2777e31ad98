import { expect, it } from 'vitest';
import { describeEachDatabase } from '../../../test/postgres.ts';
import { createToken, type FreshToken } from '../../crypto/tokens.ts';
import { localChanges } from '../../db/changes.ts';
import type { Databases } from '../../db/open.ts';
import { manualClock } from '../../kernel/clock.ts';
import { createLog } from '../../kernel/logging.ts';
import type {} from '../orgs/schema.ts';
import type {} from '../projects/schema.ts';
import { LiveKeys } from './live-keys.ts';
import { API_KEYS_CHANNEL } from './schema.ts';

describeEachDatabase((open) => {
  const clock = manualClock();

  /** Databases with one project; reads of keys are counted. */
  async function setUp() {
    const databases = await open({ clock });
    await databases.state.write(async (trx) => {
      const at = { created_at: 0, updated_at: 0 };
      await trx
        .insertInto('orgs')
        .values({
          id: 'o',
          name: 'o',
          slug: 'o',
          tier: 'enterprise',
          product_type: 'teams',
          status: 'active',
          settings: '{}',
          audit_retention_days: null,
          ...at,
        })
        .execute();
      await trx
        .insertInto('projects')
        .values({
          id: 'p',
          public_id: 'proj_0',
          org_id: 'o',
          name: 'p',
          description: '',
          default_action: 'deny',
          default_on_missing: 'deny',
          default_on_empty: 'observe',
          default_on_tamper: 'warn',
          ...at,
        })
        .execute();
    });
    return { databases, keys: liveKeys(databases) };
  }

  const liveKeys = (databases: Databases) => new LiveKeys({ clock, databases, log: createLog('silent') });

  function store(databases: Databases, token: FreshToken, expiresAt: number | null = null): Promise<void> {
    return databases.state.write(async (trx, { publish }) => {
      await trx
        .insertInto('api_keys')
        .values({
          id: token.digest.slice(0, 8),
          org_id: 'o',
          project_id: 'p',
          name: 'k',
          mode: 'live',
          scopes: '["read"]',
          digest: token.digest,
          prefix: token.display,
          created_by: null,
          created_by_label: 'test',
          created_at: clock.now(),
          expires_at: expiresAt,
          revoked_at: null,
          last_used_at: null,
          rotated_to: null,
        })
        .execute();
      await publish(API_KEYS_CHANNEL, `key:${token.digest.slice(0, 8)}`);
    });
  }

  const revoke = (databases: Databases, token: FreshToken) =>
    databases.state.write(async (trx, { publish }) => {
      await trx.updateTable('api_keys').set({ revoked_at: clock.now() }).where('digest', '=', token.digest).execute();
      await publish(API_KEYS_CHANNEL, `key:${token.digest.slice(0, 8)}`);
    });

  it('answers from memory, without waiting, for every key that was loaded at the start', async () => {
    const { databases } = await setUp();
    const tokens = [createToken('live_api_key'), createToken('live_api_key')];
    for (const token of tokens) await store(databases, token);
    const keys = liveKeys(databases);
    await keys.open();
    for (const token of tokens) expect(keys.resolve(token.text)).toMatchObject({ keyId: token.digest.slice(0, 8) });
  });

  it('looks a key up once, and shares the look between requests', async () => {
    const { databases, keys } = await setUp();
    const token = createToken('live_api_key');
    await store(databases, token);
    const [first, second] = [keys.resolve(token.text), keys.resolve(token.text)];
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toBe(await second);
    expect(keys.resolve(token.text)).toBe(await first);
  });

  it('remembers an unknown key for ten seconds, or until a key changes', async () => {
    const { databases, keys } = await setUp();
    const unknown = createToken('live_api_key');
    expect(await keys.resolve(unknown.text)).toBeNull();
    expect(keys.resolve(unknown.text)).toBeNull();
    clock.advance(10_000);
    expect(keys.resolve(unknown.text)).toBeInstanceOf(Promise);
    await keys.resolve(unknown.text);
    expect(keys.resolve(unknown.text)).toBeNull();
    await store(databases, unknown);
    expect(await keys.resolve(unknown.text)).toMatchObject({ kind: 'api-key' });
  });

  it('does not keep a key that is revoked while it is looked up', async () => {
    const { databases, keys } = await setUp();
    const token = createToken('live_api_key');
    await store(databases, token);
    const looking = keys.resolve(token.text);
    await revoke(databases, token);
    await looking;
    expect(await keys.resolve(token.text)).toBeNull();
  });

  it('believes the database alone while other processes cannot be heard', async () => {
    const { databases } = await setUp();
    const changes = localChanges();
    const keys = liveKeys({ ...databases, changes });
    const token = createToken('live_api_key');
    await store(databases, token);
    await keys.resolve(token.text);
    changes.setConnected(false);
    expect(await keys.resolve(token.text)).not.toBeNull();
    await revoke(databases, token);
    expect(await keys.resolve(token.text)).toBeNull();
    changes.setConnected(true);
    expect(await keys.resolve(token.text)).toBeNull();
  });

  it('forgets every key of a project that goes', async () => {
    const { databases, keys } = await setUp();
    const token = createToken('live_api_key');
    await store(databases, token);
    await keys.resolve(token.text);
    await databases.state.write(async (trx, { publish }) => {
      await trx.deleteFrom('projects').where('id', '=', 'p').execute();
      await publish(API_KEYS_CHANNEL, 'project:p');
    });
    expect(await keys.resolve(token.text)).toBeNull();
  });

  it('looks nothing up for a text that no key can have', async () => {
    const { keys } = await setUp();
    for (const text of ['', 'cz_live_', `cz_live_${'g'.repeat(64)}`, `cz_live_${'0'.repeat(65)}`, 'x'.repeat(10_000)]) {
      expect(keys.resolve(text)).toBeNull();
    }
  });

  it('gives uses back that could not be written, without losing a later one', async () => {
    const { databases, keys } = await setUp();
    const token = createToken('live_api_key');
    await store(databases, token);
    await keys.resolve(token.text);
    const id = token.digest.slice(0, 8);
    const uses = keys.takeUses();
    expect(uses).toEqual(new Map([[id, clock.now()]]));
    clock.advance(1000);
    keys.resolve(token.text);
    keys.returnUses(uses);
    expect(keys.takeUses()).toEqual(new Map([[id, clock.now()]]));
  });
});
