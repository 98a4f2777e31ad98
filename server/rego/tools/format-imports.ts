/** Prints imports: in groups as they were written, each sorted. */
import { importPath } from '../compile/module-checks.ts';
import type { Location } from '../errors.ts';
import type { Import, Module } from '../syntax/ast.ts';
import { V1_KEYWORDS } from '../syntax/tokens.ts';
import { compareStrings } from '../values.ts';
import { type CommentQueue, commentText, endRow } from './format-comments.ts';

/** Imports on rows that follow one another. */
export interface ImportGroup {
  readonly location: Location;
  readonly lastRow: number;
  /** The lines in order; a comment beside an import goes with it, any other in them above all. */
  print(comments: CommentQueue): string;
}

interface Line {
  readonly text: string;
  readonly location: Location;
}

/** The groups that the imports of a module are printed in, for v1 also with `import rego.v1` where v0 is brought to it. */
export function importGroups(module: Module, becomesCurrent: boolean): ImportGroup[] {
  const kept = becomesCurrent ? withoutKeywords(module.imports) : neededImports(module.imports);
  const lines = kept.map((item) => ({ text: importText(item), location: item.location }));
  if (becomesCurrent && !kept.some(isRego)) lines.push(added(module));
  lines.sort((a, b) => a.location.row - b.location.row || a.location.offset - b.location.offset);
  const groups: Line[][] = [];
  for (const line of lines) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && line.location.row <= last.location.row + 1) groups.at(-1)!.push(line);
    else groups.push([line]);
  }
  return groups.map((group) => ({
    location: group[0]!.location,
    lastRow: endRow(group.at(-1)!.location),
    print: (comments) => printGroup(group, comments),
  }));
}

function printGroup(group: readonly Line[], comments: CommentQueue): string {
  const above: string[] = [];
  const lines = group.map(({ text, location }) => {
    const taken = comments.onRows(endRow(location)).map(commentText);
    const beside = taken.pop();
    above.push(...taken);
    return { text, shown: beside === undefined ? text : `${text} ${beside}` };
  });
  lines.sort((a, b) => compareStrings(a.text, b.text));
  return [...above, ...lines.map(({ shown }) => shown)].join('\n');
}

/** The import that makes a source v1: where the last one that it replaces was, or in the first row. */
function added({ package: pkg, imports, rules }: Module): Line {
  const firstRule = rules[0]?.location.offset ?? Number.POSITIVE_INFINITY;
  const isAmongRules = imports.some(({ location }) => location.offset > firstRule);
  const replaced = imports.filter((item) => importPath(item)[0] === 'future').at(-1)?.location;
  const after = (isAmongRules ? undefined : replaced) ?? pkg.location;
  const row = after === pkg.location ? 1 : after.row + 1;
  const offset = after.offset + after.text.length;
  return { text: 'import rego.v1', location: { ...after, offset, row, text: '' } };
}

/** The imports that are not of a language version or its keywords. */
export function importsOfDocuments(imports: readonly Import[]): readonly Import[] {
  return withoutKeywords(imports).filter((item) => !isRego(item));
}

function withoutKeywords(imports: readonly Import[]): readonly Import[] {
  return imports.filter((item) => importPath(item)[0] !== 'future');
}

function isRego(item: Import): boolean {
  return importPath(item)[0] === 'rego';
}

/** Rego v1 and v2 bring keywords, so that imports of these by name say nothing beside them. */
export function neededImports(imports: readonly Import[]): readonly Import[] {
  const paths = imports.map(importPath);
  const bringsAll = paths.some((path) => path.join('.') === 'rego.v2');
  const brings: readonly string[] = paths.some(([root]) => root === 'rego') ? V1_KEYWORDS : [];
  return imports.filter((_, index) => {
    const [root, , keyword] = paths[index]!;
    return root !== 'future' || !(bringsAll || (keyword !== undefined && brings.includes(keyword)));
  });
}

function importText(item: Import): string {
  const alias = item.alias === undefined ? '' : ` as ${item.alias}`;
  return `import ${pathText(importPath(item))}${alias}`;
}

/** A path as it is written: a step that is no name in brackets. */
export function pathText(path: readonly string[]): string {
  return path
    .map((step, index) => (index === 0 ? step : /^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`))
    .join('');
}
