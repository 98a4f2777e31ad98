import type { Position } from './ast.ts';

/** A document breaks a rule of GraphQL at a position, which trees from policies do not have. */
export class GraphqlError extends Error {
  override readonly name = 'GraphqlError';
  readonly position: Position | undefined;

  constructor(message: string, position: Position | undefined) {
    super(message);
    this.position = position;
  }
}

/** The text of an error with its place in front. */
export function located({ position, message }: GraphqlError): string {
  return position ? `input:${position.line}:${position.column}: ${message}` : `input: ${message}`;
}

function withPlace(text: string, { position }: GraphqlError): string {
  return `${text} in GraphQL string at location ${position?.line}:${position?.column}`;
}

/** The text of one error. */
export function errorText(error: GraphqlError): string {
  return error.position ? withPlace(error.message, error) : `GraphQL parse error: ${located(error)}`;
}

/** The text of all errors of a check, a line each; the place of the first stands at the end. */
export function errorsText(errors: readonly [GraphqlError, ...GraphqlError[]]): string {
  const [first, ...others] = errors;
  if (!first.position) return `GraphQL parse error: ${errors.map(located).join('\n')}`;
  const text = [first.message, ...others.map(located), ''].join('\n').replace(/\.\n$/, '');
  return withPlace(text, first);
}
