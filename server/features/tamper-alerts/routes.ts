import { type Static, Type } from 'typebox';
import { anyOf, apiKey, machine, member } from '../../kernel/access.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { PageQuery } from '../../kernel/paging.ts';
import { none } from '../../kernel/route-config.ts';
import { Id, nullable, Time, words } from '../../kernel/schemas.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { TamperAlertsService } from './service.ts';
import type { TamperAlert } from './store.ts';

/** Larger reports are not read: what would be stored of them is far smaller. */
const LARGEST_REPORT = 262_144;

const Word = Type.Optional(nullable(Type.String({ maxLength: 4_000 })));
const Report = nullable(
  Type.Object(
    {
      machine_id: Word,
      hostname: Word,
      source: Word,
      reason: Word,
      bundle_hash: Word,
      details: Type.Optional(Type.Unknown({ description: 'Anything; cut where it is too large to be kept.' })),
    },
    { examples: [{ machine_id: 'm-1', reason: 'signature mismatch', bundle_hash: '04bd1a68' }] },
  ),
);
const Received = Type.Object({ accepted: Type.Literal(true), alert_id: Type.String(), count: Type.Integer() });
const Alert = Type.Object({
  id: Type.String(),
  project_id: Type.String(),
  machine_id: nullable(Type.String()),
  hostname: nullable(Type.String()),
  source: nullable(Type.String()),
  reason: nullable(Type.String()),
  bundle_hash: nullable(Type.String()),
  details: Type.Unknown(),
  reported_by: Type.Object({ kind: words(['api-key', 'machine']), id: Type.String() }),
  count: Type.Integer(),
  first_seen_at: Time,
  last_seen_at: Time,
});
const Alerts = Type.Object({ tamper_alerts: Type.Array(Alert), next_cursor: nullable(Type.String()) });
const Filter = Type.Object({
  ...PageQuery.properties,
  machine_id: Type.Optional(Type.String({ maxLength: 300 })),
  source: Type.Optional(Type.String({ maxLength: 300 })),
  since: Type.Optional(Time),
});

/** Source: REST reference, `POST /v1/sdk/tamper-alert` and "Tamper alerts, logs, …"; Python wire notes, section 2.15. */
export function tamperAlertRoutes(app: Surface, alerts: TamperAlertsService): void {
  app.post(
    '/v1/sdk/tamper-alert',
    {
      schema: { summary: 'Report tampering on a machine', tags: ['sdk'], body: Report, response: { 202: Received } },
      bodyLimit: LARGEST_REPORT,
      config: {
        access: anyOf(apiKey(), machine()),
        activity: none('an alert of its own, counted when it repeats'),
        reading: 'lenient',
      },
    },
    async ({ context, body }, reply) => {
      const { id, count } = await alerts.report(context, body ?? {});
      return reply.code(202).send({ accepted: true, alert_id: id, count });
    },
  );
  app.get(
    '/api/projects/:projectID/tamper-alerts',
    {
      schema: {
        summary: 'What SDKs reported about tampering, the newest first',
        tags: ['tamper'],
        params: Type.Object({ projectID: Id }),
        querystring: Filter,
        response: { 200: Alerts },
      },
      config: { access: member() },
    },
    async ({ params, query: { machine_id: machineId, source, since, ...page } }) => {
      const filter = { machineId, source, since: since === undefined ? undefined : Date.parse(since) };
      const { rows, next } = await alerts.list(params.projectID, filter, page);
      return { tamper_alerts: rows.map(alertJson), next_cursor: next };
    },
  );
}

function alertJson(alert: TamperAlert): Static<typeof Alert> {
  return {
    id: alert.id,
    project_id: alert.project_id,
    machine_id: alert.machine_id,
    hostname: alert.hostname,
    source: alert.source,
    reason: alert.reason,
    bundle_hash: alert.bundle_hash,
    details: JSON.parse(alert.details),
    reported_by: { kind: alert.reporter_kind, id: alert.reporter_id },
    count: alert.count,
    first_seen_at: rfc3339(alert.first_seen_at),
    last_seen_at: rfc3339(alert.last_seen_at),
  };
}
