/** Hints for sources that do not parse. */
import type { RegoError } from '../errors.ts';
import { lex } from '../syntax/lexer.ts';
import { Source } from '../syntax/source.ts';
import { withHint } from './with-hint.ts';
import { RULE_WORDS, SIGNS } from './words.ts';

/** The parse error of a source with the hint that fits, if any does. */
export function withParseHint(error: RegoError, source: string): RegoError {
  return withHint(error, () => parseHint(error, source));
}

function parseHint({ message, location }: RegoError, source: string): string | undefined {
  if (message === 'package expected') return 'a module begins with its package, as in `package authz`';
  if (location === undefined) return undefined;
  if (/unexpected eof|non-terminated expression/.test(message)) return unclosed(source);
  return ruleHint(message, source, location.offset) ?? signHint(source, location.offset);
}

/** The bracket that is still open at the end. */
function unclosed(text: string): string | undefined {
  const source = new Source('', text);
  const open: { sign: string; offset: number }[] = [];
  for (const { kind, text: sign, offset } of lex(source).tokens) {
    if (kind !== 'punctuation') continue;
    if ('({['.includes(sign)) open.push({ sign, offset });
    else if (')}]'.includes(sign)) open.pop();
  }
  const last = open.at(-1);
  return last === undefined ? undefined : `\`${last.sign}\` in row ${source.row(last.offset)} is not closed`;
}

/** What the word that a rule begins with is in other languages, or that `==` only compares. */
function ruleHint(message: string, source: string, offset: number): string | undefined {
  if (!/^var cannot be used for rule name|^rule name conflicts/.test(message)) return undefined;
  const [, word = '', next = ''] = /^(\w*)\s*(\S{0,2})/.exec(source.slice(offset, offset + 200)) ?? [];
  if (next === '==') return `\`==\` compares; a rule gets its value with \`:=\`, as in \`${word} := …\``;
  return RULE_WORDS.get(word);
}

/** What a sign of other languages is here; the error may stand at the sign's first or second character. */
function signHint(source: string, offset: number): string | undefined {
  const at = (sign: string) =>
    source.startsWith(sign, offset) || (sign.length > 1 && source.startsWith(sign, offset - 1));
  return SIGNS.find(([sign]) => at(sign))?.[1];
}
