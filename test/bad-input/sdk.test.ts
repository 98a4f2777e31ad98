import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../server/kernel/clock.ts';
import type { RouteRecord } from '../../server/kernel/kernel.ts';
import { nameOf } from '../guards/route-table.ts';
import { startAppliance } from '../harness.ts';
import { faultOf } from './refusal.ts';
import { changedBy, furnish, sendTo, type World } from './world.ts';

let world: World;
let routes: readonly RouteRecord[];
beforeAll(async () => {
  world = await furnish(await startAppliance({ clock: manualClock() }));
  ({ routes } = world.appliance.kernel);
});
afterAll(() => world?.appliance.discard());

const JSON_TYPE = { 'content-type': 'application/json' };
const reading = (how: string) => routes.filter((route) => route.config.reading === how && route.method !== 'GET');

/** Bodies that an older or a broken client may send. */
const ODD: Record<string, string | Buffer> = {
  'bytes that are no UTF-8': Buffer.from([...Buffer.from('{"a":"'), 0xff, 0xfe, ...Buffer.from('"}')]),
  NaN: '{"a":NaN,"b":-Infinity}',
  'a key twice': '{"a":1,"a":2}',
  'a __proto__': '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}',
  'an integer that no double holds': '{"a":9007199254740993,"b":1e999}',
  NUL: '{"machine_id":"x\\u0000","hostname":"\\u0000","reason":"a\\u0000","license_key":"\\u0000"}',
  'half of a surrogate pair': '{"machine_id":"\\ud800","details":{"\\udc00":"\\ud800"},"license_key":"\\ud800"}',
  'five hundred lists': `{"details":${'['.repeat(500)}${']'.repeat(500)}}`,
  'ten thousand lists': `{"details":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
  'other types': '{"machine_id":7,"hostname":[],"reason":{},"source":true,"license_key":5,"agent_name":{}}',
  nothing: '',
  null: 'null',
};

/** Bodies that are no JSON under any reading. */
const UNREADABLE: Record<string, string | Buffer> = {
  'a body that ends too early': '{"a":"x',
  'text after the value': '{} {}',
  'ten thousand objects without an end': '{"a":'.repeat(10_000),
  'UTF-16': Buffer.from('{"a":"x"}', 'utf16le'),
};

describe('routes of SDKs', () => {
  it('take odd bodies or refuse them clearly', async () => {
    expect(reading('lenient').length).toBeGreaterThan(2);
    const wrong: string[] = [];
    for (const route of reading('lenient')) {
      for (const [what, body] of Object.entries(ODD)) {
        for (const headers of [JSON_TYPE, { 'content-type': 'text/plain' }]) {
          const answer = await sendTo(world, route, { body, headers });
          const fault = answer.statusCode < 300 ? null : faultOf(route, answer);
          if (fault !== null) wrong.push(`${nameOf(route)}, ${what}: ${fault}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it('refuse what is no JSON at all, and change nothing', async () => {
    const wrong: string[] = [];
    const changed = await changedBy(world, async () => {
      for (const route of reading('lenient')) {
        for (const [what, body] of Object.entries(UNREADABLE)) {
          const fault = faultOf(route, await sendTo(world, route, { body, headers: JSON_TYPE }));
          if (fault !== null) wrong.push(`${nameOf(route)}, ${what}: ${fault}`);
        }
      }
    });
    expect([...wrong, ...changed]).toEqual([]);
  });
});

describe('audit ingest', () => {
  const NO_BATCH: Record<string, string | Buffer> = {
    ...UNREADABLE,
    nothing: '',
    null: 'null',
    'a list': '[]',
    'no entries': '{}',
    'entries that are none': '{"entries":{"0":{}}}',
    'entries in a text': '{"entries":"[]"}',
    noise: Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 197) % 256)),
  };

  it('refuses with 400 what has no list of entries, and changes nothing', async () => {
    expect(reading('batch').map((route) => route.path)).toContain('/v1/sdk/audit');
    const wrong: string[] = [];
    const changed = await changedBy(world, async () => {
      for (const route of reading('batch')) {
        for (const [what, body] of Object.entries(NO_BATCH)) {
          const answer = await sendTo(world, route, { body, headers: JSON_TYPE });
          const fault = answer.statusCode === 400 ? faultOf(route, answer) : `answered ${answer.statusCode}`;
          if (fault !== null) wrong.push(`${nameOf(route)}, ${what}: ${fault}`);
        }
      }
    });
    expect([...wrong, ...changed]).toEqual([]);
  });

  it('takes what can be an entry and puts the rest aside, row by row, whatever stands between them', async () => {
    let number = 0;
    const good = () => `{"id":"good-${++number}","tool_name":"Bash","decision":"deny"}`;
    const noEntries = ['5', '"text"', 'null', '[]', '[{}]', 'true', 'NaN', '-Infinity'];
    for (const route of reading('batch')) {
      const rows = noEntries.flatMap((row) => [good(), row]);
      const answer = await sendTo(world, route, { body: `{"entries":[${rows.join(',')}]}`, headers: JSON_TYPE });
      expect([answer.statusCode, JSON.parse(answer.body)], answer.body).toEqual([
        200,
        { accepted: noEntries.length, rejected: noEntries.length, dropped: 0 },
      ]);
    }
    const { admin, params } = world;
    const listed = await admin.request('GET', `/api/projects/${params['projectID']}/logs/quarantine?limit=100`);
    // The same row is put aside once, however often it comes; one more was there when the world was furnished.
    expect(listed.body.quarantine).toHaveLength(noEntries.length + 1);
  });
});
