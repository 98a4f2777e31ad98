import { randomFillSync } from 'node:crypto';
import type { Clock } from '../kernel/clock.ts';

/** Random bytes drawn at a time: one system call serves many ids. */
const poolSize = 8_192;
const counterLimit = 0xfff;

/**
 * Makes a source of UUIDv7 ids (RFC 9562, section 5.7) that reads the time from `clock`.
 *
 * Ids of one source sort in the order in which they were made: within a millisecond a 12-bit counter with a random
 * start goes up (section 6.2, method 1), and when the clock stands still too long or is set back the ids go on from
 * the last one. 62 bits of every id are random.
 */
export function uuidSource(clock: Clock): () => string {
  const pool = Buffer.allocUnsafe(poolSize);
  let used = poolSize;
  let lastTime = -1;
  let counter = 0;

  const random = (length: number): number => {
    if (used + length > poolSize) {
      randomFillSync(pool);
      used = 0;
    }
    used += length;
    return used - length;
  };

  return () => {
    const now = clock.now();
    if (now > lastTime) {
      lastTime = now;
      // The top bit of the counter starts at zero, which leaves at least 2,048 ids to every millisecond.
      counter = pool.readUInt16BE(random(2)) & 0x7ff;
    } else if (counter === counterLimit) {
      lastTime += 1;
      counter = 0;
    } else {
      counter += 1;
    }
    const start = random(8);
    const variant = ((pool[start]! & 0x3f) | 0x80).toString(16);
    const time = lastTime.toString(16).padStart(12, '0');
    const tail = pool.toString('hex', start + 1, start + 8);
    const sequence = counter.toString(16).padStart(3, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence}-${variant}${tail.slice(0, 2)}-${tail.slice(2)}`;
  };
}
