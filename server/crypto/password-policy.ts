import { COMMON_STEMS, KEYBOARD_ROWS } from './common-passwords.ts';
import { MAX_PASSWORD_BYTES } from './passwords.ts';

/** Fewest characters of a password (specification of the self-managed sign-in). */
export const MIN_PASSWORD_CHARACTERS = 8;

export type PasswordProblemCode = 'too_short' | 'too_long' | 'too_common' | 'too_regular' | 'too_personal';

/** Why a password is refused; `message` is a whole sentence for its owner and never repeats the password. */
export interface PasswordProblem {
  readonly code: PasswordProblemCode;
  readonly message: string;
}

/** What an attacker knows about the account: e-mail address, name, organization, host name. */
export interface PasswordContext {
  readonly email?: string;
  readonly words?: readonly string[];
}

const MESSAGES: Record<PasswordProblemCode, string> = {
  too_short: `The password is too short: use at least ${MIN_PASSWORD_CHARACTERS} characters. Three or four unrelated words are easy to remember.`,
  too_long: `The password is too long: use at most ${MAX_PASSWORD_BYTES} bytes.`,
  too_common:
    'The password is one of those that are guessed first. Choose another; three or four unrelated words work.',
  too_regular: 'The password is a run of neighbouring keys, a sequence or a repetition. Choose one without a pattern.',
  too_personal:
    'The password is built from your e-mail address, your name or your organization. Choose an unrelated one.',
};

/**
 * Says why a new password is not good enough, or returns null when it is.
 * Works offline. Checked are length (characters as people count them, after NFKC), the well-known common passwords in
 * the spellings guessers try (case, letter substitutions, appended digits, years and punctuation), keyboard walks,
 * sequences, repetitions, dates, and words an attacker knows about the account. No composition rules
 * (NIST SP 800-63B 3.1.1.2).
 */
export function passwordProblem(password: string, context: PasswordContext = {}): PasswordProblem | null {
  const normal = password.normalize('NFKC');
  const problem = (code: PasswordProblemCode): PasswordProblem => ({ code, message: MESSAGES[code] });

  if ([...normal].length < MIN_PASSWORD_CHARACTERS) return problem('too_short');
  if (Buffer.byteLength(normal, 'utf8') > MAX_PASSWORD_BYTES) return problem('too_long');
  const spellings = stems(normal);
  const personal = personalWords(context);
  if (spellings.some((spelling) => consistsOf(spelling, personal))) return problem('too_personal');
  if (isRegular(normal.toLowerCase())) return problem('too_regular');
  if (spellings.some((spelling) => isCommon(spelling))) return problem('too_common');
  return null;
}

const SUBSTITUTIONS: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'l',
  '€': 'e',
};

/** The letters that remain when what people put around and inside a common word is taken away, in every reading. */
function stems(password: string): string[] {
  const lower = password.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
  const bare = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const trailing = lower.replace(/[\d\p{P}\p{S}]+$/u, '');
  const readings = [lower, bare, trailing].flatMap((text) => {
    const folded = text.replace(/[013457@$!|€]/g, (sign) => SUBSTITUTIONS[sign]!);
    return [text, folded, folded.replace(/i/g, 'l'), text.replace(/1/g, 'l').replace(/0/g, 'o')];
  });
  return [...new Set(readings.map((text) => text.replace(/[^\p{L}]/gu, '')))].filter((text) => text !== '');
}

function isCommon(spelling: string): boolean {
  if (COMMON_STEMS.has(spelling)) return true;
  const half = spelling.length / 2;
  return (
    Number.isInteger(half) && spelling.slice(0, half) === spelling.slice(half) && isCommon(spelling.slice(0, half))
  );
}

/** Whether all but three characters lie on runs of neighbouring keys, of an alphabet, of digits or of one character. */
function isRegular(lower: string): boolean {
  if (/^(.{1,4})\1+.{0,3}$/u.test(lower)) return true;
  if (/^\d{1,4}[-./ ]?\d{1,2}[-./ ]?\d{1,4}$/.test(lower)) return true;
  const solid = lower.replace(/[^\p{L}\d]/gu, '');
  const text = solid.length * 2 >= lower.length ? solid : lower;
  return text.length - coveredByRuns(text) <= 3;
}

/** How many characters of a text lie on runs of neighbouring keys, taking the longest run at each place. */
function coveredByRuns(text: string): number {
  let covered = 0;
  let at = 0;
  while (at < text.length) {
    const run = longestRun(text, at);
    covered += run;
    at += Math.max(run, 1);
  }
  return covered;
}

const SHORTEST_RUN = 4;
const RUNS = KEYBOARD_ROWS.flatMap((row) => [row, [...row].reverse().join('')]);

function longestRun(text: string, at: number): number {
  let longest = /^(.)\1*/u.exec(text.slice(at))?.[0].length ?? 0;
  for (const row of RUNS) {
    let length = SHORTEST_RUN;
    while (at + length <= text.length && row.includes(text.slice(at, at + length))) length += 1;
    longest = Math.max(longest, length - 1);
  }
  return longest >= SHORTEST_RUN ? longest : 0;
}

function personalWords(context: PasswordContext): string[] {
  const [local = '', domain = ''] = (context.email ?? '').split('@');
  const parts = [local, local.split('+')[0]!, ...local.split(/[.+_-]/), ...domain.split('.').slice(0, -1)];
  const words = (context.words ?? []).flatMap((word) => [word, ...word.split(/\s+/)]);
  const letters = [...parts, ...words].map((word) =>
    word
      .toLowerCase()
      .normalize('NFD')
      .replace(/\p{M}/gu, '')
      .replace(/[^\p{L}]/gu, ''),
  );
  return [...new Set(letters)].filter((word) => word.length >= 3).sort((a, b) => b.length - a.length);
}

/** Whether a spelling is nothing but known words, at most three letters aside. */
function consistsOf(spelling: string, words: readonly string[]): boolean {
  let rest = spelling;
  for (const word of words) rest = rest.replaceAll(word, ' ');
  return rest !== spelling && rest.replaceAll(' ', '').length <= 3;
}
