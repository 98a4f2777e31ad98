/** The subset relation of `object.subset`. */
import { equal, keyOf, RegoObject, RegoSet, type Value } from '../../values.ts';

/**
 * Whether `part` is contained in `whole`: objects by keys and, recursively, values; sets by members; arrays as an
 * uninterrupted run; a set in an array by its members. Undefined for any other pair of types.
 */
export function isSubset(whole: Value, part: Value): boolean | undefined {
  if (whole instanceof RegoObject && part instanceof RegoObject) return isObjectSubset(whole, part);
  if (whole instanceof RegoSet && part instanceof RegoSet) return part.isSubsetOf(whole);
  if (!Array.isArray(whole)) return undefined;
  if (Array.isArray(part)) return containsRun(whole as readonly Value[], part as readonly Value[]);
  return part instanceof RegoSet ? containsMembers(whole as readonly Value[], part) : undefined;
}

function isObjectSubset(whole: RegoObject, part: RegoObject): boolean {
  for (const [key, value] of part.entries()) {
    const found = whole.get(key);
    if (found === undefined) return false;
    if (equal(found, value)) continue;
    if (found instanceof RegoObject || found instanceof RegoSet || !(value instanceof RegoSet)) {
      if (!isSubset(found, value)) return false;
    } else {
      return false;
    }
  }
  return true;
}

/** Searches in linear time (Knuth, Morris, Pratt), so that repetitive arrays do not make it slow. */
function containsRun(whole: readonly Value[], part: readonly Value[]): boolean {
  if (part.length > whole.length) return false;
  const pattern = part.map(keyOf);
  const fallback = [0];
  for (let at = 1, matched = 0; at < pattern.length; at += 1) {
    while (matched > 0 && pattern[at] !== pattern[matched]) matched = fallback[matched - 1]!;
    if (pattern[at] === pattern[matched]) matched += 1;
    fallback.push(matched);
  }
  let matched = 0;
  for (const item of whole) {
    if (matched === pattern.length) return true;
    const key = keyOf(item);
    while (matched > 0 && key !== pattern[matched]) matched = fallback[matched - 1]!;
    if (key === pattern[matched]) matched += 1;
  }
  return matched === pattern.length;
}

/** Counts occurrences, so a member that occurs twice in the array counts twice: the behaviour policies know from OPA. */
function containsMembers(whole: readonly Value[], part: RegoSet): boolean {
  let missing = part.size;
  for (const item of whole) {
    if (part.has(item)) missing -= 1;
    if (missing === 0) return true;
  }
  return false;
}
