import { type DomainError, type ErrorDetail, invalid, unprocessable } from '../../kernel/errors.ts';
import type { Problem } from '../../policy/document/index.ts';
import type { DocumentInput } from './document-input.ts';

/** Reasons why a text is no document at all; whatever else is wrong is wrong with its meaning. */
const UNREADABLE = new Set([
  'not_utf8',
  'lone_surrogate',
  'control_character',
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
export function refusedDocument(problems: readonly Problem[], input: Pick<DocumentInput, 'place'>): DomainError {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const first = errors[0] ?? problems[0];
  if (first === undefined) throw new Error('a document without problems was refused');
  const more = errors.length > 1 ? ` ${errors.length - 1} more in details.` : '';
  const message = `The policy was not saved. ${whereOf(first)}${first.message}${more}`;
  const details = problems.map((problem) => detailOf(problem, input.place));
  return UNREADABLE.has(first.code) && first.line !== undefined
    ? invalid(message, { reason: first.code, details })
    : unprocessable('POLICY_INVALID', message, { reason: first.code, details });
}

/** A problem as replies carry it: the pointer leads into the body, or into the text where there is a line. */
export function problemView(problem: Problem, place: string) {
  const { severity, code, message, line, column, suggestion, fix } = problem;
  return {
    severity,
    code,
    message,
    path: pointerOf(problem, place),
    line: line ?? null,
    column: column ?? null,
    suggestion: suggestion ?? null,
    fix: fix ?? null,
  };
}

export type ProblemView = ReturnType<typeof problemView>;

function detailOf(problem: Problem, place: string): ErrorDetail & Partial<Problem> {
  return { ...problem, path: pointerOf(problem, place) };
}

function pointerOf(problem: Problem, place: string): string {
  return problem.line === undefined ? `${place}${problem.path}` : problem.path;
}

function whereOf({ line, column, path }: Problem): string {
  if (line !== undefined) return `Line ${line}, column ${column}: `;
  return path === '' ? '' : `${path}: `;
}
