import type { Facts } from './conditions.ts';
import { factsOf } from './facts.ts';
import { EvaluationFault, shown } from './policy-error.ts';
import { member } from './python-text.ts';

type Json = Readonly<Record<string, unknown>>;

/** The entry point of the SDK that asks, and what conditions could not see there in earlier releases. */
export interface Origin {
  readonly hostTool: string;
  /** Context members that conditions may newly use to close, never to open. */
  readonly laterKeys: readonly string[];
  /** False where the earlier outcome is not fully known; "nothing changed" is then not claimed. */
  readonly isComparable: boolean;
}

const bothKeys = ['host_tool_name', 'subject_origin'];
const laterKeysOfOrigin: Readonly<Record<string, readonly string[]>> = {
  sdk_guard: [],
  internal: [],
  hook_check: ['subject_origin'],
  cli_test: bothKeys,
  debug_bundle: bothKeys,
};
const hostOrigins = new Set(['hook_check', 'cli_test', 'debug_bundle']);

/**
 * Reads the entry point from the context (`subject_origin`, `host_tool_name`); absent means a library caller.
 * @throws EvaluationFault when an entry point that reads host payloads does not say the host's tool name
 */
export function originOf(context: Json): Origin {
  const declared = member(context, 'subject_origin') ?? 'sdk_guard';
  const host = member(context, 'host_tool_name');
  const hostTool = typeof host === 'string' ? host : '';
  const name = typeof declared === 'string' && Object.hasOwn(laterKeysOfOrigin, declared) ? declared : undefined;
  if (name !== undefined && hostOrigins.has(name) && hostTool === '') {
    throw new EvaluationFault(`subject_origin ${shown(name)} needs the host's tool name in host_tool_name`);
  }
  return {
    hostTool,
    laterKeys: name === undefined ? bothKeys : (laterKeysOfOrigin[name] as readonly string[]),
    isComparable: name !== undefined && name !== 'cli_test' && name !== 'debug_bundle',
  };
}

/** The facts of a call now, and as conditions would have seen them in earlier releases (the same object if alike). */
export function factsNowAndBefore(
  origin: Origin,
  context: Json,
  args: Json | undefined,
): { now: Facts; before: Facts } {
  const now = factsOf(context, args);
  const later = origin.laterKeys.filter((key) => Object.hasOwn(context, key));
  if (later.length === 0) return { now, before: now };
  const earlier = Object.fromEntries(Object.entries(context).filter(([key]) => !later.includes(key)));
  return { now, before: factsOf(earlier, args) };
}
