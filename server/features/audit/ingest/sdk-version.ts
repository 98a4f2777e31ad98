/** Longer texts are no versions (facts file, 10.2). */
const LONGEST = 64;
const FORM = /^([a-z][a-z0-9_-]*)@v?(\d[0-9A-Za-z.+-]*)$/;
const MOST_SDKS = 20;

/** The SDKs that rows name as `<language>@<version>`, each once: `{ name: 'python_sdk', version: '1.13.16' }`. */
export function sdksOf(rows: readonly Readonly<Record<string, unknown>>[]): { name: string; version: string }[] {
  const texts = new Set<unknown>();
  for (const row of rows) {
    if (texts.size < MOST_SDKS) texts.add(row['controlzero_sdk_version']);
  }
  return [...texts].flatMap((text) => {
    const match = typeof text === 'string' && text.length <= LONGEST ? FORM.exec(text) : null;
    return match === null ? [] : [{ name: `${match[1]}_sdk`, version: match[2]! }];
  });
}
