/**
 * JSON text with the keys of every object in the order of their UTF-16 code units and no white space, so that equal
 * values give equal bytes. Keys whose value is undefined are left out.
 *
 * @param indent spaces per level, for people; 0 for bytes that are compared or signed.
 */
export function canonicalJson(value: unknown, indent = 0): string {
  return JSON.stringify(sortKeys(value), null, indent);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const sorted: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value).sort()) sorted[key] = sortKeys((value as Record<string, unknown>)[key]);
  return sorted;
}
