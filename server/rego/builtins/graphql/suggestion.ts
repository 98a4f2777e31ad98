import { editDistance } from '../../hints/edit-distance.ts';

const MAXIMUM_SHOWN = 5;
const MAXIMUM_LENGTH = 100;

/** `"a", "b", or "c"`. */
export function orList(words: readonly string[]): string {
  const shown = words.slice(0, MAXIMUM_SHOWN);
  if (shown.length <= 2) return shown.join(' or ');
  return `${shown.slice(0, -1).join(', ')}, or ${shown.at(-1)}`;
}

/** The known words that are like the given one, most alike first. */
export function similar(word: string, known: readonly string[]): readonly string[] {
  if (word.length > MAXIMUM_LENGTH) return [];
  const threshold = Math.floor(word.length * 0.4) + 1;
  return known
    .filter((candidate) => candidate.length <= MAXIMUM_LENGTH)
    .map((candidate) => ({ candidate, far: editDistance(word, candidate) }))
    .filter(({ far }) => far <= threshold)
    .sort((left, right) => left.far - right.far)
    .map(({ candidate }) => candidate);
}

/** A sentence that asks whether one of the similar words was meant; empty when there is none. */
export function didYouMean(word: string, known: readonly string[], what = ''): string {
  const found = similar(word, known);
  return found.length === 0 ? '' : ` Did you mean ${what}${orList(found.map((candidate) => `"${candidate}"`))}?`;
}
