/** Several groups of a pattern may have one name, which the library for patterns does not know. */
import { classEnd } from './pattern-size.ts';

const GROUP = /^\(\?P?<([\p{L}\p{Nd}_]+)>/u;
/** Longer names are left as they are. */
const LONGEST_GROUP = 200;

/** A pattern whose groups have names of their own; `aliases` has every name with those it became, when one is shared. */
export interface DistinctNames {
  readonly pattern: string;
  readonly aliases: ReadonlyMap<string, readonly string[]> | undefined;
}

/** The pattern with other names for those groups whose name an earlier group has. */
export function withDistinctNames(pattern: string): DistinctNames {
  if (!pattern.includes('(?')) return { pattern, aliases: undefined };
  const names = new Map<string, string[]>();
  let out = '';
  let from = 0;
  for (let at = 0; at < pattern.length; at++) {
    if (pattern.startsWith('\\Q', at)) {
      const end = pattern.indexOf('\\E', at);
      at = end < 0 ? pattern.length : end + 1;
    } else if (pattern[at] === '\\') at++;
    else if (pattern[at] === '[') at = classEnd(pattern, at);
    else if (pattern[at] === '(') {
      const [whole, name] = GROUP.exec(pattern.slice(at, at + LONGEST_GROUP)) ?? [];
      if (whole === undefined) continue;
      const known = names.get(name!) ?? [];
      names.set(name!, known);
      const own = known.length === 0 ? name! : freeName(name!, known.length, pattern);
      known.push(own);
      out += `${pattern.slice(from, at)}(?P<${own}>`;
      from = at + whole.length;
      at = from - 1;
    }
  }
  if (![...names.values()].some((all) => all.length > 1)) return { pattern, aliases: undefined };
  return { pattern: out + pattern.slice(from), aliases: names };
}

/** A name that stands nowhere in the pattern. */
function freeName(name: string, count: number, pattern: string): string {
  let own = `${name}_${count}`;
  while (pattern.includes(own)) own += '_';
  return own;
}
