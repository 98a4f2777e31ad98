/**
 * Gives errors their hints: how to write what was probably meant. Hints are looked for only once there are errors, so
 * the checks that find these need not know about them.
 */
import type { RegoError } from '../errors.ts';
import type { Module } from '../syntax/ast.ts';
import { functionHint, type Surroundings, variableHint } from './name-hints.ts';
import { withHint } from './with-hint.ts';
import { DEPRECATED } from './words.ts';

/** Errors beyond this many are left as they are: looking for similar names takes time. */
const MAX_HINTED = 20;

/** The errors of compiling modules, or a query beside them, with hints. */
export function withCompileHints(
  errors: readonly RegoError[],
  modules: readonly Module[],
  query: Pick<Surroundings, 'module' | 'body'> = { module: undefined },
): RegoError[] {
  return errors.map((error, index) => {
    if (index >= MAX_HINTED) return error;
    const own = modules.find(({ file }) => file !== '' && file === error.location?.file);
    const around = own === undefined ? { modules, ...query } : { modules, module: own };
    return withHint(error, () => compileHint(error, around));
  });
}

/** The error of an evaluation, with its hint. */
export function withEvaluationHint(error: RegoError): RegoError {
  return withHint(error, () => (error.code === 'eval_conflict_error' ? conflictHint(error.message) : undefined));
}

function compileHint(error: RegoError, around: Surroundings): string | undefined {
  const { message } = error;
  const unsafe = /^var (\S+) is (?:unsafe|undeclared)/.exec(message)?.[1];
  if (unsafe !== undefined) return variableHint(unsafe, error, around);
  const unknown = /^undefined function (\S+)$/.exec(message)?.[1];
  if (unknown !== undefined) return functionHint(unknown, around);
  const deprecated = /^deprecated built-in function calls in expression: (\S+)$/.exec(message)?.[1];
  if (deprecated !== undefined) return DEPRECATED.get(deprecated);
  return FIXED.find(([pattern]) => pattern.test(message))?.[1];
}

const FIXED: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [
    /^var \S+ (?:assigned|declared) above$/,
    'a variable gets its value once: compare with `==`, or choose another name',
  ],
  [
    /^var \S+ referenced above$/,
    'a variable is local to the whole body: assign it before it is used, or choose another name',
  ],
  [/^cannot assign to /, '`:=` gives a new variable its value: compare with `==`'],
  [/used as reference, not called$/, 'call it with its arguments in parentheses'],
  [
    / is recursive: |may be recursive/,
    'a rule cannot depend on itself: walk() visits nested values, graph.reachable() follows links',
  ],
  [/^declared var \S+ unused$/, 'leave it out, or use it'],
];

function conflictHint(message: string): string {
  if (message.includes('object keys must be unique')) return 'collect the values of one key in a set or an array';
  return 'rules of one name that hold together must agree: let their conditions exclude each other, use `else`, or collect values with `contains`';
}
