import { expect, it } from 'vitest';
import { WriteTurns } from './write-turns.ts';

/** Lets everything that can go on go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('lets many in side by side', async () => {
  const turns = new WriteTurns();
  const leave = await Promise.all([turns.enter(false), turns.enter(false)]);
  expect(leave).toHaveLength(2);
});

it('lets one in alone: after those inside, and before those who came later', async () => {
  const turns = new WriteTurns();
  const order: string[] = [];
  const leaveFirst = await turns.enter(false);
  const alone = turns.enter(true).then((leave) => {
    order.push('alone');
    return leave;
  });
  const later = turns.enter(false).then((leave) => {
    order.push('later');
    return leave;
  });
  await settled();
  expect(order).toEqual([]);
  leaveFirst();
  await settled();
  expect(order).toEqual(['alone']);
  (await alone)();
  (await later)();
  expect(order).toEqual(['alone', 'later']);
});

it('takes turns alone one after another', async () => {
  const turns = new WriteTurns();
  const first = await turns.enter(true);
  let second = false;
  const waiting = turns.enter(true).then((leave) => {
    second = true;
    return leave;
  });
  await settled();
  expect(second).toBe(false);
  first();
  (await waiting)();
  (await turns.enter(false))();
});
