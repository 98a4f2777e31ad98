/** One `NAME=value` line of a `.env` file. */
const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/;

/**
 * Reads the text of a `.env` file: `NAME=value` lines, `#` comments, single or double quotes around a value, no
 * interpolation. Throws an Error that names the line it could not read.
 */
export function parseEnvFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  text.split(/\r?\n/).forEach((line, index) => {
    if (/^\s*(#|$)/.test(line)) return;
    const match = LINE.exec(line);
    if (match === null) throw new Error(`line ${index + 1} is not NAME=value`);
    values[match[1]!] = unquote(match[2]!.trim(), index + 1);
  });
  return values;
}

function unquote(value: string, line: number): string {
  const quote = value[0];
  if (quote !== '"' && quote !== "'") return value.replace(/\s+#.*$/, '');
  if (value.length < 2 || !value.endsWith(quote)) throw new Error(`the quote in line ${line} is not closed`);
  return value.slice(1, -1);
}

/**
 * Sets one value in the text of a `.env` file: replaces the line that counts (the last one of that name) in place, or adds
 * one at the end; all else stays as it is.
 */
export function setInEnvFile(text: string, name: string, value: string): string {
  const written = `${name}=${/[\s#'"]/.test(value) ? `'${value}'` : value}`;
  const lines = text.split('\n');
  const at = lines.findLastIndex((line) => LINE.exec(line)?.[1] === name && !/^\s*#/.test(line));
  if (at >= 0) lines[at] = written;
  else lines.splice(lines.at(-1) === '' ? lines.length - 1 : lines.length, 0, written);
  const result = lines.join('\n');
  return result.endsWith('\n') ? result : `${result}\n`;
}
