// Any ZIP that holds each name once, e.g. one packed again by another program; read as leniently as is safe.

import * as bytes from "./bytes.js";
import * as container from "./container.js";
import * as member from "./member.js";
import * as pace from "./pace.js";

const [END, LOCATOR, END64, CENTRAL, LOCAL] = [22, 20, 56, 46, 30];
const LONGEST_COMMENT = 0xffff;
const UNKNOWN = 0xffffffff; // the value stands in the zip64 field instead
const [ENCRYPTED, PATCHED, STRONG, UTF8] = [1, 1 << 5, 1 << 6, 1 << 11];
// The upper half of code page 437, which a ZIP without the UTF-8 flag is written in.
const UPPER =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀" +
  "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

/** The file cannot be read as a bundle at all; the message says why. */
export class UnreadableBundle extends Error {}

/** Return the members by name; throws UnreadableBundle when there is no telling what they are. */
export async function readLoosely(source) {
  const listed = (await entries(source)).filter((entry) => !entry.name.endsWith("/"));
  mustBePlain(listed);
  listed.sort((one, other) => bytes.byCodePoint(ascii(one.name), ascii(other.name)));
  const members = new Map();
  for (const [at, entry] of listed.entries()) {
    members.set(ascii(entry.name), { ...(await unpacked(source, entry)), name: ascii(entry.name) });
    await pace.breathe("reading", at, listed.length);
  }
  return members;
}

// A name of ours is ASCII; any other is spelt out, so that it can be told.
function ascii(name) {
  return name.replace(/[^\x00-\x7f]/gu, (one) => {
    const code = one.codePointAt(0);
    const [mark, length] = code < 256 ? ["x", 2] : code < 65536 ? ["u", 4] : ["U", 8];
    return `\\${mark}${code.toString(16).padStart(length, "0")}`;
  });
}

function mustBePlain(listed) {
  if (new Set(listed.map((entry) => ascii(entry.name))).size !== listed.length) {
    throw new UnreadableBundle("a name stands twice in the ZIP file");
  }
  if (listed.reduce((sum, entry) => sum + entry.size, 0) > container.LARGEST) {
    throw new UnreadableBundle("the ZIP file unpacks to more than 4 GiB");
  }
  if (listed.some((entry) => entry.method !== 0 && entry.method !== 8)) {
    throw new UnreadableBundle("the ZIP file is compressed in an unusual way");
  }
}

async function entries(source) {
  const end = await ending(source);
  const concat = end.at - end.size - end.offset - (end.zip64 ? END64 + LOCATOR : 0);
  const start = end.offset + concat;
  if (start < 0) throw notWhole("Bad offset for central directory");
  const data = await source.read(start, end.size);
  const found = [];
  for (let at = 0; at < end.size; ) {
    if (data.length < at + CENTRAL) throw notWhole("Truncated central directory");
    const entry = described(data, at, concat);
    found.push(entry);
    at += entry.length;
  }
  return found;
}

// The end record; a comment may stand behind it, and a zip64 end record before it.
async function ending(source) {
  const start = Math.max(source.size - END - LONGEST_COMMENT, 0);
  const tail = await source.read(start, source.size - start);
  let at = tail.length - END;
  if (at < 0 || !isEnd(tail, at) || tail[at + 20] || tail[at + 21]) at = lastEnd(tail);
  if (at < 0 || tail.length < at + END) throw notWhole("File is not a zip file");
  const view = seen(tail, at, END);
  const plain = { at: start + at, size: view.getUint32(12, true), offset: view.getUint32(16, true) };
  return zip64(await source.read(Math.max(plain.at - LOCATOR - END64, 0), LOCATOR + END64), plain);
}

function zip64(data, plain) {
  if (data.length < LOCATOR + END64) return plain;
  const locator = seen(data, END64, LOCATOR);
  if (locator.getUint32(0, true) !== 0x07064b50) return plain;
  if (locator.getUint32(4, true) || locator.getUint32(16, true) > 1) {
    throw notWhole("zipfiles that span multiple disks are not supported");
  }
  const view = seen(data, 0, END64);
  if (view.getUint32(0, true) !== 0x06064b50) return plain;
  const [size, offset] = [Number(view.getBigUint64(40, true)), Number(view.getBigUint64(48, true))];
  return { at: plain.at, size, offset, zip64: true };
}

