import { emailAddress } from '../../kernel/config/define.ts';
import { invalid } from '../../kernel/errors.ts';

/** Control characters: invisible, and NUL cannot be stored as text. */
const CONTROL = /[\u0000-\u001f\u007f]/;

/** An address as it is stored and compared: trimmed, lower case. Throws a 400 when it is none. */
export function normalAddress(text: string): string {
  const trimmed = text.trim();
  if (CONTROL.test(trimmed)) throw noAddress('has a control character in it');
  try {
    return emailAddress(trimmed);
  } catch (error) {
    throw noAddress((error as Error).message);
  }
}

/** A person's name as it is stored: trimmed, possibly empty. Throws a 400 when it has control characters. */
export function normalName(text: string): string {
  const trimmed = text.trim();
  if (!CONTROL.test(trimmed)) return trimmed;
  throw invalid('The name has a line break or another control character in it. Write it on one line.', {
    details: [{ path: '/name', message: 'has a control character' }],
  });
}

function noAddress(problem: string) {
  return invalid(`The e-mail address is not usable: ${problem}. Write it like name@example.com.`, {
    details: [{ path: '/email', message: 'is not an e-mail address' }],
  });
}
