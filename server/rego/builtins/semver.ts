/** Built-ins on semantic versions. */
import { BuiltinError } from '../errors.ts';
import type { Value } from '../values.ts';
import { quote } from './algorithms/quote.ts';
import { compareVersions, parseVersion, type SemanticVersion } from './algorithms/semantic-version.ts';
import { characterCost } from './cost.ts';
import { define } from './define.ts';
import { stringOperand } from './operands.ts';
import type { Builtin } from './types.ts';

function version(text: string, position: number): SemanticVersion {
  const parsed = parseVersion(text);
  if (!parsed) throw new BuiltinError(`operand ${position}: string ${quote(text)} is not a valid SemVer`);
  return parsed;
}

function compare(args: readonly Value[]): Value {
  const [left, right] = [stringOperand(args, 0), stringOperand(args, 1)];
  return compareVersions(version(left, 1), version(right, 2));
}

/** The version built-ins. */
export const semver: readonly Builtin[] = [
  define('semver.compare(string, string) -> number', compare, { cost: characterCost(0.5, 20) }),
  define(
    'semver.is_valid(any) -> boolean',
    (args) => typeof args[0] === 'string' && parseVersion(args[0]) !== undefined,
    { cost: characterCost(0.1, 10) },
  ),
];