function described(data, at, concat) {
  const view = seen(data, at, CENTRAL);
  if (view.getUint32(0, true) !== 0x02014b50) throw notWhole("Bad magic number for central directory");
  const [flags, version] = [view.getUint16(8, true), view.getUint16(6, true) & 255];
  const lengths = [28, 30, 32].map((place) => view.getUint16(place, true));
  const raw = data.subarray(at + CENTRAL, at + CENTRAL + lengths[0]).slice();
  const extra = data.subarray(at + CENTRAL + lengths[0], at + CENTRAL + lengths[0] + lengths[1]);
  if (version > 63) throw odd("NotImplementedError");
  const whole = decoded(raw, flags);
  const entry = {
    flags, raw, whole,
    name: whole.split("\0", 1)[0],
    method: view.getUint16(10, true),
    crc: view.getUint32(16, true),
    packed: view.getUint32(20, true),
    size: view.getUint32(24, true),
    offset: view.getUint32(42, true),
    length: CENTRAL + lengths[0] + lengths[1] + lengths[2],
  };
  widened(entry, extra);
  return { ...entry, offset: entry.offset + concat };
}

// APPNOTE.TXT 4.5.3: sizes that do not fit stand in the extra field 0x0001, in this order.
function widened(entry, extra) {
  for (let at = 0; at + 4 <= extra.length; ) {
    const view = new DataView(extra.buffer, extra.byteOffset + at, extra.length - at);
    const [kind, length] = [view.getUint16(0, true), view.getUint16(2, true)];
    if (at + 4 + length > extra.length) throw notWhole("Corrupt extra field");
    let place = 4;
    for (const name of kind === 1 ? ["size", "packed", "offset"] : []) {
      if (entry[name] !== UNKNOWN) continue;
      if (place + 8 > 4 + length) throw notWhole("Corrupt zip64 extra field");
      entry[name] = Number(view.getBigUint64(place, true));
      place += 8;
    }
    at += 4 + length;
  }
}

async function unpacked(source, entry) {
  if (entry.offset < 0) throw odd("OSError");
  const head = await source.read(entry.offset, LOCAL);
  if (head.length < LOCAL) throw notWhole("Truncated file header");
  const view = seen(head, 0, LOCAL);
  if (view.getUint32(0, true) !== 0x04034b50) throw notWhole("Bad magic number for file header");
  const [flags, length, extra] = [6, 26, 28].map((place) => view.getUint16(place, true));
  const raw = await source.read(entry.offset + LOCAL, length);
  if (entry.flags & (PATCHED | STRONG)) throw odd("NotImplementedError");
  if (decoded(raw, flags) !== entry.whole) throw notWhole("file names in directory and header differ");
  if (entry.flags & ENCRYPTED) throw odd("RuntimeError");
  const start = entry.offset + LOCAL + length + extra;
  const found = entry.method === 8 ? await inflated(source, entry, start) : await plainly(source, entry, start);
  if (found.crc !== entry.crc) throw notWhole(`Bad CRC-32 for file '${entry.name}'`);
  if (found.size !== entry.size) throw notWhole(`'${entry.name}' is shorter than it says`);
  return found;
}

async function plainly(source, entry, start) {
  const size = Math.min(entry.size, entry.packed);
  if (start + size > source.size) throw odd("EOFError");
  return member.stored(source, entry.name, start, size);
}

async function inflated(source, entry, start) {
  if (typeof DecompressionStream === "undefined") {
    throw new UnreadableBundle("the ZIP file was compressed by another program; a newer browser can open it");
  }
  const packed = (await source.read(start, entry.packed)).slice();
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const pieces = [];
  let length = 0;
  const reader = stream.getReader();
  try {
    for (let one = await reader.read(); !one.done && length <= entry.size; one = await reader.read()) {
      pieces.push(one.value);
      length += one.value.length;
    }
  } catch (error) {
    throw notWhole("Error while decompressing data");
  }
  return member.held(entry.name, bytes.joined(pieces).subarray(0, entry.size));
}

function decoded(raw, flags) {
  if (flags & UTF8) {
    const text = bytes.fromUtf8(raw);
    if (text === null) throw odd("UnicodeDecodeError");
    return text;
  }
  return Array.from(raw, (value) => (value < 128 ? String.fromCharCode(value) : UPPER[value - 128])).join("");
}

function isEnd(data, at) {
  return data[at] === 80 && data[at + 1] === 75 && data[at + 2] === 5 && data[at + 3] === 6;
}

function lastEnd(data) {
  for (let at = data.length - 4; at >= 0; at--) if (isEnd(data, at)) return at;
  return -1;
}

function seen(data, at, length) {
  return new DataView(data.buffer, data.byteOffset + at, length);
}

function notWhole(why) {
  return new UnreadableBundle(`not a whole ZIP file: ${why}`);
}

function odd(kind) {
  return new UnreadableBundle(`not a ZIP file of ours: ${kind}`);
}
