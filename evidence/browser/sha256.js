// SHA-256 (FIPS 180-4) at once and without waiting: a log has many small inputs, and WebCrypto only promises.

import * as roots from "./roots.js";

const K = Int32Array.from(roots.shortFractions(3, 64));
const START = Int32Array.from(roots.shortFractions(2, 8));
const W = new Int32Array(64);

/** Return the hash of these pieces, one after the other. */
export function sha256(...pieces) {
  const hash = begun();
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}

/** Return HMAC-SHA256 (RFC 2104) of these pieces under a key. */
export function hmac(key, ...pieces) {
  const mac = begunHmac(key);
  for (const piece of pieces) mac.update(piece);
  return mac.digest();
}

/** Return an HMAC to which data can be added piece by piece. */
export function begunHmac(key) {
  const padded = new Uint8Array(64);
  padded.set(key.length > 64 ? sha256(key) : key);
  const inner = begun();
  inner.update(padded.map((value) => value ^ 0x36));
  const outer = padded.map((value) => value ^ 0x5c);
  return { update: inner.update, digest: () => sha256(outer, inner.digest()) };
}

/** Return a hash to which data can be added piece by piece. */
export function begun() {
  const state = START.slice();
  const block = new Uint8Array(64);
  let held = 0;
  let length = 0;

  function update(data) {
    length += data.length;
    let at = 0;
    if (held) {
      at = Math.min(64 - held, data.length);
      block.set(at === data.length ? data : data.subarray(0, at), held);
      held += at;
      if (held < 64) return;
      compress(state, block, 0);
    }
    for (; at + 64 <= data.length; at += 64) compress(state, data, at);
    held = data.length - at;
    if (held) block.set(at ? data.subarray(at) : data);
  }

  function digest() {
    block[held++] = 0x80;
    block.fill(0, held);
    if (held > 56) {
      compress(state, block, 0);
      block.fill(0);
    }
    const view = new DataView(block.buffer);
    view.setUint32(56, Math.floor(length / 0x20000000));
    view.setUint32(60, length << 3);
    compress(state, block, 0);
    return bigEndian(state);
  }

  return { update, digest };
}

function compress(state, data, at) {
  for (let t = 0; t < 16; t++, at += 4) {
    W[t] = (data[at] << 24) | (data[at + 1] << 16) | (data[at + 2] << 8) | data[at + 3];
  }
  for (let t = 16; t < 64; t++) {
    const x = W[t - 15];
    const y = W[t - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[t] = (W[t - 16] + s0 + W[t - 7] + s1) | 0;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let t = 0; t < 64; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + K[t] + W[t]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

function bigEndian(state) {
  const out = new Uint8Array(32);
  const view = new DataView(out.buffer);
  for (let n = 0; n < 8; n++) view.setInt32(4 * n, state[n]);
  return out;
}
