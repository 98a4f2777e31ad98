import type { BundleRow } from './build-store.ts';
import type { ProjectKeyRow, Reader, SigningKeyRow } from './key-store.ts';
import type { BuildMode } from './schema.ts';

/** Everything that is needed to serve one mode of a project, as one query saw it. */
export interface StoredDelivery {
  bundle: BundleRow;
  build: {
    id: string;
    bytes: Buffer | null;
    digest: string;
    signature: Buffer;
    key_version: number;
    created_at: number;
  };
  signing: SigningKeyRow;
  project: ProjectKeyRow;
}

/** Reads what a project delivers in a mode, with the keys it was made with; null when nothing was ever built. */
export async function readDelivery(db: Reader, projectId: string, mode: BuildMode): Promise<StoredDelivery | null> {
  const row = await db
    .selectFrom('bundles')
    .innerJoin('builds', 'builds.id', mode === 'live' ? 'bundles.live_build_id' : 'bundles.test_build_id')
    .innerJoin('signing_keys', 'signing_keys.id', 'builds.signing_key_id')
    .innerJoin('project_keys', 'project_keys.id', 'builds.project_key_id')
    .selectAll('bundles')
    .select([
      'builds.id as build_id',
      'builds.bytes',
      'builds.digest',
      'builds.signature',
      'builds.created_at as built_at',
      'signing_keys.id as signing_id',
      'signing_keys.version as signing_version',
      'signing_keys.kid',
      'signing_keys.public_key',
      'signing_keys.seed',
      'signing_keys.status as signing_status',
      'signing_keys.created_at as signing_created_at',
      'signing_keys.retired_at as signing_retired_at',
      'project_keys.id as key_id',
      'project_keys.version as key_row_version',
      'project_keys.key',
      'project_keys.status as key_status',
      'project_keys.created_at as key_created_at',
      'project_keys.retired_at as key_retired_at',
    ])
    .where('bundles.project_id', '=', projectId)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    bundle: {
      project_id: row.project_id,
      org_id: row.org_id,
      live_build_id: row.live_build_id,
      test_build_id: row.test_build_id,
      key_version: row.key_version,
      policy_version: row.policy_version,
      revision: row.revision,
      withdrawn_at: row.withdrawn_at,
      flagged_at: row.flagged_at,
      flag: row.flag,
      updated_at: row.updated_at,
    },
    build: {
      id: row.build_id,
      bytes: row.bytes,
      digest: row.digest,
      signature: row.signature,
      key_version: row.key_version,
      created_at: row.built_at,
    },
    signing: {
      id: row.signing_id,
      org_id: row.org_id,
      version: row.signing_version,
      kid: row.kid,
      public_key: row.public_key,
      seed: row.seed,
      status: row.signing_status,
      created_at: row.signing_created_at,
      retired_at: row.signing_retired_at,
    },
    project: {
      id: row.key_id,
      project_id: row.project_id,
      version: row.key_row_version,
      key: row.key,
      status: row.key_status,
      created_at: row.key_created_at,
      retired_at: row.key_retired_at,
    },
  };
}

/** The keys in use of a project with the version under which bootstrap hands them out, as one query saw them. */
export async function readBootstrap(
  db: Reader,
  projectId: string,
): Promise<{ keyVersion: number; signing: SigningKeyRow; project: ProjectKeyRow } | null> {
  const row = await db
    .selectFrom('bundles')
    .innerJoin('signing_keys', (join) =>
      join.onRef('signing_keys.org_id', '=', 'bundles.org_id').on('signing_keys.status', '=', 'active'),
    )
    .innerJoin('project_keys', (join) =>
      join.onRef('project_keys.project_id', '=', 'bundles.project_id').on('project_keys.status', '=', 'active'),
    )
    .selectAll('signing_keys')
    .select([
      'bundles.key_version',
      'project_keys.id as key_id',
      'project_keys.version as key_row_version',
      'project_keys.key',
      'project_keys.status as key_status',
      'project_keys.created_at as key_created_at',
      'project_keys.retired_at as key_retired_at',
    ])
    .where('bundles.project_id', '=', projectId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { key_version, key_id, key_row_version, key, key_status, key_created_at, key_retired_at, ...signing } = row;
  return {
    keyVersion: key_version,
    signing,
    project: {
      id: key_id,
      project_id: projectId,
      version: key_row_version,
      key,
      status: key_status,
      created_at: key_created_at,
      retired_at: key_retired_at,
    },
  };
}

/** The revision of what a project delivers; null when nothing was ever built. */
export async function readRevision(db: Reader, projectId: string): Promise<number | null> {
  const row = await db.selectFrom('bundles').select('revision').where('project_id', '=', projectId).executeTakeFirst();
  return row?.revision ?? null;
}
