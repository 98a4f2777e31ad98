/** The elements of Go's time layouts, which show how a reference time (Mon Jan 2 15:04:05 MST 2006) would be written. */

/** A piece of a layout: literal text, or an element with its name in {@link ELEMENTS}. */
export type LayoutPiece =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'element'; readonly name: string }
  /** Fractional seconds: exactly `digits`, or up to as many without trailing zeros. */
  | { readonly kind: 'fraction'; readonly separator: string; readonly digits: number; readonly exact: boolean };

/** Longest first where one begins like another. */
const ELEMENTS = [
  'January',
  'Jan',
  'Monday',
  'Mon',
  'MST',
  '002',
  '01',
  '02',
  '03',
  '04',
  '05',
  '06',
  '2006',
  '15',
  '__2',
  '_2006',
  '_2',
  'PM',
  'pm',
  '-07:00:00',
  '-070000',
  '-07:00',
  '-0700',
  '-07',
  'Z07:00:00',
  'Z070000',
  'Z07:00',
  'Z0700',
  'Z07',
  '1',
  '2',
  '3',
  '4',
  '5',
] as const;

const FRACTION = /^([.,])(0+|9+)(?!\d)/;

function elementAt(layout: string, at: number): string | undefined {
  return ELEMENTS.find((element) => {
    if (!layout.startsWith(element, at)) return false;
    // "Jan" and "Mon" followed by a small letter are words of their own, as "Month".
    if (element === 'Jan' || element === 'Mon') return !/[a-z]/.test(layout[at + 3] ?? '');
    return true;
  });
}

/** Splits a layout into its pieces. */
export function layoutPieces(layout: string): readonly LayoutPiece[] {
  const pieces: LayoutPiece[] = [];
  let literal = '';
  const flush = () => {
    if (literal !== '') pieces.push({ kind: 'literal', text: literal });
    literal = '';
  };
  for (let at = 0; at < layout.length; ) {
    const fraction = FRACTION.exec(layout.slice(at));
    const element = fraction ? undefined : elementAt(layout, at);
    if (fraction) {
      flush();
      const digits = fraction[2]!;
      pieces.push({ kind: 'fraction', separator: fraction[1]!, digits: digits.length, exact: digits[0] === '0' });
      at += fraction[0].length;
    } else if (element === '_2006') {
      literal += '_';
      flush();
      pieces.push({ kind: 'element', name: '2006' });
      at += element.length;
    } else if (element !== undefined) {
      flush();
      pieces.push({ kind: 'element', name: element });
      at += element.length;
    } else {
      literal += layout[at];
      at += 1;
    }
  }
  flush();
  return pieces;
}

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

export const RFC3339 = '2006-01-02T15:04:05Z07:00';
export const RFC3339_NANO = '2006-01-02T15:04:05.999999999Z07:00';

/** Layouts that may be given by name. */
export const NAMED_LAYOUTS: Readonly<Record<string, string>> = {
  ANSIC: 'Mon Jan _2 15:04:05 2006',
  UnixDate: 'Mon Jan _2 15:04:05 MST 2006',
  RubyDate: 'Mon Jan 02 15:04:05 -0700 2006',
  RFC822: '02 Jan 06 15:04 MST',
  RFC822Z: '02 Jan 06 15:04 -0700',
  RFC850: 'Monday, 02-Jan-06 15:04:05 MST',
  RFC1123: 'Mon, 02 Jan 2006 15:04:05 MST',
  RFC1123Z: 'Mon, 02 Jan 2006 15:04:05 -0700',
  RFC3339,
  RFC3339Nano: RFC3339_NANO,
};
