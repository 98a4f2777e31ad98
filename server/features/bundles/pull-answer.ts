import { matchesDigest } from '../../crypto/czpolicy.ts';
import { conflict, DomainError } from '../../kernel/errors.ts';
import type { LiveState, PullAnswer } from './live-state.ts';

/**
 * The bytes of a bundle, or 304 when the client has them (`If-None-Match`, compared loosely). Throws 404 when nothing
 * is published and 409 when the stored build is not what was signed. (REST reference, `GET /v1/sdk/policies/pull`.)
 */
export function answerPull(state: LiveState, ifNoneMatch: string | undefined): PullAnswer {
  if (state.state === 'live') return matchesDigest(ifNoneMatch, state.digest) ? state.unchanged : state.full;
  if (state.state === 'nothing') throw nothingPublished(state.withdrawn);
  const { check, expected_digest, found_digest } = state.flag;
  throw conflict(
    'BUNDLE_TAMPERED',
    `The stored bundle is not what was signed: its ${check} check fails. An admin has to publish it again with POST /api/projects/{projectID}/policies/bundle.`,
    { reason: 'tampered', extra: { expected_digest, found_digest } },
  );
}

function nothingPublished(withdrawn: boolean): DomainError {
  return new DomainError(
    404,
    'NO_POLICY_PUBLISHED',
    withdrawn
      ? 'The bundle of this project was withdrawn. An admin publishes it again with POST /api/projects/{projectID}/policies/bundle.'
      : 'No policy is published for this project: its keys were never provisioned. An admin does that with POST /api/projects/{projectID}/keys/provision.',
    { reason: withdrawn ? 'withdrawn' : 'not_provisioned' },
  );
}
