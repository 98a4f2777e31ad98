/** Where every part of the appliance reads the time, so that tests and a set-back server clock decide it. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves the clock forward (or back, when negative) by that many milliseconds. */
  advance(milliseconds: number): void;
  set(milliseconds: number): void;
}

/** Makes a clock that starts at `start` (milliseconds since the Unix epoch) and moves only when told. */
export function manualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let current = start;
  return {
    now: () => current,
    advance: (milliseconds) => {
      current += milliseconds;
    },
    set: (milliseconds) => {
      current = milliseconds;
    },
  };
}

/** The first and the last moment that RFC 3339 can write in UTC, in milliseconds. */
export const EARLIEST_TIME = Date.parse('0000-01-01T00:00:00Z');
export const LATEST_TIME = Date.parse('9999-12-31T23:59:59.999Z');

/** An RFC 3339 UTC time with milliseconds, as every contract prints times. */
export function rfc3339(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
