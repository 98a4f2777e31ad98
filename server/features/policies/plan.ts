import type { PolicyStatus } from './schema.ts';

/** Where a policy stands. */
export interface Standing {
  readonly status: PolicyStatus;
  readonly currentVersion: number;
  readonly liveVersion: number | null;
}

/** What a change asks for. */
export interface Wish {
  /** Whether a document came with it. */
  readonly hasDocument: boolean;
  /** Whether that document means something else than the newest version. */
  readonly isNewDocument: boolean;
  readonly status: PolicyStatus | undefined;
}

/**
 * Where a policy stands after a change: changes are in force at once, and only `"status": "draft"` holds one back.
 *
 * With a document, a draft is held back beside the version in force; without one, the policy itself goes out of force.
 * A policy that is not in force stays so until it is published or the change says `"status": "live"`.
 * (Architecture section 7, "when a policy is live".)
 */
export function standingAfter(before: Standing, wish: Wish): Standing {
  const currentVersion = wish.isNewDocument ? before.currentVersion + 1 : before.currentVersion;
  const status = statusAfter(before, wish);
  if (status !== 'live') return { status, currentVersion, liveVersion: null };
  const publishes = wish.status === 'live' || (wish.status === undefined && wish.hasDocument);
  return { status, currentVersion, liveVersion: publishes ? currentVersion : before.liveVersion };
}

function statusAfter(before: Standing, wish: Wish): PolicyStatus {
  if (wish.status === undefined) return before.status;
  const holdsBack = wish.status === 'draft' && wish.hasDocument && before.status === 'live';
  return holdsBack ? 'live' : wish.status;
}
