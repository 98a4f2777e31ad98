import type { DraftDocument, PolicyDocument } from './document.ts';
import { LIMITS } from './limits.ts';
import { type Problem, ProblemList } from './problem.ts';
import { type Reading, readJson } from './read-json.ts';
import { readYaml } from './read-yaml.ts';
import { shapeDocument } from './shape.ts';
import { SourceMap } from './source-map.ts';
import { decodeSource } from './source-text.ts';

export type DocumentFormat = 'yaml' | 'json' | 'auto';

/** A document that could be read, with the warnings of reading it; or every reason why it could not. */
export type ParseResult =
  | { ok: true; document: PolicyDocument; sourceMap: SourceMap; problems: Problem[] }
  | { ok: false; problems: Problem[] };

/** What is known after reading, also of a document with errors; `problems` still takes what is found afterwards. */
export type DraftReading = {
  draft: DraftDocument;
  sourceMap: SourceMap;
  readProblems: Problem[];
  problems: ProblemList;
};

/**
 * Reads the text of an author document (YAML or JSON) into its canonical shape.
 *
 * Guarantees: at most 1 MiB, valid UTF-8, no duplicate keys, anchors, aliases, tags, NaN or several documents, bounded
 * depth, texts and lists; every key is known and every value has its type. What the rules mean is judged by
 * `validatePolicyDocument`. Never throws; all problems come at once, each with pointer, line and column.
 *
 * @param format `auto` takes a text that begins like a JSON object for JSON, any other for YAML.
 */
export function parsePolicyDocument(input: string | Uint8Array, format: DocumentFormat = 'auto'): ParseResult {
  return finish(readDraft(input, format));
}

/**
 * Brings an already parsed JSON object, such as an HTTP body, into the canonical shape.
 * Same guarantees as `parsePolicyDocument`; problems have pointers but no lines.
 */
export function parsePolicyValue(value: unknown): ParseResult {
  return finish(readDraftValue(value));
}

/** Reads a text as far as it goes, for judging rules and reading problems in one run. */
export function readDraft(input: string | Uint8Array, format: DocumentFormat): DraftReading {
  const reading = readSource(input, format);
  if (reading.value === undefined) return unreadable(reading.problems);
  const problems = new ProblemList(reading.sourceMap);
  const draft = shapeDocument(reading.value, reading.sourceMap, problems);
  return { draft, sourceMap: reading.sourceMap, readProblems: reading.problems, problems };
}

/** Reads the text of any document strictly, without asking what it says; the value is undefined if that fails. */
export function readSource(input: string | Uint8Array, format: DocumentFormat): Reading {
  const source = decodeSource(input);
  if ('problem' in source) return { value: undefined, sourceMap: new SourceMap(), problems: [source.problem] };
  const json = format === 'json' || (format === 'auto' && /^\s*(?:\{\s*["}]|\[\s*[{\]])/.test(source.text));
  return json ? readJson(source.text) : readYaml(source.text);
}

/** The same for an already parsed JSON object. */
export function readDraftValue(value: unknown): DraftReading {
  const deep = tooDeep(value);
  if (deep) return unreadable([deep]);
  const sourceMap = new SourceMap();
  const problems = new ProblemList(sourceMap);
  return { draft: shapeDocument(value, sourceMap, problems), sourceMap, readProblems: [], problems };
}

/** All problems of a reading in the order of the source. */
export function allProblems(reading: DraftReading): Problem[] {
  const seen = [...reading.readProblems, ...reading.problems.sorted()];
  return seen.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

/** The whole document of a reading without errors. */
export function wholeDocument(draft: DraftDocument): PolicyDocument {
  const rules = draft.rules.filter((rule) => rule !== null);
  const dlpRules = draft.dlp_rules.filter((rule) => rule !== null);
  return {
    version: '1',
    ...(Object.keys(draft.settings).length > 0 && { settings: draft.settings }),
    rules,
    ...(dlpRules.length > 0 && { dlp_rules: dlpRules }),
  };
}

function finish(reading: DraftReading): ParseResult {
  const problems = allProblems(reading);
  if (problems.some((problem) => problem.severity === 'error')) return { ok: false, problems };
  return { ok: true, document: wholeDocument(reading.draft), sourceMap: reading.sourceMap, problems };
}

function unreadable(readProblems: Problem[]): DraftReading {
  const sourceMap = new SourceMap();
  const draft = { settings: {}, rules: [], dlp_rules: [] };
  return { draft, sourceMap, readProblems, problems: new ProblemList(sourceMap) };
}

function tooDeep(value: unknown): Problem | undefined {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > LIMITS.depth) {
      const message = `The document is nested deeper than ${LIMITS.depth} levels.`;
      return { severity: 'error', code: 'too_deep', message, path: '' };
    }
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
    if (level.length > LIMITS.documentBytes) {
      const message = 'The document has too many parts. Split it into several policies.';
      return { severity: 'error', code: 'document_too_large', message, path: '' };
    }
  }
  return undefined;
}
