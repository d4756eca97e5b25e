// Bytes and the ways in which they are written: hex, base64, base32, UTF-8.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DIGITS = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));
const BEYOND = /[\ud800-\uffff]/; // where the order of UTF-16 units and that of code points differ
const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Return bytes as lower-case hex. */
export function toHex(data) {
  let text = "";
  for (let at = 0; at < data.length; at++) text += DIGITS[data[at]];
  return text;
}

/** Return the bytes of a text that is known to be hex. */
export function fromHex(text) {
  const data = new Uint8Array(text.length / 2);
  for (let at = 0; at < data.length; at++) data[at] = parseInt(text.substr(2 * at, 2), 16);
  return data;
}

/** Return the UTF-8 bytes of a text. */
export function toUtf8(text) {
  return new TextEncoder().encode(text);
}

/** Return the text of bytes, or null when they are not UTF-8; a byte order mark stays in the text. */
export function fromUtf8(data) {
  try {
    return STRICT.decode(data);
  } catch (error) {
    return null;
  }
}

/** Return the text of bytes with a replacement character for whatever is not UTF-8. */
export function readable(data) {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(data);
}

/** Return standard base64 (RFC 4648 section 4). */
export function toBase64(data) {
  let text = "";
  for (let at = 0; at < data.length; at++) text += String.fromCharCode(data[at]);
  return btoa(text);
}

/** Return the bytes of a text in standard base64, or null when it is not exactly what toBase64 writes. */
export function fromBase64(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) return null;
  let data;
  try {
    data = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (error) {
    return null;
  }
  return toBase64(data) === text ? data : null;
}

/** Return the first 80 bits in base32 as XXXX-XXXX-XXXX-XXXX: a record code or an export number (section 6). */
export function toCode(data) {
  let bits = 0n;
  for (let at = 0; at < 10; at++) bits = (bits << 8n) | BigInt(data[at]);
  let text = "";
  for (let at = 15; at >= 0; at--) text += LETTERS[Number((bits >> BigInt(5 * at)) & 31n)];
  return text.replace(/(.{4})(?=.)/g, "$1-");
}

/** Whether two runs of bytes are the same. */
export function same(one, other) {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** Return several runs of bytes as one. */
export function joined(pieces) {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Return the lines of bytes without their newlines; what stands behind the last newline is `rest`. */
export function lines(data) {
  const found = [];
  let start = 0;
  for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, start)) {
    found.push(data.subarray(start, end));
    start = end + 1;
  }
  return { lines: found, rest: data.subarray(start) };
}

/** Compare texts by code points, as Python sorts them (JavaScript alone would sort by UTF-16 units). */
export function byCodePoint(one, other) {
  if (one === other) return 0;
  if (!BEYOND.test(one) || !BEYOND.test(other)) return one < other ? -1 : 1;
  const left = Array.from(one);
  const right = Array.from(other);
  for (let at = 0; at < left.length && at < right.length; at++) {
    if (left[at] !== right[at]) return left[at].codePointAt(0) - right[at].codePointAt(0);
  }
  return left.length - right.length;
}
