const UNSTORABLE = /[\0\ud800-\udfff]/;
const UNSTORABLE_PARTS = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text in a form that both engines store: NUL and halves of surrogate pairs are written as `\\uXXXX`. */
export function storable(text: string): string {
  if (!UNSTORABLE.test(text)) return text;
  return text.replace(UNSTORABLE_PARTS, (part) => `\\u${part.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The first `most` UTF-16 units of a text, never half a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}
