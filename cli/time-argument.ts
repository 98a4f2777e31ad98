import { CommandError, EXIT } from './exit-codes.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A moment given as RFC 3339 (`2026-11-21T08:00:00Z`) or as a time ago (`90s`, `15m`, `2h`, `7d`), as RFC 3339 in UTC.
 * Throws `CommandError` (wrong usage) for anything else.
 */
export function timeArgument(flag: string, text: string, now: number): string {
  const ago = /^(\d{1,6})([smhd])$/.exec(text);
  const moment = ago === null ? Date.parse(text) : now - Number(ago[1]) * UNITS[ago[2]!]!;
  const complete = ago !== null || /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i.test(text);
  if (!complete || Number.isNaN(moment))
    throw new CommandError(
      EXIT.usage,
      `${flag} must be an RFC 3339 time like 2026-11-21T08:00:00Z or a time ago like 15m, 2h or 7d (given: ${JSON.stringify(text)}).`,
    );
  return new Date(moment).toISOString();
}
