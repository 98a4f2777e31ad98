import { EvaluationFault } from './policy-error.ts';
import { strip, words } from './python-text.ts';

/**
 * Cuts a command line into the commands it runs: first the bodies of `$(…)` (nested) and back-ticks, each cut up in
 * turn, then the rest, split at `;`, `&&`, `||` and `|`. Quotes are not understood, so quoted separators split too.
 * @throws EvaluationFault for substitutions nested too deeply
 */
export function shellSegments(line: string): string[] {
  return segmentsAt(line, 0);
}

/** The SDK's own language gives up at about this nesting. */
const deepestNesting = 900;

function segmentsAt(line: string, depth: number): string[] {
  if (depth > deepestNesting)
    throw new EvaluationFault(`a command line is nested more than ${deepestNesting} levels deep`);
  const segments: string[] = [];
  let outer = '';
  let at = 0;
  for (let next = nextSubstitution(line, 0); next < line.length; next = nextSubstitution(line, at)) {
    const isDollar = line[next] === '$';
    const start = next + (isDollar ? 2 : 1);
    const end = isDollar ? substitutionEnd(line, start) : endOf(line.indexOf('`', start), line);
    for (const segment of segmentsAt(line.slice(start, end), depth + 1)) segments.push(segment);
    outer += `${line.slice(at, next)} `;
    at = end + 1;
  }
  outer += line.slice(at);
  for (const piece of outer.split(/\|\||&&|;|\|/)) if (strip(piece) !== '') segments.push(piece);
  return segments;
}

function nextSubstitution(line: string, from: number): number {
  return Math.min(endOf(line.indexOf('$(', from), line), endOf(line.indexOf('`', from), line));
}

/** Only `$(` opens a level, but every `)` closes one. */
function substitutionEnd(line: string, start: number): number {
  let depth = 1;
  for (let at = start; at < line.length; at += 1) {
    if (line.startsWith('$(', at)) {
      depth += 1;
      at += 1;
    } else if (line[at] === ')') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return line.length;
}

function endOf(found: number, line: string): number {
  return found < 0 ? line.length : found;
}

/** The words of a segment after leading `NAME=value` settings. */
export function commandWords(segment: string): string[] {
  const all = words(segment);
  const start = all.findIndex((word) => !isAssignment(word));
  return start < 0 ? [] : all.slice(start);
}

/** True for `NAME=value`. */
export function isAssignment(word: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_]*=/u.test(word);
}

/** The program a word names: what follows its last `/`. */
export function programName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}

/** The program a word names, in lower case. */
export function foldedProgramName(word: string): string {
  return programName(word).toLowerCase();
}

/** Removes one pair of equal quotes around a text. */
export function unquoted(text: string): string {
  const stripped = strip(text);
  const first = stripped[0];
  const isQuoted = stripped.length >= 2 && (first === '"' || first === "'") && stripped.endsWith(first);
  return isQuoted ? stripped.slice(1, -1) : stripped;
}

/**
 * True when a segment sends output into a file: `>` or `>>` with something other than `&` behind it.
 * Arrows (`->`, `=>`, `<>`) and comparisons inside `[[ ]]` and `(( ))` are none.
 */
export function redirectsToFile(segment: string): boolean {
  let depth = 0;
  for (let at = 0; at < segment.length; at += 1) {
    const pair = segment.slice(at, at + 2);
    if (pair === '[[' || pair === '((') {
      depth += 1;
      at += 1;
    } else if (pair === ']]' || pair === '))') {
      depth = Math.max(0, depth - 1);
      at += 1;
    } else if (segment[at] === '>' && depth === 0 && !'-=<'.includes(segment[at - 1] ?? ' ')) {
      const target = /^>?[ \t]*/.exec(segment.slice(at + 1))?.[0].length ?? 0;
      const next = at + 1 + target;
      if (next < segment.length && segment[next] !== '&') return true;
      at = next - 1;
    }
  }
  return false;
}

const programsByDanger = (
  'rm dd mkfs fdisk shred shutdown reboot halt kill killall pkill curl wget nc ncat ssh scp rsync sftp ftp tar zip ' +
  'unzip chmod chown su sudo useradd usermod passwd crontab psql mysql mongosh redis-cli clickhouse-client docker ' +
  'kubectl terraform python python3 node ruby perl php java bash sh zsh fish git gh aws gcloud azure echo cat ls pwd ' +
  'cd mkdir touch date'
).split(' ');
const dangerRank = new Map(programsByDanger.map((program, rank) => [program, rank]));

/**
 * The most dangerous program a command line runs, or its first program when none is known.
 * @returns undefined for a blank line
 */
export function shellCommand(line: string): string | undefined {
  const programs = shellSegments(line).map((segment) => programName(words(segment)[0] ?? ''));
  let best: string | undefined;
  for (const program of programs) {
    const rank = dangerRank.get(program);
    if (rank !== undefined && (best === undefined || rank < (dangerRank.get(best) as number))) best = program;
  }
  return best ?? (programs[0] || undefined);
}
