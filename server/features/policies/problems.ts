import { type DomainError, invalid, unprocessable } from '../../kernel/errors.ts';
import type { Problem } from '../../policy/document/index.ts';

/** Reasons why a text is no document at all; whatever else is wrong is wrong with its meaning. */
const UNREADABLE = new Set([
  'not_utf8',
  'document_too_large',
  'too_deep',
  'empty_document',
  'several_documents',
  'yaml_syntax',
  'yaml_directive',
  'json_syntax',
  'duplicate_key',
]);

/**
 * The refusal of a document: 400 when it cannot be read, 422 when its meaning is refused. The message holds the first
 * problem; `details` hold all of them with pointer, line, column and suggestion. (Publish-time validation: facts 6.6.)
 */
export function refusedDocument(problems: readonly Problem[]): DomainError {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const first = errors[0];
  if (first === undefined) throw new Error('a document without errors was refused');
  const more = errors.length > 1 ? ` ${errors.length - 1} more in details.` : '';
  const message = `The policy was not saved. ${whereOf(first)}${first.message}${more}`;
  const facts = { reason: first.code, details: problems };
  return UNREADABLE.has(first.code) ? invalid(message, facts) : unprocessable('POLICY_INVALID', message, facts);
}

/** A problem as replies carry it; absent members are null. */
export function problemView({ severity, code, message, path, line, column, suggestion, fix }: Problem) {
  return {
    severity,
    code,
    message,
    path,
    line: line ?? null,
    column: column ?? null,
    suggestion: suggestion ?? null,
    fix: fix ?? null,
  };
}

export type ProblemView = ReturnType<typeof problemView>;

function whereOf({ line, column, path }: Problem): string {
  if (line !== undefined) return `Line ${line}, column ${column}: `;
  return path === '' ? '' : `${path}: `;
}
