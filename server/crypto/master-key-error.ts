/** The master key cannot be had; the message says from where it was to come and what to do. Never carries the key. */
export class MasterKeyError extends Error {
  override readonly name = 'MasterKeyError';
}
