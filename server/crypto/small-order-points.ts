/**
 * The y coordinates of the eight points of the Ed25519 curve whose order divides 8, little-endian, with the sign bit
 * clear, and their encodings above the field prime. A public key among them accepts signatures that nobody made.
 */
const Y_COORDINATES: ReadonlySet<string> = new Set([
  `${'00'.repeat(32)}`,
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
]);

/** Whether 32 bytes encode an Ed25519 point of small order, in canonical form or not. Never fails. */
export function isSmallOrderPoint(encoded: Uint8Array): boolean {
  const unsigned = Buffer.from(encoded);
  unsigned[unsigned.length - 1]! &= 0x7f;
  return Y_COORDINATES.has(unsigned.toString('hex'));
}
