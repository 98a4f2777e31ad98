import { Type } from 'typebox';
import { nullable, Time, words } from '../../kernel/schemas.ts';

const Count = Type.Integer({ minimum: 0 });
const Counts = Type.Record(Type.String(), Count);
const License = Type.Object({
  status: words(['trial', 'valid', 'grace', 'expired', 'none']),
  tier: Type.String(),
  expires_at: nullable(Time),
});

export const Overview = Type.Object({
  orgs: Type.Object({ total: Count, active: Count, suspended: Count }),
  users: Type.Object({ total: Count, active: Count, disabled: Count }),
  projects: Count,
  active_api_keys: Count,
  live_policies: Count,
  decisions_24h: Type.Object({
    total: Count,
    by_outcome: Type.Object({ allow: Count, deny: Count, warn: Count, audit: Count, other: Count }),
  }),
  audit_entries: Count,
  open_alerts: Type.Object({ total: Count, info: Count, warning: Count, critical: Count }),
  license: License,
  version: Type.String(),
  uptime_seconds: Count,
});

const Queues = Type.Object({
  audit_writer: Type.Object({ batches: Count, rows: Count, bytes: Count }),
  activity_outbox: Type.Object({ rows: Count }),
  passwords: Type.Object({ running: Count, waiting: Count }),
  mail: Type.Object({ waiting: Count }),
});

export const Health = Type.Object({
  status: words(['healthy', 'degraded', 'unavailable']),
  version: Type.String(),
  uptime_seconds: Count,
  checks: Type.Record(
    Type.String(),
    Type.Object({ status: words(['ok', 'failed']), message: Type.Optional(Type.String()) }),
  ),
  databases: Type.Array(
    Type.Object({
      name: words(['state', 'audit']),
      engine: words(['sqlite', 'postgres']),
      bytes: Count,
      log_bytes: Type.Integer({ minimum: 0, description: 'Write-ahead log of SQLite.' }),
    }),
  ),
  queues: Queues,
  disk: Type.Object({ total_bytes: Count, free_bytes: Count }),
  certificate: nullable(
    Type.Object(
      {
        subject: Type.String(),
        names: Type.Array(Type.String()),
        fingerprint: Type.String(),
        expires_at: Time,
        renewal_due: Type.Boolean(),
      },
      { description: 'Null where TLS ends elsewhere, or when the certificate cannot be read (see warnings).' },
    ),
  ),
  license: License,
  clock: Type.Object({
    now: Time,
    set_back_ms: Type.Integer({ minimum: 0, description: 'How far the clock is behind the newest recorded change.' }),
  }),
  warnings: Type.Array(Type.String()),
});

const Milliseconds = Type.Number({ minimum: 0 });

export const Metrics = Type.Object({
  uptime_seconds: Count,
  requests: Type.Object({
    total: Count,
    bundle_polls: Type.Integer({
      minimum: 0,
      description: 'Bundle pulls and bootstraps that were let in; they are counted here only, and not timed.',
    }),
    by_status: Counts,
    routes: Type.Array(
      Type.Object({
        method: Type.String(),
        route: Type.String(),
        requests: Count,
        by_status: Counts,
        latency_ms: nullable(
          Type.Object({ mean: Milliseconds, p50: Milliseconds, p95: Milliseconds, p99: Milliseconds }),
        ),
      }),
    ),
  }),
  memory: Type.Object({
    rss_bytes: Count,
    heap_used_bytes: Count,
    heap_total_bytes: Count,
    external_bytes: Count,
  }),
  event_loop: Type.Object({
    utilization: Type.Number({ minimum: 0, maximum: 1 }),
    lag_p50_ms: nullable(Milliseconds),
    lag_p99_ms: nullable(Milliseconds),
  }),
  queues: Queues,
  unrecorded_changes: Count,
});

export const RateLimitActivity = Type.Object({
  window_seconds: Count,
  limits: Type.Array(Type.Object({ limit: Type.String(), requests_per_minute: Count, setting: Type.String() })),
  busy: Type.Array(
    Type.Object({
      limit: Type.String(),
      subject_type: words(['address', 'user', 'api-key']),
      subject_id: Type.String(),
      subject_name: nullable(
        Type.String({ description: 'Address, e-mail address, or organization / project / name of a key.' }),
      ),
      requests: Count,
      requests_per_minute: Count,
      exceeded: Type.Boolean(),
    }),
  ),
});
