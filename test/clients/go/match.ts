/**
 * Shell-like matching in which `*` and `?` stop at a slash, classes are negated with `^`, and a backslash takes the next
 * character as it is. A malformed pattern matches nothing.
 */
export function matchPath(pattern: string, text: string): boolean {
  const expression = toExpression(pattern);
  return expression?.test(text) ?? false;
}

function toExpression(pattern: string): RegExp | null {
  let source = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at]!;
    if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (character === '\\') {
      at += 1;
      if (at >= pattern.length) return null;
      source += escaped(pattern[at]!);
    } else if (character === '[') {
      const end = pattern.indexOf(']', at + 2);
      if (end < 0) return null;
      const negated = pattern[at + 1] === '^';
      const members = pattern.slice(at + (negated ? 2 : 1), end).replace(/[\\\][]/g, '\\$&');
      source += `[${negated ? '^' : ''}${members}]`;
      at = end;
    } else source += escaped(character);
  }
  try {
    return new RegExp(`^${source}$`, 'su');
  } catch {
    return null;
  }
}

function escaped(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
