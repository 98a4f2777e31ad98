/** Bytes are no zstd frame that this reader takes; the message says where it stopped. */
export class ZstdFrameError extends Error {
  override readonly name = 'ZstdFrameError';
}

const MAGIC = Buffer.from('28b52ffd', 'hex');
const SINGLE_SEGMENT = 0x20;
const CHECKSUM = 0x04;
const RESERVED = 0x08;
const DICTIONARY_ID = 0x03;
const BLOCK_HEAD_BYTES = 3;
const LARGEST_BLOCK = 128 * 1024;
const RAW_BLOCK = 0;
const RUN_BLOCK = 1;

/**
 * Wraps content into one zstd frame of stored blocks (RFC 8878): single segment, content size in the shortest of the
 * 1, 2, 4 and 8-byte forms, no checksum, blocks of at most 128 KiB. Every zstd decoder reads it; nothing is compressed.
 */
export function storeZstdFrame(content: Uint8Array): Buffer {
  const blocks = Math.max(1, Math.ceil(content.length / LARGEST_BLOCK));
  const { flag, field } = contentSizeField(content.length);
  const parts: Uint8Array[] = [MAGIC, Buffer.of((flag << 6) | SINGLE_SEGMENT), field];
  for (let index = 0; index < blocks; index += 1) {
    const block = content.subarray(index * LARGEST_BLOCK, (index + 1) * LARGEST_BLOCK);
    const head = Buffer.alloc(BLOCK_HEAD_BYTES);
    const last = index === blocks - 1 ? 1 : 0;
    head.writeUIntLE((block.length << 3) | (RAW_BLOCK << 1) | last, 0, BLOCK_HEAD_BYTES);
    parts.push(head, block);
  }
  return Buffer.concat(parts);
}

/**
 * Takes the content out of one zstd frame of stored or run-length blocks, up to `limit` bytes.
 * Throws `ZstdFrameError` for compressed blocks, checksums and dictionaries (the appliance never writes them), for
 * anything after the frame, for a size that does not agree, and above the limit.
 */
export function unwrapZstdFrame(frame: Uint8Array, limit: number): Buffer {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
  const { at: start, contentSize } = readHead(bytes);
  if (contentSize !== null && contentSize > limit) {
    throw new ZstdFrameError(`The frame announces ${contentSize} bytes; at most ${limit} are accepted.`);
  }
  const parts: Buffer[] = [];
  let total = 0;
  let at = start;
  for (let last = false; !last; ) {
    const head = take(bytes, at, BLOCK_HEAD_BYTES).readUIntLE(0, BLOCK_HEAD_BYTES);
    at += BLOCK_HEAD_BYTES;
    last = (head & 1) === 1;
    const type = (head >> 1) & 3;
    const size = head >> 3;
    if (type !== RAW_BLOCK && type !== RUN_BLOCK) {
      throw new ZstdFrameError(`The frame holds a block of type ${type}; only stored blocks are read.`);
    }
    total += size;
    if (size > LARGEST_BLOCK || total > limit) {
      throw new ZstdFrameError(`The frame holds more than ${size > LARGEST_BLOCK ? LARGEST_BLOCK : limit} bytes.`);
    }
    parts.push(type === RAW_BLOCK ? take(bytes, at, size) : Buffer.alloc(size, take(bytes, at, 1)));
    at += type === RAW_BLOCK ? size : 1;
  }
  if (at !== bytes.length) throw new ZstdFrameError(`${bytes.length - at} bytes follow the end of the frame.`);
  if (contentSize !== null && contentSize !== total) {
    throw new ZstdFrameError(`The frame announces ${contentSize} bytes and holds ${total}.`);
  }
  return Buffer.concat(parts);
}

function contentSizeField(size: number): { flag: number; field: Buffer } {
  if (size < 256) return { flag: 0, field: Buffer.of(size) };
  if (size < 65_536 + 256) {
    const field = Buffer.alloc(2);
    field.writeUInt16LE(size - 256);
    return { flag: 1, field };
  }
  if (size <= 0xffff_ffff) {
    const field = Buffer.alloc(4);
    field.writeUInt32LE(size);
    return { flag: 2, field };
  }
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(BigInt(size));
  return { flag: 3, field };
}

function readHead(bytes: Buffer): { at: number; contentSize: number | null } {
  if (!take(bytes, 0, MAGIC.length).equals(MAGIC)) throw new ZstdFrameError('The bytes are no zstd frame.');
  const descriptor = take(bytes, 4, 1)[0]!;
  if (descriptor & (CHECKSUM | RESERVED | DICTIONARY_ID)) {
    throw new ZstdFrameError('The frame asks for a checksum, a dictionary or a reserved feature.');
  }
  const singleSegment = (descriptor & SINGLE_SEGMENT) !== 0;
  const flag = descriptor >> 6;
  const at = singleSegment ? 5 : 6;
  const size = [singleSegment ? 1 : 0, 2, 4, 8][flag]!;
  const field = take(bytes, at, size);
  if (size === 0) return { at, contentSize: null };
  if (size === 8) return { at: at + 8, contentSize: Number(field.readBigUInt64LE()) };
  return { at: at + size, contentSize: field.readUIntLE(0, size) + (size === 2 ? 256 : 0) };
}

function take(bytes: Buffer, at: number, size: number): Buffer {
  if (at + size > bytes.length) throw new ZstdFrameError(`The frame ends after ${bytes.length} bytes, too early.`);
  return bytes.subarray(at, at + size);
}
