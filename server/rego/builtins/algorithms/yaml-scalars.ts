/** What plain YAML scalars mean: the core schema of YAML 1.2, with the older octal numbers and digit separators. */
import { fromBigInt, parseNumber, type Value } from '../../values.ts';

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
]);
const NOT_FINITE = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const INTEGER = /^([-+]?)(?:0x([0-9a-fA-F]+)|0o?([0-7]+)|0b([01]+)|([1-9]\d*|0))$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/** The value of a plain scalar. Throws a RangeError for infinities and NaN, which JSON does not have. */
export function plainScalar(text: string): Value {
  if (NULLS.has(text)) return null;
  const boolean = BOOLEANS.get(text);
  if (boolean !== undefined) return boolean;
  if (NOT_FINITE.test(text)) {
    const name = /nan/i.test(text) ? 'NaN' : text.startsWith('-') ? '-Inf' : '+Inf';
    throw new RangeError(`json: unsupported value: ${name}`);
  }
  if (!/^[-+.\d]/.test(text)) return text;
  return numberOf(text.replaceAll('_', '')) ?? text;
}

function numberOf(text: string): Value | undefined {
  const match = INTEGER.exec(text);
  if (match) {
    const [, sign, hex, octal, binary, decimal] = match;
    const digits = hex ? `0x${hex}` : octal ? `0o${octal}` : binary ? `0b${binary}` : decimal!;
    const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
    if (value >= INT64_MIN && value <= UINT64_MAX) return fromBigInt(value);
  }
  if (!FLOAT.test(text)) return undefined;
  const double = Number(text);
  return Number.isFinite(double) ? parseNumber(String(double)) : undefined;
}

const OLD_BOOLEAN = /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const SEXAGESIMAL = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ][\d:.+\-Zz ]*)?$/;

/** Whether a text, written plain, would be read as something else by some reader of YAML. */
export function isAmbiguous(text: string): boolean {
  if (OLD_BOOLEAN.test(text) || SEXAGESIMAL.test(text) || TIMESTAMP.test(text) || NOT_FINITE.test(text)) return true;
  return typeof plainScalar(text) !== 'string';
}
