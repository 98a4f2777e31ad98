/** Reads and writes tar archives (POSIX ustar and pax paths; reads also GNU long names). */

/** A file of an archive; the name has no leading slash. */
export interface ArchiveFile {
  readonly name: string;
  readonly content: Uint8Array;
}

const BLOCK = 512;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** What is wrong with an archive. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

/** The regular files of an archive, in order. Throws ArchiveError when it is cut off, damaged or climbs out of its root. */
export function readTar(archive: Uint8Array): ArchiveFile[] {
  const files: ArchiveFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return files;
    checkSum(header, at);
    const size = octal(header.subarray(124, 136));
    const type = String.fromCharCode(header[156]!);
    const start = at + BLOCK;
    const content = archive.subarray(start, start + size);
    if (content.length < size) throw new ArchiveError('the archive is cut off inside a file');
    at = start + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'L') longName = text(content);
    else if (type === 'x') longName = paxPath(content) ?? longName;
    else if (type === '0' || type === '\0') {
      files.push({ name: cleanName(longName ?? headerName(header)), content });
      longName = undefined;
    } else if (type !== '5' && type !== 'g') {
      throw new ArchiveError(
        `the archive holds something that is neither file nor folder (type ${JSON.stringify(type)})`,
      );
    } else longName = undefined;
  }
  throw new ArchiveError('the archive is cut off before its end mark');
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function octal(field: Uint8Array): number {
  const digits = text(field).trim();
  if (!/^[0-7]*$/.test(digits)) throw new ArchiveError('the archive has a damaged header: a number is not octal');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function headerSum(header: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < BLOCK; index++) sum += index >= 148 && index < 156 ? 32 : header[index]!;
  return sum;
}

function checkSum(header: Uint8Array, at: number): void {
  if (octal(header.subarray(148, 156)) === headerSum(header)) return;
  throw new ArchiveError(`the archive has a damaged header at byte ${at}: its checksum is wrong`);
}

function headerName(header: Uint8Array): string {
  const name = text(header.subarray(0, 100));
  const isUstar = text(header.subarray(257, 263)).startsWith('ustar');
  const prefix = isUstar ? text(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function paxPath(content: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(decoder.decode(content))?.[1];
}

function cleanName(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new ArchiveError(`the archive names a file outside itself: ${JSON.stringify(name)}`);
  return parts.join('/');
}

/** An archive of the files, with fixed times and owners so that equal files make equal archives. */
export function writeTar(files: readonly ArchiveFile[]): Uint8Array {
  const blocks: Uint8Array[] = [];
  const add = (name: string, content: Uint8Array, type: string): void => {
    blocks.push(makeHeader(name, content.length, type), content);
    const rest = content.length % BLOCK;
    if (rest > 0) blocks.push(new Uint8Array(BLOCK - rest));
  };
  for (const { name, content } of files) {
    const fits = splitName(name) !== undefined;
    if (!fits) add('@LongName', paxHeader(name), 'x');
    add(fits ? name : '@LongName', content, '0');
  }
  blocks.push(new Uint8Array(2 * BLOCK));
  return Buffer.concat(blocks);
}

/** A record of the true name; its length counts its own digits too. */
function paxHeader(name: string): Uint8Array {
  const record = ` path=${name}\n`;
  let length = Buffer.byteLength(record);
  length += String(length + String(length).length).length;
  return Buffer.from(`${length}${record}`);
}

function makeHeader(name: string, size: number, type: string): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const encoder = new TextEncoder();
  const put = (value: string, at: number): void => header.set(encoder.encode(value), at);
  const [prefix, base] = splitName(name)!;
  put(base, 0);
  put('0000644\0', 100);
  put('0000000\0', 108);
  put('0000000\0', 116);
  put(`${size.toString(8).padStart(11, '0')}\0`, 124);
  put('00000000000\0', 136);
  put(type, 156);
  put('ustar\x0000', 257);
  put(prefix, 345);
  put(`${headerSum(header).toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** The two parts that a header has room for; undefined for a longer name. */
function splitName(name: string): [string, string] | undefined {
  if (Buffer.byteLength(name) <= 100) return ['', name];
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    const prefix = name.slice(0, at);
    const base = name.slice(at + 1);
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(base) <= 100) return [prefix, base];
  }
  return undefined;
}
