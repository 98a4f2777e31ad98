/** Where in a bundle payload something is wrong. Indexes count the arrays as they are written, from 0. */
export interface PolicyPlace {
  readonly policyIndex?: number;
  readonly ruleIndex?: number;
  /** The member that is wrong, e.g. `conditions.url`. */
  readonly field: string;
}

/**
 * A bundle payload that SDKs would refuse to load (or that cannot be decided here). Such a payload stops every agent of
 * its project, so it must never be signed. The message names the place, the value and what to do.
 */
export class PolicyReadError extends Error {
  override readonly name = 'PolicyReadError';
  readonly place: PolicyPlace;

  constructor(problem: string, place: PolicyPlace) {
    super(`${placeText(place)}: ${problem}`);
    this.place = place;
  }
}

function placeText(place: PolicyPlace): string {
  const parts: string[] = [];
  if (place.policyIndex !== undefined) parts.push(`policies[${place.policyIndex}]`);
  if (place.ruleIndex !== undefined) parts.push(`rules[${place.ruleIndex}]`);
  parts.push(place.field);
  return parts.join('.');
}

/** A call whose values the SDK's evaluator cannot handle; it then denies (`synthetic:ENGINE_UNAVAILABLE`). */
export class EvaluationFault extends Error {
  override readonly name = 'EvaluationFault';
}

/** Shows a value in an error message, cut to a readable length. */
export function shown(value: unknown): string {
  const text = written(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function written(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return 'a value nested too deeply to show';
  }
}
