// A small strict reader of ASN.1 DER (ITU-T X.690), as far as time stamps need it.

export const INTEGER = 0x02;
export const OCTETS = 0x04;
export const OID = 0x06;
export const TIME = 0x18;
export const SEQUENCE = 0x30;
export const SET = 0x31;

const LONGEST_INTEGER = 32; // bytes

/** Bytes are not an RFC 3161 response that carries a time stamp; the message says why. */
export class StampError extends Error {}

/** Return the tag byte of a constructed value with this context number. */
export function tagged(number) {
  return 0xa0 | number;
}

/** Read exactly one value as {tag, content}; throws StampError when something is left over. */
export function one(data) {
  const values = all(data);
  if (values.length !== 1) throw new StampError(`one value is expected, not ${values.length}`);
  return values[0];
}

/** Return the values inside a constructed one; throws StampError. */
export function children(value) {
  if (!(value.tag & 0x20)) throw new StampError("a value that holds others is expected");
  return all(value.content);
}

/** Return the value itself when it has this tag; throws StampError. */
export function expect(value, tag) {
  const shown = (number) => `0x${number.toString(16).padStart(2, "0")}`;
  if (value.tag !== tag) throw new StampError(`tag ${shown(tag)} is expected, not ${shown(value.tag)}`);
  return value;
}

/** Return a non-negative INTEGER as BigInt; throws StampError. */
export function number(value) {
  const body = expect(value, INTEGER).content;
  if (body.length > LONGEST_INTEGER) throw new StampError("an integer is longer than any that is used");
  if (!body.length || body[0] & 0x80 || (body.length > 1 && body[0] === 0 && !(body[1] & 0x80))) {
    throw new StampError("not a non-negative integer in its shortest form");
  }
  return body.reduce((whole, byte) => (whole << 8n) | BigInt(byte), 0n);
}

/** Return an OBJECT IDENTIFIER in dotted form; throws StampError. */
export function oid(value) {
  const [first, ...rest] = arcs(expect(value, OID).content);
  const top = first < 80n ? first / 40n : 2n;
  return [top, first - 40n * top, ...rest].join(".");
}

function all(data) {
  const values = [];
  for (let at = 0; at < data.length; ) {
    const { start, length } = header(data, at);
    if (start + length > data.length) throw new StampError("a value is cut off");
    values.push({ tag: data[at], content: data.subarray(start, start + length) });
    at = start + length;
  }
  return values;
}

// Where the contents begin and how long they are.
function header(data, at) {
  if ((data[at] & 0x1f) === 0x1f || at + 1 >= data.length) {
    throw new StampError("a tag of several bytes, or a value without a length");
  }
  const first = data[at + 1];
  if (first < 0x80) return { start: at + 2, length: first };
  const size = first & 0x7f;
  if (size < 1 || size > 4 || at + 2 + size > data.length) {
    throw new StampError("a length is cut off, too long or not stated");
  }
  let length = 0;
  for (const byte of data.subarray(at + 2, at + 2 + size)) length = length * 256 + byte;
  if (length < 0x80 || length < 256 ** (size - 1)) {
    throw new StampError("a length is not in its shortest form");
  }
  return { start: at + 2 + size, length };
}

function arcs(body) {
  if (body.length < 1 || body.length > 64 || body[body.length - 1] & 0x80) {
    throw new StampError("an object identifier is empty, cut off or too long");
  }
  const found = [];
  let arc = 0n;
  body.forEach((byte, at) => {
    if (byte === 0x80 && (at === 0 || !(body[at - 1] & 0x80))) {
      throw new StampError("an object identifier is not in its shortest form");
    }
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (byte & 0x80) return;
    found.push(arc);
    arc = 0n;
  });
  return found;
}
