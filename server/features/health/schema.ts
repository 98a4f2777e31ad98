import { type Static, Type } from 'typebox';

export const Service = Type.Object(
  { service: Type.String(), version: Type.String(), environment: Type.String(), auth_mode: Type.String() },
  { description: 'Who answers here.' },
);
export const Alive = Type.Object({ status: Type.Literal('ok'), version: Type.String() });
export const Readiness = Type.Object({
  status: Type.Union([Type.Literal('ready'), Type.Literal('unavailable')]),
  checks: Type.Record(
    Type.String(),
    Type.Object({
      status: Type.Union([Type.Literal('ok'), Type.Literal('failed')]),
      message: Type.Optional(Type.String()),
    }),
  ),
});
export type Readiness = Static<typeof Readiness>;
