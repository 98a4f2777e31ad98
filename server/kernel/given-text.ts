import { emailAddress } from './config/define.ts';
import { invalid } from './errors.ts';

/** Invisible, and NUL cannot be stored as text. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const CONTROL_BUT_LINES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/**
 * The name that people give to a thing, as it is stored and compared: Unicode NFC, trimmed.
 * Throws a 400 when nothing is left or when it has control characters; `thing` says what it names.
 */
export function givenName(text: string, thing: string): string {
  const name = text.normalize('NFC').trim();
  if (name === '') throw refused(`The name of ${thing} is empty. Give it one that people will recognise.`, '/name');
  if (CONTROL.test(name)) {
    throw refused(
      `The name of ${thing} has a line break or another control character in it. Write it on one line.`,
      '/name',
    );
  }
  return name;
}

/** A free text of several lines, possibly empty, as it is stored. Throws a 400 for control characters; `field` names it. */
export function givenText(text: string, field: string): string {
  if (!CONTROL_BUT_LINES.test(text)) return text.normalize('NFC');
  throw refused(`${field} has control characters in it. Only text, tabs and line breaks can be kept.`, `/${field}`);
}

/** An e-mail address as it is stored and compared: trimmed, lower case. Throws a 400 when it is none. */
export function givenAddress(text: string): string {
  const address = text.trim();
  try {
    if (!CONTROL.test(address)) return emailAddress(address);
  } catch (error) {
    throw refused(
      `The e-mail address is not usable: ${(error as Error).message}. Write it like name@example.com.`,
      '/email',
    );
  }
  throw refused('The e-mail address has a control character in it. Write it like name@example.com.', '/email');
}

function refused(message: string, path: string) {
  return invalid(message, { details: [{ path, message: 'is not usable' }] });
}
