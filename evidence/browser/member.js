// One file of a bundle: its size, its hashes, and its bytes when they are wanted.

import * as crc32 from "./crc32.js";
import * as digest from "./digest.js";
import * as pace from "./pace.js";

const PIECE = 4 << 20;
const SMALL = 1 << 16; // bytes; a member up to this length is kept, a longer one is read again when wanted

/** Return the member whose bytes stand unpacked in a source; reads all of it, for its hashes and its CRC. */
export async function stored(source, name, offset, size) {
  const pieces = () => stretches(source, offset, size);
  if (size > PIECE) return { name, size, ...(await counted(pieces())), pieces };
  // A copy, because the source's window moves on.
  const data = (await source.read(offset, size)).slice();
  const member = { name, size: data.length, crc: crc32.crc32(data), ...(await digest.both(data)), pieces };
  return data.length <= SMALL ? { ...member, pieces: () => [data] } : member;
}

/** Return the member that these bytes are. */
export async function held(name, data) {
  const pieces = () => [data];
  return { name, size: data.length, crc: crc32.crc32(data), ...(await digest.both(data)), pieces };
}

/** Return the bytes of a member. */
export async function contents(member) {
  const whole = new Uint8Array(member.size);
  let at = 0;
  for await (const piece of member.pieces()) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

async function counted(pieces) {
  const hash = digest.begun();
  let crc = 0;
  for await (const piece of pieces) {
    hash.update(piece);
    crc = crc32.crc32(piece, crc);
  }
  return { crc, ...hash.digest() };
}

async function* stretches(source, offset, size) {
  for (let at = 0; at < size; at += PIECE) {
    await pace.breathe("reading", offset + at, source.size);
    yield (await source.read(offset + at, Math.min(PIECE, size - at))).slice();
  }
}
