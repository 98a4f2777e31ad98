/** The directives before YAML documents: lines that begin with `%`. */
import { BuiltinError } from '../../errors.ts';

const BLANK = /^[ \t]*(?:#.*)?\r?$/;
const VERSION = /^%YAML[ \t]+1\.1[ \t]*(?:[ \t]#.*)?\r?$/;
const TAG = /^%TAG[ \t]+\S+[ \t]+\S+[ \t]*(?:[ \t]#.*)?\r?$/;
const DOCUMENT_START = /^---(?:[ \t\r]|$)/;
const DOCUMENT_END = /^\.\.\.(?:[ \t\r]|$)/;

/**
 * Lets `%YAML 1.1` and `%TAG` pass where `---` follows them, as OPA does. Throws a BuiltinError with the line for every other
 * directive.
 */
export function checkDirectives(text: string): void {
  if (!text.includes('%')) return;
  let isBefore = true;
  let directives = false;
  for (const [index, line] of text.split('\n').entries()) {
    // OPA counts the line from 0 where it parses and from 1 where it scans, and does not tell of the first.
    const fail = (what: string, line: number): never => {
      throw new BuiltinError(`yaml: ${index === 0 ? '' : `line ${line}: `}${what}`);
    };
    if (DOCUMENT_END.test(line)) isBefore = true;
    else if (isBefore && line.startsWith('%')) {
      directives = true;
      if (/^%YAML\b/.test(line) && !VERSION.test(line)) fail('found incompatible YAML document', index);
      if (!/^%YAML\b/.test(line) && !TAG.test(line)) fail('found unknown directive name', index + 1);
    } else if (isBefore && !BLANK.test(line)) {
      if (directives && !DOCUMENT_START.test(line)) fail('did not find expected <document start>', index);
      isBefore = false;
      directives = false;
    }
  }
  if (directives) throw new BuiltinError('yaml: did not find expected <document start>');
}
