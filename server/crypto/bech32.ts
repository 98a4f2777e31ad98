/** A text is not Bech32; the message says in which respect and never repeats it. */
export class Bech32Error extends Error {
  override readonly name = 'Bech32Error';
}

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM_LENGTH = 6;

/**
 * Writes bytes as Bech32 in lower case (BIP 173, without its limit of 90 characters, as age uses it).
 * `prefix` is the lower-case human-readable part.
 */
export function encodeBech32(prefix: string, bytes: Uint8Array): string {
  const words = regroup(bytes, 8, 5, true);
  const check = checksum([...expand(prefix), ...words, ...new Array<number>(CHECKSUM_LENGTH).fill(0)]) ^ 1;
  const tail = Array.from({ length: CHECKSUM_LENGTH }, (_, index) => (check >>> (5 * (5 - index))) & 31);
  return `${prefix}1${[...words, ...tail].map((word) => ALPHABET[word]).join('')}`;
}

/**
 * Reads a Bech32 text, all in lower or all in upper case, with the expected prefix (given in lower case).
 * Throws `Bech32Error` for mixed case, foreign characters, another prefix, a wrong checksum or non-zero padding.
 */
export function decodeBech32(prefix: string, text: string): Buffer {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) throw new Bech32Error('The text mixes upper and lower case.');
  const separator = lower.lastIndexOf('1');
  if (lower.slice(0, Math.max(separator, 0)) !== prefix)
    throw new Bech32Error(`The text does not begin with "${prefix}1".`);
  const words = [...lower.slice(separator + 1)].map((character) => ALPHABET.indexOf(character));
  if (words.includes(-1)) throw new Bech32Error('The text holds a character that Bech32 does not use.');
  if (words.length < CHECKSUM_LENGTH || checksum([...expand(prefix), ...words]) !== 1) {
    throw new Bech32Error('The checksum is wrong: a character is missing or mistyped.');
  }
  return Buffer.from(regroup(words.slice(0, -CHECKSUM_LENGTH), 5, 8, false));
}

function expand(prefix: string): number[] {
  const codes = [...Buffer.from(prefix, 'latin1')];
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function checksum(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (let bit = 0; bit < GENERATOR.length; bit += 1) if ((top >>> bit) & 1) sum ^= GENERATOR[bit]!;
  }
  return sum;
}

/** Cuts a row of numbers of `from` bits into numbers of `to` bits; what is left over is padding, which must be zero. */
function regroup(values: Iterable<number>, from: number, to: number, pad: boolean): number[] {
  const out: number[] = [];
  let held = 0;
  let bits = 0;
  for (const value of values) {
    held = ((held << from) | value) & 0xfff;
    bits += from;
    while (bits >= to) {
      bits -= to;
      out.push((held >>> bits) & ((1 << to) - 1));
    }
  }
  const rest = held & ((1 << bits) - 1);
  if (pad && bits > 0) out.push((rest << (to - bits)) & ((1 << to) - 1));
  if (!pad && (bits >= from || rest !== 0)) throw new Bech32Error('The text ends in padding that is not zero.');
  return out;
}
