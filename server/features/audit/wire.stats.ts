import { Type } from 'typebox';
import { nullable, Time, words } from '../../kernel/schemas.ts';
import { EXPORT_FORMATS } from './export.ts';
import { FilterQuery } from './wire.ts';

export const StatsQuery = Type.Object({
  ...FilterQuery.properties,
  step: Type.Optional(words(['hour', 'day'], 'The length of a step of the course.')),
});
export const ToolsQuery = Type.Object({
  ...FilterQuery.properties,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
});
export const ExportQuery = Type.Object({
  ...FilterQuery.properties,
  format: Type.Optional(words(EXPORT_FORMATS, 'One JSON object a line (default), or a table.')),
});

const Decisions = Type.Record(Type.String(), Type.Integer());
const Latency = nullable(
  Type.Object({
    count: Type.Integer(),
    mean_ms: Type.Number(),
    p50_ms: Type.Integer(),
    p95_ms: Type.Integer(),
    max_ms: Type.Integer(),
  }),
);
const Window = {
  since: Time,
  until: Time,
  complete: Type.Boolean({
    description: 'False when the window holds over a million entries: the oldest are left out.',
  }),
};
const Counted = { total: Type.Integer(), decisions: Decisions };

export const Stats = Type.Object(
  {
    ...Window,
    step: words(['hour', 'day']),
    ...Counted,
    series: Type.Array(Type.Object({ start: Time, ...Counted })),
    tools: Type.Array(Type.Object({ tool_name: Type.String(), ...Counted })),
    policies: Type.Array(Type.Object({ policy_id: Type.String(), policy_name: nullable(Type.String()), ...Counted })),
    reason_codes: Type.Array(Type.Object({ reason_code: Type.String(), total: Type.Integer() })),
    clients: Type.Array(Type.Object({ client: Type.String(), ...Counted })),
    latency: Latency,
  },
  { description: 'Decisions alone: rows of other kinds and rows that name another project are not counted.' },
);

export const ToolStats = Type.Object({
  ...Window,
  tools: Type.Array(
    Type.Object({
      tool_name: Type.String(),
      ...Counted,
      methods: Type.Array(Type.Object({ method: Type.String(), total: Type.Integer() })),
      last_seen: Time,
      latency: Latency,
    }),
  ),
});
