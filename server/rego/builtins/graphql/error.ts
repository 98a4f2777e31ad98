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

/** The text of errors found together; the place of the first stands at the end. */
export function errorText(errors: readonly GraphqlError[]): string {
  const [first, ...others] = errors as [GraphqlError, ...GraphqlError[]];
  const located = ({ position, message }: GraphqlError) =>
    position ? `input:${position.line}:${position.column}: ${message}` : `input: ${message}`;
  if (!first.position) return `GraphQL parse error: ${errors.map(located).join('\n')}`;
  const text = [first.message, ...others.map(located)].join('\n').replace(/\.$/, '');
  return `${text} in GraphQL string at location ${first.position.line}:${first.position.column}`;
}
