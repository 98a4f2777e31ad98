import { digestToken } from '../../server/crypto/tokens.ts';
import type { AuditWriter } from './audit-writer.ts';
import type { KeyWriter } from './key-writer.ts';
import { noteOf, type PolicyWriter } from './policy-writer.ts';
import type { Stored } from './stored.ts';

/** Everybody who wrote. */
export interface Writers {
  audit: readonly AuditWriter[];
  policies: readonly PolicyWriter[];
  keys: readonly KeyWriter[];
}

/** Each text as often as it occurs, in one order: two lists are the same when nothing was lost or doubled. */
export function counted(texts: Iterable<string>): string[] {
  return [...texts].sort();
}

/** What the databases should hold, by what was acknowledged. */
export function expectedOf({ audit, policies, keys }: Writers) {
  const changes = policies.flatMap(({ policies: known }) =>
    known.flatMap(({ id, version, state }) => [
      `policy.create ${id}`,
      ...Array.from({ length: version - 1 }, () => `policy.update ${id}`),
      ...(state === 'gone' ? [`policy.delete ${id}`] : []),
    ]),
  );
  const keyChanges = keys.flatMap(({ keys: known }) =>
    known.flatMap(({ id, revoked }) => [`api-key.create ${id}`, ...(revoked ? [`api-key.revoke ${id}`] : [])]),
  );
  return {
    entries: counted(audit.flatMap((writer) => writer.acknowledged.map((id) => `${writer.projectId} ${id}`))),
    policies: counted(
      policies.flatMap((writer) =>
        writer.policies.map(({ id, name, version, state }) => `${writer.projectId} ${id} ${name} ${version} ${state}`),
      ),
    ),
    versions: counted(
      policies.flatMap((writer) =>
        writer.policies.flatMap(({ id, version }) =>
          Array.from({ length: version }, (_, index) => `${id} ${index + 1} ${noteOf(index + 1)}`),
        ),
      ),
    ),
    keys: counted(
      keys.flatMap((writer) =>
        writer.keys.map(
          ({ id, name, revoked }) => `${writer.projectId} ${id} ${name} ${revoked ? 'revoked' : 'counts'}`,
        ),
      ),
    ),
    activity: counted([...changes, ...keyChanges]),
  };
}

/** The same, as it really is in both databases. */
export async function foundIn(stored: Stored): ReturnType<typeof readAll> {
  return readAll(stored);
}

async function readAll({ state, audit }: Stored) {
  const entries = await audit('SELECT project_id, entry_id FROM entries');
  const policies = await state('SELECT id, project_id, name, current_version, live_version, deleted_at FROM policies');
  const versions = await state('SELECT policy_id, version, note FROM policy_versions');
  const keys = await state("SELECT id, project_id, name, revoked_at FROM api_keys WHERE name LIKE 'k%'");
  const verbs = "verb LIKE 'policy.%' OR verb LIKE 'api-key.%'";
  const own = `(${verbs}) AND actor_kind = 'user'`;
  const moved = await audit(`SELECT id, verb, target_id, details FROM activity WHERE ${own}`);
  const waiting = await state(`SELECT id, verb, target_id, details FROM activity_outbox WHERE ${own}`);
  // A record is in both between the commit of its move and that of its removal; it is one record by its id.
  const activity = new Map([...waiting, ...moved].map((row) => [row.id, row]));
  if (new Set(moved.map((row) => row.id)).size !== moved.length) throw new Error('The ledger holds a record twice.');
  return {
    entries: counted(entries.map((row) => `${row.project_id} ${row.entry_id}`)),
    policies: counted(
      policies.map((row) => {
        const standing = row.deleted_at !== null ? 'gone' : row.live_version === row.current_version ? 'live' : 'held';
        return `${row.project_id} ${row.id} ${row.name} ${row.current_version} ${standing}`;
      }),
    ),
    versions: counted(versions.map((row) => `${row.policy_id} ${row.version} ${row.note}`)),
    keys: counted(
      keys.map((row) => `${row.project_id} ${row.id} ${row.name} ${row.revoked_at === null ? 'counts' : 'revoked'}`),
    ),
    activity: counted(
      [...activity.values()]
        .filter((row) => !['live key', 'test key'].includes(JSON.parse(row.details).name))
        .map((row) => `${row.verb} ${row.target_id}`),
    ),
  };
}

/** Everything that belongs together and is not: empty when no change was stored by halves. */
export async function halves({ state, audit }: Stored, writers: Writers): Promise<string[]> {
  const problems: string[] = [];
  for (const row of await audit('SELECT reason, entry_id FROM quarantine')) {
    problems.push(`the entry ${row.entry_id} is in quarantine: ${row.reason}`);
  }
  const builds = await state('SELECT id, project_id, mode, bytes, digest, superseded_at FROM builds');
  const live = new Set<string>();
  for (const bundle of await state('SELECT project_id, live_build_id, test_build_id, flagged_at FROM bundles')) {
    for (const id of [bundle.live_build_id, bundle.test_build_id]) {
      live.add(id);
      const build = builds.find((candidate) => candidate.id === id);
      if (build === undefined) problems.push(`the bundle of ${bundle.project_id} names a build that is not there`);
      else if (build.bytes === null) problems.push(`the delivered build ${id} has lost its bytes`);
    }
    if (bundle.flagged_at !== null) problems.push(`the project ${bundle.project_id} is flagged as tampered`);
  }
  for (const { id, superseded_at } of builds) {
    if (live.has(id) !== (superseded_at === null))
      problems.push(`the build ${id} is delivered and superseded, or neither`);
  }
  const digests = new Map((await state('SELECT id, digest FROM api_keys')).map((row) => [row.id, row.digest]));
  for (const { id, text, name } of writers.keys.flatMap((writer) => writer.keys)) {
    if (text !== null && digests.get(id) !== digestToken(text)) problems.push(`the key ${name} has another digest`);
  }
  const tags = await state('SELECT policy_id, version, rule_index FROM rule_tags');
  const tagged = new Set(tags.map((row) => `${row.policy_id} ${row.version} ${row.rule_index}`));
  for (const { policy_id, version, rule_count } of await state(
    'SELECT policy_id, version, rule_count FROM policy_versions',
  )) {
    for (let rule = 0; rule < rule_count; rule += 1) {
      if (!tagged.has(`${policy_id} ${version} ${rule}`))
        problems.push(`rule ${rule} of ${policy_id} ${version} has no tag`);
    }
  }
  return problems;
}
