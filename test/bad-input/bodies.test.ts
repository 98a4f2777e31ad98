import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../server/kernel/clock.ts';
import type { RouteRecord } from '../../server/kernel/kernel.ts';
import { nameOf } from '../guards/route-table.ts';
import { startAppliance } from '../harness.ts';
import { faultOf } from './refusal.ts';
import { changedBy, furnish, type RawRequest, sendTo, type World } from './world.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const json = (body: string | Buffer): RawRequest => ({ body, headers: JSON_TYPE });
const typed = (type: string): RawRequest => ({ body: '{}', headers: { 'content-type': type } });

/** Bodies that no strict reader takes, whatever the route wants. */
const UNREADABLE: Record<string, RawRequest> = {
  'bytes that are no UTF-8': json(Buffer.from([...Buffer.from('{"name":"'), 0xff, 0xfe, ...Buffer.from('"}')])),
  'an overlong form of UTF-8': json(Buffer.from([...Buffer.from('{"name":"'), 0xc0, 0xaf, ...Buffer.from('"}')])),
  'a surrogate in UTF-8': json(Buffer.from([...Buffer.from('{"name":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')])),
  'UTF-16': json(Buffer.from('{"name":"x"}', 'utf16le')),
  'a body that ends too early': json('{"name":"x'),
  'text after the value': json('{"name":"x"} {}'),
  NaN: json('{"name":NaN}'),
  Infinity: json('{"name":-Infinity}'),
  'a key twice': json('{"name":"x","name":"y"}'),
  'a key twice, once escaped': json('{"name":"x","n\\u0061me":"y"}'),
  'ten thousand lists': json(`{"name":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
  'ten thousand objects without an end': json('{"name":'.repeat(10_000)),
  'an integer that no double holds': json('{"name":9007199254740993}'),
  'a number beyond all doubles': json('{"name":1e999}'),
  'a byte order mark': json(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{"name":"x"}')])),
  'a raw NUL': json('{"name":"x\0"}'),
  'an escaped NUL': json('{"name":"x\\u0000"}'),
  'half of a surrogate pair, escaped': json('{"name":"\\ud800"}'),
  'half of a surrogate pair as a key': json('{"\\udc00":"x"}'),
  'a trailing comma': json('{"name":"x",}'),
  'a comment': json('{/* x */"name":"x"}'),
  'a number with a leading zero': json('{"name":01}'),
  'plain text': typed('text/plain'),
  XML: typed('application/xml'),
  'a form with files': typed('multipart/form-data; boundary=x'),
  'a content type that is none': typed('json'),
  'a length shorter than the body': { body: '{"name":"x"}', headers: { ...JSON_TYPE, 'content-length': '5' } },
  'a length longer than the body': { body: '{"name":"x"}', headers: { ...JSON_TYPE, 'content-length': '500' } },
};

/** Values that are JSON, but that no object schema takes. */
const NO_OBJECT: Record<string, RawRequest> = {
  'a list': json('[]'),
  'a list of objects': json('[{}]'),
  'a text': json('"name"'),
  'a number': json('1'),
  true: json('true'),
  'a __proto__ of its own': json('{"__proto__":{"isAdmin":true}}'),
  'a constructor of its own': json('{"constructor":{"prototype":{"isAdmin":true}}}'),
};

type Schema = { type?: string; required?: string[]; additionalProperties?: unknown; anyOf?: Schema[] };

describe('the body of a request', () => {
  let world: World;
  let changing: RouteRecord[];
  beforeAll(async () => {
    world = await furnish(await startAppliance({ clock: manualClock() }));
    changing = world.appliance.kernel.routes.filter((route) => route.method !== 'GET');
  });
  afterAll(() => world?.appliance.discard());

  /** Sends every body to every route, and lists what was not refused as it should be, or changed something. */
  async function wrongly(
    routes: RouteRecord[],
    requests: Record<string, RawRequest>,
    status?: number,
  ): Promise<string[]> {
    expect(routes.length).toBeGreaterThan(0);
    const wrong: string[] = [];
    const changed = await changedBy(world, async () => {
      for (const route of routes) {
        for (const [what, request] of Object.entries(requests)) {
          const answer = await sendTo(world, route, request);
          const fault = faultOf(route, answer);
          if (fault !== null) wrong.push(`${nameOf(route)}, ${what}: ${fault}`);
          else if (status !== undefined && answer.statusCode !== status)
            wrong.push(`${nameOf(route)}, ${what}: ${answer.statusCode} instead of ${status}`);
        }
      }
    });
    wrong.push(...changed.map((place) => `something changed ${place}`));
    return wrong;
  }

  const strict = () => changing.filter((route) => (route.config.reading ?? 'strict') === 'strict');
  const withSchema = () => strict().filter((route) => route.schema.body !== undefined);

  it('is refused when it is no acceptable JSON, on every route that reads strictly', async () => {
    expect(await wrongly(strict(), UNREADABLE)).toEqual([]);
  });

  it('is refused when it is no object, or has members that every object has', async () => {
    const closed = withSchema().filter((route) => (route.schema.body as Schema).additionalProperties === false);
    expect(closed.length).toBeGreaterThan(50);
    expect(await wrongly(closed, NO_OBJECT)).toEqual([]);
  });

  it('is refused when it is empty and something is required', async () => {
    const demanding = withSchema().filter((route) => ((route.schema.body as Schema).required ?? []).length > 0);
    const nothing = { 'no body': {}, 'an empty body': json(''), blanks: json(' \n'), 'an empty object': json('{}') };
    expect(await wrongly(demanding, nothing)).toEqual([]);
  });

  it('is refused by its announced length when that is beyond the limit', async () => {
    for (const [limit, ofOperator] of [
      [1_048_576, false],
      [16 * 1_048_576, true],
    ] as const) {
      const routes = strict().filter((route) => (route.contract === 'operator') === ofOperator);
      const headers = { ...JSON_TYPE, 'content-length': String(limit + 1) };
      expect(await wrongly(routes, { 'one byte too many': { body: '{}', headers } }, 413)).toEqual([]);
    }
  });
});
