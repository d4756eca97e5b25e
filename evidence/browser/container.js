// The ZIP around a bundle: one possible file for given members, so that no byte goes unexplained (section 7.1).

import * as bytes from "./bytes.js";
import * as member from "./member.js";
import * as pace from "./pace.js";

const [LOCAL, CENTRAL, DAY, MANY] = [30, 46, 0x0021, 0xffff];
export const LARGEST = 0xfffffffe;

/** The file is not byte for byte what our own writer would have made of its members. */
export class ContainerError extends Error {}

/** Return the members by name; throws ContainerError for any byte that our writer would not have written. */
export async function readExactly(source) {
  const entries = [];
  const members = new Map();
  let offset = 0;
  for (let head = await header(source, 0); head; head = await header(source, offset)) {
    if (entries.length && head.name <= entries[entries.length - 1].name) {
      throw new ContainerError("members are not sorted by name");
    }
    const found = await member.stored(source, head.name, offset + head.length, head.size);
    if (found.size !== head.size || found.crc !== head.crc) {
      throw new ContainerError(`${head.name} is not what its header says`);
    }
    members.set(head.name, found);
    entries.push(head);
    offset += head.length + head.size;
    await pace.breathe("reading", offset, source.size);
  }
  await mustEnd(source, offset, entries);
  return members;
}

// The header of a member at an offset, or null where no further member begins.
async function header(source, offset) {
  const fixed = await source.read(offset, LOCAL);
  if (!bytes.same(fixed.subarray(0, 4), Uint8Array.of(80, 75, 3, 4))) return null;
  if (fixed.length < LOCAL) throw new ContainerError("cut off inside a member's header");
  const view = new DataView(fixed.buffer, fixed.byteOffset, LOCAL);
  const [crc, size] = [view.getUint32(14, true), view.getUint32(22, true)];
  const length = LOCAL + view.getUint16(26, true);
  const whole = await source.read(offset, length);
  const name = String.fromCharCode(...whole.subarray(LOCAL));
  const ours = /^[\x00-\x7f]*$/.test(name) && bytes.same(whole, local({ name, crc, size }));
  if (!ours) throw new ContainerError(`a member's header is not ours, at ${offset}`);
  return { name, crc, size, offset, length };
}

async function mustEnd(source, offset, entries) {
  const wanted = directory(entries, offset);
  const found = source.size - offset === wanted.length ? await source.read(offset, wanted.length) : wanted;
  if (source.size - offset !== wanted.length || !bytes.same(found, wanted)) {
    throw new ContainerError(`unexpected bytes after the last member, at ${offset}`);
  }
}

// APPNOTE.TXT 4.3.7: version 10, no flags, stored, 1980-01-01 00:00:00.
function local({ name, crc, size }) {
  const whole = new Uint8Array(LOCAL + name.length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, 0x04034b50, true);
  view.setUint16(4, 10, true);
  facts(view, 10, name, crc, size);
  return named(whole, LOCAL, name);
}

// APPNOTE.TXT 4.3.12.
function central({ name, crc, size, offset }) {
  const whole = new Uint8Array(CENTRAL + name.length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, 0x02014b50, true);
  view.setUint16(4, 10, true);
  view.setUint16(6, 10, true);
  facts(view, 12, name, crc, size);
  view.setUint32(42, offset, true);
  return named(whole, CENTRAL, name);
}

function facts(view, at, name, crc, size) {
  view.setUint16(at + 2, DAY, true);
  view.setUint32(at + 4, crc, true);
  view.setUint32(at + 8, size, true);
  view.setUint32(at + 12, size, true);
  view.setUint16(at + 16, name.length, true);
}

function named(whole, at, name) {
  for (let n = 0; n < name.length; n++) whole[at + n] = name.charCodeAt(n);
  return whole;
}

// APPNOTE.TXT 4.3.14 to 4.3.16: the zip64 records stand there from 65,535 members on.
function directory(entries, offset) {
  const listed = bytes.joined(entries.map(central));
  const [count, few] = [entries.length, Math.min(entries.length, MANY)];
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, few, true);
  end.setUint16(10, few, true);
  end.setUint32(12, listed.length, true);
  end.setUint32(16, offset, true);
  const more = count >= MANY ? zip64(count, listed.length, offset) : new Uint8Array(0);
  return bytes.joined([listed, more, new Uint8Array(end.buffer)]);
}

function zip64(count, size, offset) {
  const view = new DataView(new ArrayBuffer(56 + 20));
  view.setUint32(0, 0x06064b50, true);
  view.setUint32(4, 44, true);
  view.setUint16(12, 45, true);
  view.setUint16(14, 45, true);
  [count, count, size, offset].forEach((value, n) => view.setBigUint64(24 + 8 * n, BigInt(value), true));
  view.setUint32(56, 0x07064b50, true);
  view.setBigUint64(64, BigInt(offset + size), true);
  view.setUint32(72, 1, true);
  return new Uint8Array(view.buffer);
}
