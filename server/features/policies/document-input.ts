import { invalid } from '../../kernel/errors.ts';
import {
  type CheckResult,
  checkPolicyDocument,
  checkPolicyValue,
  type DocumentFormat,
  SETTING_NAMES,
  type ValidateOptions,
} from '../../policy/document/index.ts';
import type { SourceFormat } from './schema.ts';

/** A policy document as it came in a request, not yet judged. */
export interface DocumentInput {
  /** Where it stands in the body, as a JSON pointer; empty for a body that is the document itself. */
  readonly place: string;
  /** The text to keep: as written, or the JSON of the body with indents. */
  readonly source: string;
  check(options: ValidateOptions): CheckResult & { format: SourceFormat };
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
 *
 * @param others members of the body that are no part of a document.
 */
export function documentIn(
  body: Readonly<Record<string, unknown>>,
  others: readonly string[] = POLICY_KEYS,
): DocumentInput | null {
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
  if (Object.hasOwn(body, 'yaml')) return textInput(body.yaml, '/yaml', 'yaml');
  if (Object.hasOwn(body, 'document')) {
    const { document } = body;
    return typeof document === 'string' ? textInput(document, '/document', 'auto') : valueInput(document, '/document');
  }
  return bare.length === 0 ? null : valueInput(bareDocument(body, others), '');
}

/** As `documentIn`, where a body without a document makes no sense: 400 then. */
export function requiredDocument(body: Readonly<Record<string, unknown>>): DocumentInput {
  const input = documentIn(body);
  if (input !== null) return input;
  throw invalid('The body holds no policy document. Send it as "document" or "yaml", or its own members ("rules").');
}

/** A document from a text, such as a file of the command line. */
export function textInput(text: unknown, place: string, format: DocumentFormat): DocumentInput {
  if (typeof text !== 'string') {
    throw invalid(`${place.slice(1)} has to be the text of a policy document, not ${typeof text}.`);
  }
  return {
    place,
    source: text,
    check: (options) => {
      const kept = format === 'auto' ? formatOf(text) : format;
      return { ...checkPolicyDocument(text, kept, options), format: kept };
    },
  };
}

function valueInput(value: unknown, place: string): DocumentInput {
  return {
    place,
    source: JSON.stringify(value, null, 2) ?? 'null',
    check: (options) => ({ ...checkPolicyValue(value, options), format: 'json' }),
  };
}

/** What the body says about the document, unknown members included: the document's reader judges them. */
function bareDocument(body: Readonly<Record<string, unknown>>, others: readonly string[]): Record<string, unknown> {
  const members = Object.entries(body).filter(([key]) => !others.includes(key));
  const document = Object.fromEntries(members);
  return Object.hasOwn(document, 'version') ? document : { version: '1', ...document };
}

function formatOf(text: string): SourceFormat {
  return /^\s*\{\s*["}]/.test(text) ? 'json' : 'yaml';
}
