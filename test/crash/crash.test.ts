import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryPostgres } from '../postgres.ts';
import { Random } from '../sdk/random.ts';
import { entriesOf } from '../tour/visitor.ts';
import { AuditWriter } from './audit-writer.ts';
import { delivered } from './delivered.ts';
import { DoomedDeployment, type ServedProject } from './doomed-deployment.ts';
import { KeyWriter } from './key-writer.ts';
import { PatientClient } from './patient-client.ts';
import { type KnownPolicy, PolicyWriter } from './policy-writer.ts';
import { counted, expectedOf, foundIn, halves, type Writers } from './settled.ts';
import { openStoredPostgres, openStoredSqlite, type Stored } from './stored.ts';

const SEED = Number(process.env['CRASH_SEED'] ?? 20261121);
const KILLS = Number(process.env['CRASH_KILLS'] ?? 20);

describe('on SQLite', () => suite(async () => ({ openStored: (home) => Promise.resolve(openStoredSqlite(home)) })));

describe('on PostgreSQL', () =>
  suite(async () => {
    const { location, remove } = await temporaryPostgres();
    const { databaseUrl } = location;
    return { databaseUrl, openStored: () => openStoredPostgres(databaseUrl), remove };
  }));

interface Engine {
  databaseUrl?: string;
  openStored(home: string): Promise<Stored>;
  remove?(): Promise<void>;
}

function suite(openEngine: () => Promise<Engine>): void {
  const random = new Random(SEED);
  let engine: Engine;
  let deployment: DoomedDeployment;
  let writers: Writers;
  let kills = 0;

  beforeAll(async () => {
    engine = await openEngine();
    deployment = await DoomedDeployment.start(engine.databaseUrl);
    writers = makeWriters(deployment, random);
  });
  afterAll(async () => {
    await deployment?.discard();
    await engine?.remove?.();
  });

  it(`after every SIGKILL, what was acknowledged is delivered (${KILLS} kills while clients write, seed ${SEED})`, async () => {
    let over = false;
    const all = [...writers.audit, ...writers.policies, ...writers.keys];
    const working = Promise.all(all.map((writer) => writer.run(() => over)));
    working.catch(() => {
      over = true;
    });
    while ((kills < KILLS || !haveWritten(writers)) && !over) {
      await pause(random.between(50, 1200));
      await deployment.kill();
      kills += 1 + (await deployment.restart(random));
      for (const project of deployment.projects) await expectDelivered(project, writers);
    }
    over = true;
    await working;
    const clients = [deployment.admin, ...deployment.projects.map((project) => project.live)];
    for (const client of clients) expect(client.unanswered).toBeGreaterThan(0);
  });

  it('both databases hold every acknowledged entry, policy, version, key and activity record once, and nothing by halves', async () => {
    await deployment.kill();
    const stored = await engine.openStored(deployment.home);
    try {
      const [found, expected] = [await foundIn(stored), expectedOf(writers)];
      for (const what of ['policies', 'versions', 'keys', 'activity', 'entries'] as const) {
        expect(found[what], what).toEqual(expected[what]);
      }
      expect(await halves(stored, writers)).toEqual([]);
    } finally {
      await stored.close();
    }
  });

  it('the interface tells the same, and the bundles open and hold exactly the live policies', async () => {
    await deployment.restart(random);
    for (const project of deployment.projects) {
      const mine = <Writer extends { projectId: string }>(all: readonly Writer[]) =>
        all.filter((writer) => writer.projectId === project.id);
      const entries = await entriesOf(expecting(deployment.admin), project.id);
      expect(counted(entries.map((entry) => entry.id))).toEqual(
        counted(mine(writers.audit).flatMap((writer) => writer.acknowledged)),
      );
      const live = mine(writers.policies).flatMap((writer) => writer.policies.filter(({ state }) => state === 'live'));
      for (const mode of ['live', 'test'] as const) {
        const bundle = await delivered(project, mode);
        expect(Object.fromEntries(bundle.versions)).toEqual(
          Object.fromEntries(live.map(({ name, version }) => [name, version])),
        );
        expect(bundle.policyCount).toBe(live.length);
      }
      for (const { text, revoked } of mine(writers.keys).flatMap((writer) => writer.keys)) {
        if (text === null) continue;
        const client = new PatientClient(deployment.url, { authorization: `Bearer ${text}` });
        const { status } = await client.insist({ method: 'GET', path: '/v1/sdk/keys/public' });
        expect(status).toBe(revoked ? 401 : 200);
      }
    }
  });

  it('the delivered bytes are those of the stored builds', async () => {
    const pulled = await Promise.all(
      deployment.projects.flatMap((project) => [delivered(project, 'live'), delivered(project, 'test')]),
    );
    await deployment.kill();
    const stored = await engine.openStored(deployment.home);
    try {
      const ids = deployment.projects.map(({ id }) => `'${id}'`).join(', ');
      const rows = await stored.state(
        `SELECT bytes, digest FROM builds WHERE superseded_at IS NULL AND project_id IN (${ids})`,
      );
      const digests = (all: readonly { bytes: Buffer }[]) =>
        counted(all.map(({ bytes }) => createHash('sha256').update(bytes).digest('hex')));
      expect(digests(pulled)).toEqual(digests(rows));
      expect(digests(rows)).toEqual(counted(rows.map((row) => row.digest)));
    } finally {
      await stored.close();
    }
  });
}

function makeWriters({ projects, admin }: DoomedDeployment, random: Random): Writers {
  const [one, other] = projects as [ServedProject, ServedProject];
  const part = (project: ServedProject, name: string) => ({
    projectId: project.id,
    name,
    random: new Random(random.between(0, 1_000_000)),
  });
  return {
    audit: [
      new AuditWriter(one.live, part(one, 'a1')),
      new AuditWriter(one.live, part(one, 'a2')),
      new AuditWriter(other.live, part(other, 'a3')),
    ],
    // Two that write to the same project meet in its bundle.
    policies: [
      new PolicyWriter(admin, part(one, 'p1')),
      new PolicyWriter(admin, part(one, 'p2')),
      new PolicyWriter(admin, part(other, 'p3')),
    ],
    keys: [new KeyWriter(admin, part(one, 'k1')), new KeyWriter(admin, part(other, 'k2'))],
  };
}

/** Whether every writer has done enough for a loss to show; on a slow machine that takes more than the kills. */
function haveWritten({ audit, policies, keys }: Writers): boolean {
  return (
    audit.every((writer) => writer.acknowledged.length > 1000) &&
    policies.every((writer) => writer.policies.length > 3) &&
    keys.every((writer) => writer.keys.length > 3)
  );
}

/** Compares the bundle with what was acknowledged before it was pulled; its writers go on meanwhile. */
async function expectDelivered(project: ServedProject, { policies }: Writers): Promise<void> {
  const known = policies.filter((writer) => writer.projectId === project.id).flatMap((writer) => writer.policies);
  const before = known.map((policy): [KnownPolicy, KnownPolicy] => [policy, { ...policy }]);
  const { versions } = await delivered(project, 'live');
  for (const [now, { name, version, state }] of before) {
    const found = versions.get(name);
    if (state === 'gone') expect(found, `${name}, which was removed`).toBeUndefined();
    else if (now.state === 'live') expect(found, `the version of ${name}`).toBeGreaterThanOrEqual(version);
  }
}

function expecting(client: PatientClient) {
  return {
    expect: async (status: number, method: string, path: string) => {
      const answer = await client.insist({ method, path });
      if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${answer.bytes}`);
      return answer.body;
    },
  };
}
