/** What sources mean apart from their layout, to compare them before and after they are formatted. */
import { canonicalNumberText } from '../number.ts';
import type { LogicOperand, Module, Rule, Term } from '../syntax/ast.ts';
import { isNumber, numberText, type RegoNumber, type Value } from '../values.ts';

/** A text that modules share when they mean the same and hold the same comments. */
export function moduleMeaning(module: Module, needed: (imports: Module['imports']) => Module['imports']): string {
  const { package: pkg, imports, rules, comments } = module;
  const content = [
    pkg.path,
    needed(imports).map(nodeMeaning).sort(),
    rules,
    comments.map(({ text }) => text.trimEnd()).sort(),
  ];
  return nodeMeaning(content);
}

/** A text that two terms share when they are the same but for their places and notation. */
export function nodeMeaning(node: unknown): string {
  return JSON.stringify(node, (key, value: unknown) => {
    if (LAYOUT.has(key)) return undefined;
    // Of the numbers only those that scalars hold are the policy's.
    if (key === 'value' && isNumber(value as Value)) return { number: canonicalNumberText(value as RegoNumber) };
    if (value === null || typeof value !== 'object') return value;
    if ('head' in value) return plainRule(value as Rule);
    if ('braced' in value && !('kind' in value)) {
      const { body, location } = value as LogicOperand;
      // Parentheses around one expression group it, as its place between operators does.
      return { body, braced: location.text.startsWith('{') };
    }
    if ('kind' in value && value.kind === 'set') return { set: distinct((value as Term & { kind: 'set' }).items) };
    if ('kind' in value && value.kind === 'template') {
      return { template: foldedParts((value as Term & { kind: 'template' }).parts) };
    }
    return value;
  });
}

/** Fields that say how something was written, not what it means. */
const LAYOUT: ReadonlySet<string> = new Set([
  'location',
  'annotations',
  'chained',
  'infix',
  'grouped',
  'assign',
  'raw',
  'hasBody',
]);

/** The rule with the value that it has without one; `if true` is no condition. */
function plainRule({ head, body, isDefault, else: otherwise }: Rule): unknown {
  const { ref, args, key, value } = head;
  const given = value ?? (key === undefined ? { kind: 'scalar', value: true } : undefined);
  return { ref, args, key, value: given, body, isDefault, otherwise };
}

/** The items without those that are the same as an earlier one. */
export function distinct(items: readonly Term[]): Term[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const text = nodeMeaning(item);
    return !seen.has(text) && seen.add(text) !== undefined;
  });
}

type Parts = (Term & { kind: 'template' })['parts'];

/** The parts of a template string with constants made text, and neighbouring texts joined. */
export function foldedParts(parts: Parts): Parts {
  const folded: Parts[number][] = [];
  for (const part of parts) {
    const text = typeof part === 'string' ? part : constantText(part);
    const last = folded.at(-1);
    if (text === undefined) folded.push(part);
    else if (typeof last === 'string') folded[folded.length - 1] = last + text;
    else folded.push(text);
  }
  return folded;
}

function constantText(part: Exclude<Parts[number], string>): string | undefined {
  if (part.kind !== 'term' || part.with.length > 0 || part.term.kind !== 'scalar') return undefined;
  const { value } = part.term;
  return isNumber(value) ? numberText(value) : String(value);
}
