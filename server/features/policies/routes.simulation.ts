import { type Static, Type } from 'typebox';
import { member } from '../../kernel/access.ts';
import { invalid } from '../../kernel/errors.ts';
import { none } from '../../kernel/route-config.ts';
import { Id } from '../../kernel/schemas.ts';
import type { Surface } from '../../kernel/surface.ts';
import { documentIn } from './document-input.ts';
import type { PolicyParts } from './parts.ts';
import { projectScopeOf } from './requests.ts';
import type { SimulationRequest } from './simulation.ts';
import { callOf, SIMULATION_KEYS, SimulationBody, SimulationResult, simulationJson } from './wire.simulation.ts';

/** Decisions about calls that nobody made. */
export function simulationRoutes(app: Surface, { simulator }: PolicyParts): void {
  app.post(
    '/api/projects/:projectID/policies/simulate',
    {
      schema: {
        summary: 'Decide calls by the policies in force, their drafts, or a document',
        tags: ['policies'],
        params: Type.Object({ projectID: Id }),
        body: SimulationBody,
        response: { 200: SimulationResult },
      },
      config: { access: member(), activity: none('decides about calls that nobody made and stores nothing') },
    },
    async (request) => simulationJson(await simulator.simulate(projectScopeOf(request), simulationOf(request))),
  );
}

/** What a body wants simulated. Throws 400 when it asks for a document and brings none, or the reverse. */
export function simulationOf({
  body,
  rawBody,
}: {
  body: Static<typeof SimulationBody>;
  rawBody: Buffer | null;
}): SimulationRequest {
  const document = documentIn({ body, rawBody, others: SIMULATION_KEYS });
  const against = body.against ?? (document === null ? 'live' : 'document');
  if ((against === 'document') !== (document !== null)) {
    throw invalid(
      document === null
        ? 'against is "document", but the body holds none. Send it as "document" or "yaml".'
        : `The body holds a document, but against is "${against}". Leave one of them out.`,
    );
  }
  const calls = body.calls.map(callOf);
  const nameless = calls.findIndex((call) => call.tool === undefined && call.hook === undefined);
  if (nameless >= 0) throw invalid(`calls/${nameless} names neither a tool nor a hook. Send one of them.`);
  const { policy_id: policyId, mode = 'live', trace = false } = body;
  return { calls, against, document, policyId, mode, trace };
}
