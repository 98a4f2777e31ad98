/** Reads the text of a policy from bytes. */
import { isUtf8 } from 'node:buffer';
import { RegoError } from '../errors.ts';

const LINE_BREAK = 0x0a;

/** The text of a policy. Throws RegoError, with the place, for bytes that are no UTF-8: OPA takes them nowhere, not even in comments. */
export function decodeSource(file: string, bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  let row = 1;
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(LINE_BREAK, start);
    const line = bytes.subarray(start, end < 0 ? bytes.length : end);
    if (!isUtf8(line)) throw illegalCharacter(file, row, start, Buffer.from(line).toString('utf8'));
    start = end + 1;
    row += 1;
  }
}

function illegalCharacter(file: string, row: number, offset: number, line: string): RegoError {
  const at = line.indexOf('\ufffd');
  const column = [...line.slice(0, at)].length + 1;
  const hint = 'save the policy as UTF-8; give --ignore for what is no policy';
  return new RegoError('rego_parse_error', 'illegal utf-8 character', { file, row, column, offset, text: line }, hint);
}
