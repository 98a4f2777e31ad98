import { beforeAll, expect, it } from 'vitest';
import { manualClock } from '../../server/kernel/clock.ts';
import type { RouteRecord } from '../../server/kernel/kernel.ts';
import { describeEachAppliance } from '../each-appliance.ts';
import { nameOf, UNKNOWN_ID } from '../guards/route-table.ts';
import { faultOf } from './refusal.ts';
import { sampleOf } from './sample.ts';
import { changedBy, furnish, pathIn, sendTo, type World } from './world.ts';

/** As they stand in a URL. */
const PATH_VALUES = {
  NUL: '%00',
  'NUL at the end': 'x%00',
  'a byte that is no UTF-8': '%ff',
  'a surrogate in UTF-8': '%ed%a0%80',
  'half an escape': '%',
  'an escape that is none': '%zz',
  'the way up': '..%2f..%2fetc%2fpasswd',
  'the way up, backwards': '..%5c..%5c',
  '500 characters': 'a'.repeat(500),
  '5,000 characters': 'a'.repeat(5000),
  'an emoji': '%F0%9F%98%80',
  quotes: "'%20OR%20'1'='1",
  blanks: '%20%20',
  'a line break': 'a%0d%0ax-injected:%201',
  'a __proto__': '__proto__',
  'a number without end': '9'.repeat(40),
  'a negative number': '-1',
  'a fraction': '1.5',
};

const QUERY_VALUES = {
  NUL: '%00',
  'a byte that is no UTF-8': '%ff',
  'half an escape': '%',
  '5,000 characters': 'a'.repeat(5000),
  'an emoji': '%F0%9F%98%80',
  quotes: "'%20OR%20'1'='1",
  nothing: '',
  'a negative number': '-1',
  'beyond all doubles': '1e999',
  'an integer that no double holds': '9007199254740993',
  'an object': '{"$ne":null}',
  'a wildcard': '%25',
  'a time that is none': '2026-13-45T99:99:99Z',
  'a year of five digits': '99999-01-01T00:00:00Z',
};

/** Queries that concern no single parameter. */
const QUERIES = [
  ['an unknown parameter', 'no_such_parameter=1'],
  ['__proto__', '__proto__=1&__proto__[x]=1&constructor=2'],
  ['signs without a meaning', '&&==&=&%'],
  ['a thousand parameters', 'limit=1&'.repeat(1000)],
];

interface Properties {
  properties?: Record<string, unknown>;
}

describeEachAppliance((open) => {
  let world: World;
  let routes: readonly RouteRecord[];
  beforeAll(async () => {
    world = await furnish(await open({ clock: manualClock() }));
    ({ routes } = world.appliance.kernel);
  });

  const parametersOf = (route: RouteRecord) => [...route.path.matchAll(/:([A-Za-z_]+)/g)].map(([, name]) => name!);

  it('refuses path parameters that name nothing, and changes nothing', async () => {
    const wrong: string[] = [];
    const changed = await changedBy(world, async () => {
      for (const route of routes) {
        const body = route.method === 'GET' ? undefined : JSON.stringify(sampleOf(route.schema.body));
        const sent = body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } };
        for (const name of parametersOf(route)) {
          for (const [what, value] of Object.entries(PATH_VALUES)) {
            const answer = await sendTo(world, route, { url: pathIn(world, route, { [name]: value }), ...sent });
            const fault = faultOf(route, answer);
            if (fault !== null) wrong.push(`${nameOf(route)}, ${name} is ${what}: ${fault}`);
            if (answer.headers['x-injected'] !== undefined) wrong.push(`${nameOf(route)} sends headers of its callers`);
          }
        }
      }
    });
    expect([...wrong, ...changed]).toEqual([]);
  });

  it('answers or refuses every query, and changes nothing', async () => {
    const wrong: string[] = [];
    const changed = await changedBy(world, async () => {
      for (const route of routes) {
        const names = Object.keys((route.schema.querystring as Properties | undefined)?.properties ?? {});
        if (names.length === 0 || !['GET', 'DELETE'].includes(route.method)) continue;
        // A value that is taken must not delete what the next one is tried on.
        const path = pathIn(world, route, route.method === 'DELETE' ? { policyID: UNKNOWN_ID } : {});
        const queries = names.flatMap((name) => [
          ...Object.entries(QUERY_VALUES).map(([what, value]) => [`${name} is ${what}`, `${name}=${value}`]),
          [`${name} comes twice`, `${name}=1&${name}=2`],
          [`${name} is a member`, `${name}[a]=1&${name}[]=2`],
        ]);
        for (const [what, query] of [...queries, ...QUERIES]) {
          const answer = await sendTo(world, route, { url: `${path}?${query}` });
          const fault = answer.statusCode < 400 ? null : faultOf(route, answer);
          if (fault !== null) wrong.push(`${nameOf(route)}, ${what}: ${fault}`);
        }
      }
    });
    // Looks that are recorded leave their record, and nothing else.
    const looks = routes.filter((route) => route.method === 'GET').map((route) => route.config.activity);
    const expected = ['state.activity_outbox', ...looks];
    expect([...wrong, ...changed.filter((place) => !expected.includes(place))]).toEqual([]);
  });
});
