// SHA-512 (FIPS 180-4) with 32-bit halves, for small inputs and for browsers whose WebCrypto is closed to files.

import * as roots from "./roots.js";

const [K_HIGH, K_LOW] = halves(roots.fractions(3, 80));
const START = halves(roots.fractions(2, 8));
const START_384 = halves(roots.fractions(2, 16).slice(8));
const HIGH = new Int32Array(80);
const LOW = new Int32Array(80);

/** Return the hash of these pieces, one after the other. */
export function sha512(...pieces) {
  const hash = begun();
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}

/** Return the SHA-384 hash (section 6.5) of data. */
export function sha384(data) {
  const hash = begun(START_384);
  hash.update(data);
  return hash.digest().subarray(0, 48);
}

/** Return a hash to which data can be added piece by piece. */
export function begun(start = START) {
  const high = start[0].slice();
  const low = start[1].slice();
  const block = new Uint8Array(128);
  let held = 0;
  let length = 0;

  function update(data) {
    length += data.length;
    let at = 0;
    if (held) {
      at = Math.min(128 - held, data.length);
      block.set(at === data.length ? data : data.subarray(0, at), held);
      held += at;
      if (held < 128) return;
      compress(high, low, block, 0);
    }
    for (; at + 128 <= data.length; at += 128) compress(high, low, data, at);
    held = data.length - at;
    if (held) block.set(at ? data.subarray(at) : data);
  }

  function digest() {
    block[held++] = 0x80;
    block.fill(0, held);
    if (held > 112) {
      compress(high, low, block, 0);
      block.fill(0);
    }
    const view = new DataView(block.buffer);
    view.setUint32(120, Math.floor(length / 0x20000000));
    view.setUint32(124, length << 3);
    compress(high, low, block, 0);
    return bigEndian(high, low);
  }

  return { update, digest };
}

// Destructuring would read better here and costs ten times as much.
function compress(high, low, data, at) {
  spread(data, at);
  let ah = high[0];
  let al = low[0];
  let bh = high[1];
  let bl = low[1];
  let ch = high[2];
  let cl = low[2];
  let dh = high[3];
  let dl = low[3];
  let eh = high[4];
  let el = low[4];
  let fh = high[5];
  let fl = low[5];
  let gh = high[6];
  let gl = low[6];
  let hh = high[7];
  let hl = low[7];
  for (let t = 0; t < 80; t++) {
    const s1h = ((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23));
    const s1l = ((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23));
    const chooseL = (el & fl) ^ (~el & gl);
    const one = (hl >>> 0) + (s1l >>> 0) + (chooseL >>> 0) + (K_LOW[t] >>> 0) + (LOW[t] >>> 0);
    const oneH = (hh + s1h + ((eh & fh) ^ (~eh & gh)) + K_HIGH[t] + HIGH[t] + carry(one)) | 0;
    const s0h = ((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25));
    const s0l = ((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25));
    const mostL = (al & bl) ^ (al & cl) ^ (bl & cl);
    const two = (one >>> 0) + (s0l >>> 0) + (mostL >>> 0);
    const twoH = (oneH + s0h + ((ah & bh) ^ (ah & ch) ^ (bh & ch)) + carry(two)) | 0;
    const e = (dl >>> 0) + (one >>> 0);
    hh = gh;
    hl = gl;
    gh = fh;
    gl = fl;
    fh = eh;
    fl = el;
    eh = (dh + oneH + carry(e)) | 0;
    el = e | 0;
    dh = ch;
    dl = cl;
    ch = bh;
    cl = bl;
    bh = ah;
    bl = al;
    ah = twoH;
    al = two | 0;
  }
  add(high, low, 0, ah, al);
  add(high, low, 1, bh, bl);
  add(high, low, 2, ch, cl);
  add(high, low, 3, dh, dl);
  add(high, low, 4, eh, el);
  add(high, low, 5, fh, fl);
  add(high, low, 6, gh, gl);
  add(high, low, 7, hh, hl);
}

function add(high, low, n, moreHigh, moreLow) {
  const sum = (low[n] >>> 0) + (moreLow >>> 0);
  high[n] += moreHigh + carry(sum);
  low[n] = sum;
}

function spread(data, at) {
  for (let t = 0; t < 16; t++, at += 8) {
    HIGH[t] = (data[at] << 24) | (data[at + 1] << 16) | (data[at + 2] << 8) | data[at + 3];
    LOW[t] = (data[at + 4] << 24) | (data[at + 5] << 16) | (data[at + 6] << 8) | data[at + 7];
  }
  for (let t = 16; t < 80; t++) {
    const xh = HIGH[t - 15];
    const xl = LOW[t - 15];
    const yh = HIGH[t - 2];
    const yl = LOW[t - 2];
    const s0h = ((xh >>> 1) | (xl << 31)) ^ ((xh >>> 8) | (xl << 24)) ^ (xh >>> 7);
    const s0l = ((xl >>> 1) | (xh << 31)) ^ ((xl >>> 8) | (xh << 24)) ^ ((xl >>> 7) | (xh << 25));
    const s1h = ((yh >>> 19) | (yl << 13)) ^ ((yl >>> 29) | (yh << 3)) ^ (yh >>> 6);
    const s1l = ((yl >>> 19) | (yh << 13)) ^ ((yh >>> 29) | (yl << 3)) ^ ((yl >>> 6) | (yh << 26));
    const sum = (LOW[t - 16] >>> 0) + (s0l >>> 0) + (LOW[t - 7] >>> 0) + (s1l >>> 0);
    HIGH[t] = HIGH[t - 16] + s0h + HIGH[t - 7] + s1h + carry(sum);
    LOW[t] = sum;
  }
}

function carry(sum) {
  return (sum / 0x100000000) | 0;
}

function halves(values) {
  const low = values.map((value) => Number(value & 0xffffffffn));
  return [Int32Array.from(values, (value) => Number(value >> 32n)), Int32Array.from(low)];
}

function bigEndian(high, low) {
  const view = new DataView(new ArrayBuffer(64));
  for (let n = 0; n < 8; n++) {
    view.setInt32(8 * n, high[n]);
    view.setInt32(8 * n + 4, low[n]);
  }
  return new Uint8Array(view.buffer);
}
