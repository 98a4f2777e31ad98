/** Searching and replacing in texts. */
import { fromBytes, toBytes } from './bytes.ts';

/** The offsets (UTF-16) of every occurrence, overlapping ones too; the search text must not be empty. */
export function occurrences(text: string, search: string): readonly number[] {
  const found: number[] = [];
  for (let at = text.indexOf(search); at >= 0; at = text.indexOf(search, at + 1)) found.push(at);
  return found;
}

/** Every occurrence of `old` replaced; an empty `old` stands before every byte and at the end. */
export function replaceEach(text: string, old: string, replacement: string): string {
  return old === '' ? replacePairs(text, [[old, replacement]]) : text.split(old).join(replacement);
}

/**
 * Replaces in one pass from left to right; at each place the first pair that matches wins, and what was put in is not looked
 * at again. An empty key matches at every place once; places are those between bytes.
 */
export function replacePairs(text: string, pairs: readonly (readonly [string, string])[]): string {
  if (!pairs.some(([key]) => key === '')) return replaceInOnePass(text, pairs);
  const bytesOf = (part: string) => toBytes(part).toString('latin1');
  const replaced = replaceInOnePass(
    bytesOf(text),
    pairs.map(([key, value]) => [bytesOf(key), bytesOf(value)] as const),
  );
  return fromBytes(Buffer.from(replaced, 'latin1'));
}

function replaceInOnePass(text: string, pairs: readonly (readonly [string, string])[]): string {
  const byFirst = new Map<string, number[]>();
  let emptyAt: number | undefined;
  pairs.forEach(([key], index) => {
    if (key === '') emptyAt = index;
    else byFirst.set(key[0]!, [...(byFirst.get(key[0]!) ?? []), index]);
  });
  const matchAt = (at: number, withEmpty: boolean): number | undefined => {
    const known = byFirst.get(text[at]!)?.find((index) => text.startsWith(pairs[index]![0], at));
    if (!withEmpty || emptyAt === undefined) return known;
    return known === undefined ? emptyAt : Math.min(known, emptyAt);
  };
  let out = '';
  let at = 0;
  let afterEmpty = false;
  while (at <= text.length) {
    const match = matchAt(at, !afterEmpty);
    if (match === undefined) {
      afterEmpty = false;
      out += text[at] ?? '';
      at += 1;
    } else {
      const [key, value] = pairs[match]!;
      out += value;
      at += key.length;
      afterEmpty = key === '';
    }
  }
  return out;
}
