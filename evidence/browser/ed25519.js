// Ed25519 verification (RFC 8032 section 5.1.7) of our own; the browser's own is asked as well where it has one.

import * as bytes from "./bytes.js";
import * as sha512 from "./sha512.js";

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = mod(-121665n * power(121666n, P - 2n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);
const BASE = decoded(encoded(mod(4n * power(5n, P - 2n)), 0n));
const ZERO = [0n, 1n, 1n, 0n];

/** Whether this is a signature of the message under the 32 bytes of a public key. */
export function verifies(key, message, signature) {
  if (!wellFormed(key, signature)) return false;
  const s = number(signature.subarray(32));
  const k = number(sha512.sha512(signature.subarray(0, 32), key, message)) % ORDER;
  const [x, y, z] = decoded(key);
  const found = sum(times(s, BASE), times(k, [mod(-x), y, z, mod(-x * y)]));
  const inverse = power(found[2], P - 2n);
  const point = encoded(mod(found[1] * inverse), mod(found[0] * inverse) & 1n);
  return bytes.same(point, signature.subarray(0, 32));
}

/** The same, where the browser knows Ed25519 with the browser's own check instead of ours. */
export async function verified(key, message, signature) {
  const subtle = globalThis.crypto && globalThis.crypto.subtle;
  if (!subtle || !wellFormed(key, signature)) return verifies(key, message, signature);
  try {
    const known = await subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await subtle.verify({ name: "Ed25519" }, known, signature, message);
  } catch (error) {
    return verifies(key, message, signature);
  }
}

// S below the group order, and a key that is a point in its one encoding; R is compared as bytes.
function wellFormed(key, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  return number(signature.subarray(32)) < ORDER && decoded(key) !== null;
}

/** Return the point (extended coordinates) that 32 bytes are the one encoding of, or null (section 5.1.3). */
export function decoded(data) {
  const whole = number(data);
  const [sign, y] = [whole >> 255n, whole & (2n ** 255n - 1n)];
  if (y >= P) return null;
  const [u, v] = [mod(y * y - 1n), mod(D * y * y + 1n)];
  let x = mod(u * v ** 3n * power(mod(u * v ** 7n), (P - 5n) / 8n));
  if (mod(v * x * x) !== u) x = mod(x * ROOT_OF_MINUS_ONE);
  if (mod(v * x * x) !== u || (x === 0n && sign)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

function encoded(y, sign) {
  const whole = y | (sign << 255n);
  return Uint8Array.from({ length: 32 }, (_, at) => Number((whole >> BigInt(8 * at)) & 255n));
}

// Section 5.1.4: addition in extended coordinates; it also doubles.
function sum([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * D * t1 * t2);
  const d = mod(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(factor, point) {
  let found = ZERO;
  for (let doubled = point; factor; factor >>= 1n, doubled = sum(doubled, doubled)) {
    if (factor & 1n) found = sum(found, doubled);
  }
  return found;
}

function number(data) {
  let value = 0n;
  for (let at = data.length - 1; at >= 0; at--) value = (value << 8n) | BigInt(data[at]);
  return value;
}

function mod(value) {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function power(base, exponent) {
  let found = 1n;
  for (let square = mod(base); exponent; exponent >>= 1n, square = mod(square * square)) {
    if (exponent & 1n) found = mod(found * square);
  }
  return found;
}
