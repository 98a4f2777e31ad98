import { expect, it } from 'vitest';
import { csvLine } from './csv.ts';
import type { EntryView } from './entry-view.ts';

const cellOf = (reason: string) => csvLine({ reason } as EntryView).replace(/^,+|,+\r\n$/g, '');

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '＝1+1', '＋1', '－1', '＠A1'])('makes %j harmless text', (text) => {
  expect(cellOf(text)).toBe(`'${text}`);
});

it('quotes what begins with a line break, and what holds one, a comma or a quote', () => {
  expect(cellOf('\n=1')).toBe('"\'\n=1"');
  expect(cellOf('\r=1')).toBe('"\'\r=1"');
  expect(cellOf('a "b", c')).toBe('"a ""b"", c"');
  expect(cellOf('1=1')).toBe('1=1');
});
