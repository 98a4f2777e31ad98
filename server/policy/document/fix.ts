import { isSeq, parseDocument } from 'yaml';
import type { Fix, PatchStep } from './problem.ts';
import { steps } from './source-map.ts';

/**
 * Applies a ready change to a YAML text, keeping comments and layout around it. JSON is YAML too, but comes back in the
 * layout of YAML's flow style; use `applyFix` for parsed JSON.
 *
 * @throws when the patch does not fit the text, which then is not the one that the problem was found in.
 */
export function applyFixToYaml(text: string, fix: Fix): string {
  const document = parseDocument(text, { version: '1.2', schema: 'core' });
  for (const change of fix.patch) {
    const path = yamlPath(document.contents, steps(change.path));
    if (change.op === 'remove') document.deleteIn(path);
    else if (change.op === 'replace' && !document.hasIn(path)) throw new Error(`There is nothing at ${change.path}.`);
    else if (change.path.endsWith('/-')) document.addIn(path.slice(0, -1), change.value);
    else document.setIn(path, document.createNode(change.value));
  }
  return document.toString({ lineWidth: 0 });
}

/** Applies a ready change to a parsed JSON document and answers the changed copy; throws when it does not fit. */
export function applyFix(value: unknown, fix: Fix): unknown {
  const copy = structuredClone(value);
  for (const change of fix.patch) applyStep(copy, change);
  return copy;
}

function applyStep(root: unknown, change: PatchStep): void {
  const path = steps(change.path);
  const last = path.pop();
  let parent = root;
  for (const key of path) parent = member(parent, key, change.path);
  if (last === undefined || typeof parent !== 'object' || parent === null)
    throw new Error(`There is nothing at ${change.path}.`);
  const holder = parent as Record<string, unknown>;
  if (change.op !== 'add') member(holder, last, change.path);
  if (Array.isArray(parent)) {
    const at = last === '-' ? parent.length : Number(last);
    parent.splice(at, change.op === 'add' ? 0 : 1, ...(change.op === 'remove' ? [] : [change.value]));
  } else if (change.op === 'remove') delete holder[last];
  else
    Object.defineProperty(holder, last, { value: change.value, writable: true, enumerable: true, configurable: true });
}

function member(parent: unknown, key: string, path: string): unknown {
  if (typeof parent === 'object' && parent !== null && Object.hasOwn(parent, key))
    return (parent as Record<string, unknown>)[key];
  throw new Error(`There is nothing at ${path}.`);
}

/** Steps into lists become numbers, as the YAML library wants them. */
function yamlPath(contents: unknown, path: readonly string[]): (string | number)[] {
  let node = contents;
  return path.map((key) => {
    const at = isSeq(node) && key !== '-' ? Number(key) : key;
    node = (node as { get?: (key: unknown, keep: boolean) => unknown } | undefined)?.get?.(at, true);
    return at;
  });
}
