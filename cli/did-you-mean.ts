import { nearest } from '../server/policy/document/nearest.ts';

/** How far a mistyped word may be from the one that is meant. */
const MOST_EDITS = 3;

/** The known word that a mistyped one probably means; null when none is near. */
export function suggestionFor(word: string, known: readonly string[]): string | null {
  return nearest(word, known, MOST_EDITS) ?? null;
}

/** A suggestion as a sentence to go on with; empty when there is none. */
export function didYouMean(suggestion: string | null): string {
  return suggestion === null ? '' : ` Did you mean ${suggestion}?`;
}
