import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type TestAppliance } from '../harness.ts';
import { nameOf } from './route-table.ts';

let appliance: TestAppliance;
beforeAll(async () => {
  appliance = await startAppliance();
});
afterAll(() => appliance.discard());

type Schema = Record<string, unknown>;

/** The places of a request schema where a string or a list has no bound. */
function unbounded(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const {
    type,
    maxLength,
    enum: words,
    const: constant,
    maxItems,
    properties,
    items,
    additionalProperties,
    anyOf,
    allOf,
    oneOf,
  } = schema as Schema;
  const found: string[] = [];
  if (type === 'string' && maxLength === undefined && words === undefined && constant === undefined)
    found.push(`${path} (string)`);
  if (type === 'array' && maxItems === undefined) found.push(`${path} (list)`);
  for (const [name, child] of Object.entries((properties as Schema | undefined) ?? {}))
    found.push(...unbounded(child, `${path}/${name}`));
  found.push(...unbounded(items, `${path}[]`), ...unbounded(additionalProperties, `${path}/*`));
  for (const list of [anyOf, allOf, oneOf])
    for (const child of (list as unknown[] | undefined) ?? []) found.push(...unbounded(child, path));
  return found;
}

describe('every route', () => {
  it('bounds each string and list of its request', () => {
    const found = appliance.kernel.routes.flatMap((route) =>
      (['body', 'querystring', 'params'] as const).flatMap((part) =>
        unbounded(route.schema[part], `${nameOf(route)} ${part}`),
      ),
    );
    expect(found).toEqual([]);
  });

  it('says what it does in its summary', () => {
    const api = appliance.kernel.routes.filter((route) => !route.path.startsWith('/ui/'));
    const silent = api.filter((route) => typeof (route.schema as Schema).summary !== 'string');
    expect(silent.map(nameOf)).toEqual([]);
  });

  it('that changes something names its activity or says why it has none', () => {
    const silent = appliance.kernel.routes.filter(
      (route) => route.method !== 'GET' && route.config.activity === undefined,
    );
    expect(silent.map(nameOf)).toEqual([]);
  });
});
