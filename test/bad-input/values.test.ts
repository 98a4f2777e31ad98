import { beforeAll, expect, it } from 'vitest';
import { manualClock } from '../../server/kernel/clock.ts';
import type { RouteRecord } from '../../server/kernel/kernel.ts';
import { describeEachAppliance } from '../each-appliance.ts';
import { nameOf, UNKNOWN_ID } from '../guards/route-table.ts';
import { faultOf } from './refusal.ts';
import { type Schema, sampleOf } from './sample.ts';
import { changedBy, furnish, pathIn, sendTo, type World } from './world.ts';

/** Values that a strict reader takes, and that may still be of the wrong type, size or sense. */
const VALUES: Record<string, unknown> = {
  'an empty text': '',
  blanks: '  ',
  'a control character': 'a\u0001b',
  'text from right to left': 'a\u202eb',
  'an emoji': '😀',
  'a hundred thousand characters': 'x'.repeat(100_000),
  quotes: `'"; DROP TABLE orgs; --`,
  markup: '<script>alert(1)</script>',
  'a line break': 'a\r\nx-injected: 1',
  'a negative number': -1,
  'a fraction': 1.5,
  'the largest integer': Number.MAX_SAFE_INTEGER,
  'the largest number': 1.7e308,
  true: true,
  null: null,
  'an empty list': [],
  'an empty object': {},
  'lists in lists': [[[]]],
  'an object with a member of every object': JSON.parse('{"__proto__":{"isAdmin":true},"constructor":1}'),
  'a list of many texts': Array(2_000).fill('x'),
};

describeEachAppliance((open) => {
  let world: World;
  let routes: RouteRecord[];
  beforeAll(async () => {
    world = await furnish(await open({ clock: manualClock() }));
    routes = world.appliance.kernel.routes.filter(
      (route) => (route.schema.body as Schema | undefined)?.properties !== undefined && !route.path.startsWith('/ui/'),
    );
  });

  it('answers or refuses every value in every member of every body, and a refusal changes nothing', async () => {
    expect(routes.length).toBeGreaterThan(50);
    const wrong: string[] = [];
    for (const route of routes) {
      // The account that the requests are made with must stay as it is.
      const url = pathIn(world, route, { userID: UNKNOWN_ID });
      const sample = sampleOf(route.schema.body) as Record<string, unknown>;
      let taken = 0;
      const changed = await changedBy(world, async () => {
        for (const member of Object.keys((route.schema.body as Schema).properties ?? {})) {
          for (const [what, value] of Object.entries(VALUES)) {
            const body = JSON.stringify({ ...sample, [member]: value });
            const answer = await sendTo(world, route, { url, body, headers: { 'content-type': 'application/json' } });
            if (answer.statusCode < 300) taken += 1;
            const fault = answer.statusCode < 300 ? null : faultOf(route, answer);
            if (fault !== null) wrong.push(`${nameOf(route)}, ${member} is ${what}: ${fault}`);
          }
        }
      });
      // A refused sign-in is counted and recorded, so that guessing is slowed down.
      const guesses = route.config.rate === 'sign-in';
      if (taken === 0 && !guesses && changed.length > 0) wrong.push(`${nameOf(route)} changed ${changed.join(', ')}`);
    }
    expect(wrong).toEqual([]);
    expect((await world.admin.request('GET', '/auth/me')).status).toBe(200);
    expect((await world.appliance.request('GET', '/v1/policies', { bearer: world.key })).status).toBe(200);
  }, 120_000);
});
