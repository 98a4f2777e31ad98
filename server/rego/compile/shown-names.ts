/** What the names of variables that were made here tell: the name in the source, or that there is none. */

/** Whether the variable was made by the engine and has no name in the source. */
export function isGenerated(name: string): boolean {
  return name.charCodeAt(0) === 36;
}

/** The name that the source has for a variable. */
export function shownName(name: string): string {
  if (isUnnamedKey(name)) return '_';
  const mark = name.indexOf('$');
  return mark <= 0 ? name : name.slice(0, mark);
}

/** Stands for the key that `some x in xs` does not name; no source can name a variable so. */
export const UNNAMED_KEY = 'some';

/** Whether the variable is a key that `some` does not name; no error is about it. */
export function isUnnamedKey(name: string): boolean {
  return name.startsWith(`${UNNAMED_KEY}$`);
}
