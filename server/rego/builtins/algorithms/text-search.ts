/** Searching, joining and replacing in texts. */

/** The offsets (UTF-16) of every occurrence, overlapping ones too; the search text must not be empty. */
export function occurrences(text: string, search: string): readonly number[] {
  const found: number[] = [];
  for (let at = text.indexOf(search); at >= 0; at = text.indexOf(search, at + 1)) found.push(at);
  return found;
}

/** Every occurrence of `old` replaced; an empty `old` stands before every character and at the end. */
export function replaceEach(text: string, old: string, replacement: string): string {
  if (old === '') return replacement + [...text].map((character) => character + replacement).join('');
  return text.split(old).join(replacement);
}

/**
 * Replaces in one pass from left to right; at each place the first pair that matches wins, and what was put in is not looked
 * at again. An empty key matches at every place once.
 */
export function replacePairs(text: string, pairs: readonly (readonly [string, string])[]): string {
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
    if (match !== undefined) {
      const [key, value] = pairs[match]!;
      out += value;
      at += key.length;
      afterEmpty = key === '';
      continue;
    }
    afterEmpty = false;
    const character = at < text.length ? String.fromCodePoint(text.codePointAt(at)!) : '';
    out += character;
    at += character.length || 1;
  }
  return out;
}
