/** Lays JSON out over lines without touching its numbers. */

const ESCAPED = /[<>&\u2028\u2029]/g;

/**
 * The JSON text with two spaces per level. Numbers stay as written; `<`, `>`, `&` and line separators in strings are
 * escaped, as OPA's output has them. The text must be valid JSON.
 */
export function indentJson(text: string): string {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g) ?? [];
  const out: string[] = [];
  let depth = 0;
  const breakLine = () => out.push('\n', '  '.repeat(depth));
  tokens.forEach((token, index) => {
    const before = tokens[index - 1];
    if (token === '}' || token === ']') {
      depth--;
      if (before !== '{' && before !== '[') breakLine();
      out.push(token);
      return;
    }
    if (before === '{' || before === '[' || before === ',') breakLine();
    if (token === ':') out.push(': ');
    else out.push(token.startsWith('"') ? escapeMarkup(token) : token);
    if (token === '{' || token === '[') depth++;
  });
  return out.join('');
}

/** The JSON text on one line, with the same escapes. */
export function escapeMarkup(text: string): string {
  return text.replace(ESCAPED, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
