import { type DomainError, invalid } from '../../kernel/errors.ts';
import {
  type CheckResult,
  checkPolicyDocument,
  checkPolicyValue,
  type DocumentFormat,
  type PolicyDocument,
  type Problem,
  SETTING_NAMES,
  type ValidateOptions,
} from '../../policy/document/index.ts';
import { readJson } from '../../policy/document/read-json.ts';
import type { SourceFormat } from './schema.ts';

/** A policy document as it came in a request, not yet judged. */
export interface DocumentInput {
  /** The text to keep: as written, or the JSON of the body with indents. */
  readonly source: string;
  /**
   * Judges the document. Problems of a text have pointers, lines and columns of that text; those of a JSON body have
   * the body's.
   */
  check(options: ValidateOptions): CheckResult & { format: SourceFormat };
  /**
   * Present where the body holds members of a document rather than a whole one: the document with these members in the
   * place of its own, for changes. Settings that the body does not name stay, so that nothing becomes laxer unsaid.
   */
  onto?(base: PolicyDocument): DocumentInput;
}

/** A request body that may hold a document. */
export interface DocumentBody {
  readonly body: Readonly<Record<string, unknown>>;
  /** The bytes it was read from, for lines and columns. */
  readonly rawBody?: Buffer | null;
  /** Members that are no part of a document; those of a policy when not given. */
  readonly others?: readonly string[];
}

const BARE_KEYS: readonly string[] = ['version', 'rules', 'settings', 'dlp_rules', ...SETTING_NAMES, 'tamper_behavior'];

/** Members of a body that are the policy's own and no part of its document. */
export const POLICY_KEYS: readonly string[] = [
  'name',
  'description',
  'priority',
  'status',
  'note',
  'if_version',
  'accept_older_sdk_impact',
];

/**
 * Finds the document of a body: `document` (object or text), `yaml` (text), or the document's own members beside the
 * policy's. Answers null when there is none; throws 400 when there are several.
 */
export function documentIn({ body, rawBody = null, others = POLICY_KEYS }: DocumentBody): DocumentInput | null {
  const bare = BARE_KEYS.filter((key) => Object.hasOwn(body, key));
  const found = [
    ...(Object.hasOwn(body, 'document') ? ['document'] : []),
    ...(Object.hasOwn(body, 'yaml') ? ['yaml'] : []),
    ...(bare.length > 0 ? [bare[0]!] : []),
  ];
  if (found.length > 1) {
    throw invalid(
      `The body holds more than one policy document (${found.join(' and ')}). Send "document", "yaml" or the document's own members, one of them.`,
    );
  }
  if (Object.hasOwn(body, 'yaml')) return textInput(body.yaml, 'yaml');
  if (Object.hasOwn(body, 'document')) {
    const { document } = body;
    return typeof document === 'string' ? textInput(document, 'auto') : valueInput(document, '/document', rawBody);
  }
  return bare.length === 0 ? null : bareInput(bareDocument(body, others), rawBody);
}

/** As `documentIn`, where a body without a document makes no sense: 400 then. */
export function requiredDocument(request: DocumentBody): DocumentInput {
  const input = documentIn(request);
  if (input !== null) return input;
  throw noDocument();
}

export function noDocument(): DomainError {
  return invalid('The body holds no policy document. Send it as "document" or "yaml", or its own members ("rules").');
}

function textInput(text: unknown, format: DocumentFormat): DocumentInput {
  if (typeof text !== 'string') {
    throw invalid(
      `The document has to be an object or a text, and "yaml" a text, not ${text === null ? 'null' : typeof text}.`,
    );
  }
  return {
    source: text,
    check: (options) => {
      const kept = format === 'auto' ? formatOf(text) : format;
      return { ...checkPolicyDocument(text, kept, options), format: kept };
    },
  };
}

function valueInput(value: unknown, place: string, rawBody: Buffer | null): DocumentInput {
  return {
    source: JSON.stringify(value, null, 2),
    check: (options) => {
      const checked = checkPolicyValue(value, options);
      return { ...checked, problems: placed(checked.problems, place, rawBody), format: 'json' };
    },
  };
}

function bareInput(members: Record<string, unknown>, rawBody: Buffer | null): DocumentInput {
  return {
    ...valueInput({ version: '1', ...members }, '', rawBody),
    onto: (base) => valueInput(merged(base, members), '', rawBody),
  };
}

function merged(base: PolicyDocument, members: Record<string, unknown>): Record<string, unknown> {
  const settings = Object.entries(base.settings ?? {}).filter(([name]) => !Object.hasOwn(members, name));
  const named = members.settings;
  const isObject = typeof named === 'object' && named !== null && !Array.isArray(named);
  const kept = Object.fromEntries(settings);
  if (Object.hasOwn(members, 'tamper_behavior')) delete kept.default_on_tamper;
  return { ...base, ...members, settings: isObject || named === undefined ? { ...kept, ...named } : named };
}

/** Leads from the document to the body that holds it; the lines are looked up only where there is something to say. */
function placed(problems: Problem[], place: string, rawBody: Buffer | null): Problem[] {
  if (problems.length === 0) return problems;
  const { sourceMap } = readJson(rawBody?.toString('utf8') ?? '');
  return problems.map((problem) => {
    const path = `${place}${problem.path}`;
    const { position } = sourceMap.locate(path);
    return { ...problem, path, ...position };
  });
}

/** What the body says about the document, unknown members included: the document's reader judges them. */
function bareDocument(body: Readonly<Record<string, unknown>>, others: readonly string[]): Record<string, unknown> {
  const members = Object.entries(body).filter(([key]) => !others.includes(key));
  return Object.fromEntries(members);
}

function formatOf(text: string): SourceFormat {
  return /^\s*\{\s*["}]/.test(text) ? 'json' : 'yaml';
}
