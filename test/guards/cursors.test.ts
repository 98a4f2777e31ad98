import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type TestAppliance } from '../harness.ts';
import { type Person, signUp } from '../people.ts';
import { nameOf } from './route-table.ts';

let appliance: TestAppliance;
let person: Person;
beforeAll(async () => {
  appliance = await startAppliance();
  person = await signUp(appliance, 'pages@example.com');
});
afterAll(() => appliance.discard());

/** Organizations of the caller, each with two invites. */
async function orgs(...names: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const name of names) {
    const { id } = (await person.request('POST', '/api/orgs', { name })).body;
    for (const guest of ['one', 'two'])
      await person.request('POST', `/api/orgs/${id}/members/invite`, { email: `${guest}@example.com` });
    ids.push(id);
  }
  return ids;
}

const firstCursor = async (list: string): Promise<string> =>
  (await person.request('GET', `${list}?limit=1`)).body.next_cursor;
const secondPage = (list: string, cursor: string) =>
  person.request('GET', `${list}?limit=1&cursor=${encodeURIComponent(cursor)}`);

describe('a paging cursor', () => {
  it('leads to the next page as it came, and in no changed form', async () => {
    await orgs('a', 'b');
    const cursor = await firstCursor('/api/orgs');
    expect((await secondPage('/api/orgs', cursor)).body.orgs).toHaveLength(1);
    for (let at = 0; at < cursor.length; at += 1) {
      const changed = `${cursor.slice(0, at)}${cursor[at] === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`;
      const answer = await secondPage('/api/orgs', changed);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ code: 'VALIDATION_FAILED', reason: 'invalid_cursor' });
      expect(answer.body.orgs).toBeUndefined();
    }
  });

  it.each([
    ['empty', ''],
    ['plain', Buffer.from('["orgs","a"]').toString('base64url')],
    ['of other types', Buffer.from('["orgs",{"a":1e999}]').toString('base64url')],
    ['too short', 'AAAA'],
    ['no text of this kind', '%00%ff{}'],
  ])('that is %s is refused', async (_, cursor) => {
    expect((await secondPage('/api/orgs', cursor)).status).toBe(400);
  });

  it("leads through the operator's lists too", async () => {
    await orgs('g', 'h');
    const first = (await appliance.operate('GET', '/operator/orgs?limit=1')).body;
    const second = await appliance.operate('GET', `/operator/orgs?limit=1&cursor=${first.next_cursor}`);
    expect(second.status).toBe(200);
    expect(second.body.orgs).toHaveLength(1);
    expect(second.body.orgs[0].id).not.toBe(first.orgs[0].id);
    expect((await appliance.operate('GET', '/operator/orgs?cursor=bm9uZQ')).status).toBe(400);
  });

  it('tells nothing and is another one each time', async () => {
    await orgs('e', 'f');
    const [one, other] = [await firstCursor('/api/orgs'), await firstCursor('/api/orgs')];
    expect(one).not.toBe(other);
    expect(Buffer.from(one, 'base64url').toString('latin1')).not.toContain('orgs');
  });

  it('of the list of one organization is none of another', async () => {
    const [one, other] = await orgs('c', 'd');
    const cursor = await firstCursor(`/api/orgs/${one}/invites`);
    expect((await secondPage(`/api/orgs/${one}/invites`, cursor)).body.invites).toHaveLength(1);
    expect((await secondPage(`/api/orgs/${other}/invites`, cursor)).status).toBe(400);
    expect((await secondPage('/api/orgs', cursor)).status).toBe(400);
  });

  it('is taken by every route that gives one, and given by every route that takes one', () => {
    const gives = ({ schema }: (typeof appliance.kernel.routes)[number]) =>
      JSON.stringify(schema.response ?? {}).includes('"next_cursor"');
    const takes = ({ schema }: (typeof appliance.kernel.routes)[number]) =>
      (schema.querystring as { properties?: object } | undefined)?.properties !== undefined &&
      'cursor' in (schema.querystring as { properties: object }).properties;
    const published = appliance.kernel.routes.filter(({ contract }) => contract !== 'operator');
    expect(published.filter(takes).length).toBeGreaterThan(10);
    expect(published.filter((route) => takes(route) !== gives(route)).map(nameOf)).toEqual([]);
  });
});
