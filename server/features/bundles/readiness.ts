import type { Clock } from '../../kernel/clock.ts';
import type { ReadinessCheck } from '../../kernel/surface.ts';
import type { DeliveryKeys } from './keys.ts';

/** Opening all keys of a large appliance takes milliseconds, and probes come every few seconds. */
const REMEMBERED_MILLISECONDS = 10_000;

/** Whether every key in use opens. A result counts for ten seconds. */
export function keyReadiness(clock: Clock, keys: Pick<DeliveryKeys, 'check'>): ReadinessCheck {
  let last: { at: number; result: Promise<void> } | undefined;
  return {
    name: 'delivery_keys',
    check: () => {
      const now = clock.now();
      if (last === undefined || Math.abs(now - last.at) >= REMEMBERED_MILLISECONDS) {
        last = { at: now, result: keys.check() };
      }
      return last.result;
    },
  };
}
