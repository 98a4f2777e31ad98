/** The hooks of a route as a list, however Fastify was given them: none, one or several. */
export function listOf<T>(hooks: T | T[] | undefined): T[] {
  return hooks === undefined ? [] : Array.isArray(hooks) ? hooks : [hooks];
}
