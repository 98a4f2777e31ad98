import type { Facts } from './conditions.ts';
import { isObject, isTruthy, member } from './python-text.ts';

/** Where the text of a call is looked for, in order, when a condition asks for `input_text`. */
export const inputTextKeys: readonly string[] = [
  ...['command', 'CommandLine', 'sql', 'query', 'prompt', 'content', 'new_string', 'text', 'url'],
  ...['file_path', 'path', 'notebook_path', 'input_payload', 'input_text'],
];

/**
 * What conditions see of a call: the context's tags, then the context, then the arguments; and under `input_text` the
 * text that really runs (see {@link inputTextKeys}), which a caller cannot hide behind an `input_text` of its own.
 */
export function factsOf(
  context: Readonly<Record<string, unknown>>,
  args: Readonly<Record<string, unknown>> | undefined,
): Facts {
  const tags = member(context, 'tags');
  const layers = [isObject(tags) ? tags : undefined, context, args].filter((layer) => layer !== undefined);
  const plain: Facts = (key) => {
    const layer = layers.find((candidate) => Object.hasOwn(candidate, key));
    return layer?.[key];
  };
  return (key) => {
    if (key !== 'input_text') return plain(key);
    const source = inputTextKeys.find((candidate) => isTruthy(plain(candidate)));
    return plain(source ?? key);
  };
}
