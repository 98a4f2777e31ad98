/** PEM blocks (RFC 7468). */

/** A block: its label and the bytes it encodes. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Buffer;
}

const BLOCK =
  /-----BEGIN ([^\r\n-]*)-----[ \t]*\r?\n((?:[^:\r\n]+:[^\r\n]*\r?\n)*)([A-Za-z0-9+/=\s]*?)-----END \1-----/g;

/** All blocks of a text in order; text around them is ignored. */
export function readPem(text: string): readonly PemBlock[] {
  return [...text.matchAll(BLOCK)].map(([, label = '', , body = '']) => ({
    label,
    bytes: Buffer.from(body, 'base64'),
  }));
}

/** Whether a text starts like PEM. */
export function isPem(text: string): boolean {
  return text.startsWith('-----BEGIN');
}
