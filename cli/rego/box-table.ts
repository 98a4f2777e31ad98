/** Tables drawn with lines, as OPA prints results. */

/** Rows below centred headers; `align` is how cells stand. Without headers the rows stand alone. */
export function boxTable(
  headers: readonly string[] | undefined,
  rows: readonly (readonly string[])[],
  align: readonly ('left' | 'right')[] = [],
): string {
  const all = headers === undefined ? rows : [headers, ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => width(row[column]!))));
  const rule = (left: string, middle: string, right: string) =>
    `${left}${widths.map((each) => '─'.repeat(each + 2)).join(middle)}${right}`;
  const line = (cells: readonly string[]) => `│ ${cells.join(' │ ')} │`;
  const body = rows.map((row) => line(row.map((cell, column) => pad(cell, widths[column]!, align[column] ?? 'left'))));
  const head =
    headers === undefined
      ? []
      : [line(headers.map((cell, column) => centre(cell, widths[column]!))), rule('├', '┼', '┤')];
  return [rule('┌', '┬', '┐'), ...head, ...body, rule('└', '┴', '┘')].join('\n');
}

function pad(text: string, to: number, align: 'left' | 'right'): string {
  const spaces = ' '.repeat(to - width(text));
  return align === 'left' ? text + spaces : spaces + text;
}

function centre(text: string, to: number): string {
  const left = Math.floor((to - width(text)) / 2);
  return `${' '.repeat(left)}${text}${' '.repeat(to - width(text) - left)}`;
}

function width(text: string): number {
  return [...text].length;
}
