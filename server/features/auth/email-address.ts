import { emailAddress } from '../../kernel/config/define.ts';
import { invalid } from '../../kernel/errors.ts';

/** An address as it is stored and compared: trimmed, lower case. Throws a 400 when it is none. */
export function normalAddress(text: string): string {
  try {
    return emailAddress(text.trim());
  } catch (error) {
    throw invalid(`The e-mail address ${(error as Error).message}. Write it like name@example.com.`, {
      details: [{ path: '/email', message: 'is not an e-mail address' }],
    });
  }
}
