import { createHash, hash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * The kinds of token the appliance hands out, by the prefix that makes each recognisable in a leak scan.
 * `cz_live_`, `cz_test_` and `cz_enroll_` are fixed by the published contracts; the others are ours.
 */
export const TOKEN_PREFIXES = {
  live_api_key: 'cz_live_',
  test_api_key: 'cz_test_',
  enrollment: 'cz_enroll_',
  session: 'cz_session_',
  password_reset: 'cz_reset_',
  account_setup: 'cz_setup_',
  email_verification: 'cz_verify_',
  invite: 'cz_invite_',
  approval_link: 'cz_approve_',
  stream_ticket: 'cz_stream_',
  scim: 'cz_scim_',
  agent: 'cz_agent_',
  device: 'cz_device_',
  sandbox_access: 'sk_test_',
  production_access: 'sk_live_',
} as const;

export type TokenKind = keyof typeof TOKEN_PREFIXES;

/** A token at the one moment when its text exists; store `digest` and `display`, show `text` once. */
export interface FreshToken {
  /** The whole token, for its owner only. */
  readonly text: string;
  /** What is stored: lower-case hexadecimal SHA-256 of `text`, 64 characters. */
  readonly digest: string;
  /** What lists may show: the prefix and the first four hexadecimal characters. */
  readonly display: string;
}

const RANDOM_BYTES = 32;
const RANDOM_PART = /^[0-9a-f]{64}$/;
const DISPLAYED_CHARACTERS = 4;

/**
 * Makes a token of a kind: its prefix and 64 hexadecimal characters of randomness (256 bits).
 * Because the text is not guessable, a plain SHA-256 is enough to store it (no salt, no slow hash).
 */
export function createToken(kind: TokenKind): FreshToken {
  const text = TOKEN_PREFIXES[kind] + randomBytes(RANDOM_BYTES).toString('hex');
  return { text, digest: digestToken(text), display: displayPrefix(text) };
}

/** The stored form of a token: lower-case hexadecimal SHA-256 of its UTF-8 text. Never fails, whatever the text. */
export function digestToken(text: string): string {
  return hash('sha256', text, 'hex');
}

/**
 * Which kind of token a text is, by its prefix and exact shape.
 * Returns null for everything else; that says nothing about whether a token of that shape was ever issued.
 */
export function tokenKind(text: string): TokenKind | null {
  for (const [kind, prefix] of Object.entries(TOKEN_PREFIXES)) {
    if (text.startsWith(prefix) && RANDOM_PART.test(text.slice(prefix.length))) return kind as TokenKind;
  }
  return null;
}

/**
 * The part of a token that may be shown and stored in the clear: prefix and four characters (`cz_live_ab12`).
 * A text that is no token of ours yields only `***`, so that a mistyped secret is never displayed.
 */
export function displayPrefix(text: string): string {
  const kind = tokenKind(text);
  return kind === null ? '***' : text.slice(0, TOKEN_PREFIXES[kind].length + DISPLAYED_CHARACTERS);
}

/**
 * Whether two texts are equal, in a time that does not depend on where they differ or how long they are.
 * Both are digested first, so lengths may differ.
 */
export function constantTimeEqual(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(left), digest(right));
}
