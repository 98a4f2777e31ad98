/** PostgreSQL refuses notifications of 8,000 bytes; the rest is for our own wrapping. */
const longestPayload = 7_000;

/** Called with the payload of a change, after the commit that made it. */
export type ChangeListener = (payload: string) => void;

/**
 * News about committed changes, from this process and from every other one on the same databases.
 *
 * A change made here reaches the listeners here before its `write` resolves. One made by another process arrives
 * within a second (PostgreSQL LISTEN/NOTIFY). While that connection is lost news may be missed: whoever caches must
 * drop everything on `onLost` and load again.
 */
export interface Changes {
  /** Calls `listener` for every change of `channel`; returns how to stop. */
  subscribe(channel: string, listener: ChangeListener): () => void;
  /** Calls `listener` when news of other processes can no longer be heard; returns how to stop. */
  onLost(listener: () => void): () => void;
  /** Calls `listener` when they can be heard again; returns how to stop. */
  onRestored(listener: () => void): () => void;
  /** False between `onLost` and `onRestored`; `/ready` must not be green then. */
  readonly connected: boolean;
}

/** The half of `Changes` that lives in this process, with the side that feeds it. */
export interface LocalChanges extends Changes {
  /** Throws when the channel or the payload could not be sent to other processes. */
  check(channel: string, payload: string): void;
  /** Calls the listeners of `channel`; an error of a listener is thrown after all of them were called. */
  deliver(channel: string, payload: string): void;
  /** Notes that other processes can (not) be heard and tells it on, once per turn. */
  setConnected(connected: boolean): void;
}

/** Makes the listeners' side of one process. */
export function localChanges(): LocalChanges {
  const channels = new Map<string, Set<ChangeListener>>();
  const lost = new Set<() => void>();
  const restored = new Set<() => void>();
  let connected = true;

  return {
    get connected() {
      return connected;
    },
    subscribe(channel, listener) {
      const listeners = channels.get(channel) ?? new Set();
      channels.set(channel, listeners);
      return addTo(listeners, listener);
    },
    onLost: (listener) => addTo(lost, listener),
    onRestored: (listener) => addTo(restored, listener),
    check(channel, payload) {
      const bytes = Buffer.byteLength(channel) + Buffer.byteLength(payload);
      if (bytes > longestPayload) {
        throw new Error(
          `A change on channel ${JSON.stringify(channel.slice(0, 60))} has ${bytes} bytes and at most ${longestPayload} can be sent; send the id of what changed instead.`,
        );
      }
    },
    deliver(channel, payload) {
      callAll(channels.get(channel) ?? [], (listener) => listener(payload));
    },
    setConnected(next) {
      if (next === connected) return;
      connected = next;
      callAll(next ? restored : lost, (listener) => listener());
    },
  };
}

function addTo<L>(listeners: Set<L>, listener: L): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

function callAll<L>(listeners: Iterable<L>, call: (listener: L) => void): void {
  const errors: unknown[] = [];
  for (const listener of [...listeners]) {
    try {
      call(listener);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'Several listeners failed');
}
