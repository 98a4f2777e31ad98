import type { CivilTime } from './instant.ts';
import { type LayoutPiece, layoutPieces, MONTHS, WEEKDAYS } from './time-layout.ts';

function padded(value: number, width: number, fill = '0'): string {
  const text = String(Math.abs(value)).padStart(width, fill);
  return value < 0 ? `-${text}` : text;
}

function offsetText(element: string, offset: number): string {
  if (element.startsWith('Z') && offset === 0) return 'Z';
  const pattern = element.slice(1);
  const seconds = Math.abs(offset);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const separator = pattern.includes(':') ? ':' : '';
  const count = pattern.replaceAll(':', '').length / 2;
  return (
    (offset < 0 ? '-' : '+') +
    parts
      .slice(0, count)
      .map((part) => padded(part, 2))
      .join(separator)
  );
}

function elementText(element: string, time: CivilTime): string {
  switch (element) {
    case 'January':
      return MONTHS[time.month - 1]!;
    case 'Jan':
      return MONTHS[time.month - 1]!.slice(0, 3);
    case 'Monday':
      return WEEKDAYS[time.weekday]!;
    case 'Mon':
      return WEEKDAYS[time.weekday]!.slice(0, 3);
    case 'MST':
      return time.abbreviation === '' ? offsetText('-0700', time.offset).replace(/00$/, '') : time.abbreviation;
    case '2006':
      return padded(time.year, 4);
    case '06':
      return padded(((time.year % 100) + 100) % 100, 2);
    case '01':
      return padded(time.month, 2);
    case '1':
      return String(time.month);
    case '02':
      return padded(time.day, 2);
    case '_2':
      return padded(time.day, 2, ' ');
    case '2':
      return String(time.day);
    case '002':
      return padded(time.dayOfYear, 3);
    case '__2':
      return padded(time.dayOfYear, 3, ' ');
    case '15':
      return padded(time.hour, 2);
    case '03':
      return padded(time.hour % 12 || 12, 2);
    case '3':
      return String(time.hour % 12 || 12);
    case '04':
      return padded(time.minute, 2);
    case '4':
      return String(time.minute);
    case '05':
      return padded(time.second, 2);
    case '5':
      return String(time.second);
    case 'PM':
      return time.hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return time.hour >= 12 ? 'pm' : 'am';
    default:
      return offsetText(element, time.offset);
  }
}

function pieceText(piece: LayoutPiece, time: CivilTime): string {
  if (piece.kind === 'literal') return piece.text;
  if (piece.kind === 'element') return elementText(piece.name, time);
  const digits = padded(time.nanosecond, 9).slice(0, piece.digits).padEnd(piece.digits, '0');
  if (piece.exact) return piece.separator + digits;
  const trimmed = digits.replace(/0+$/, '');
  return trimmed === '' ? '' : piece.separator + trimmed;
}

/** A time in the given layout (see {@link layoutPieces}). */
export function formatTime(time: CivilTime, layout: string): string {
  return layoutPieces(layout)
    .map((piece) => pieceText(piece, time))
    .join('');
}
