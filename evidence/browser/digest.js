// The two hashes of a bag's file: by WebCrypto where the file is large, by ourselves where asking would cost more.

import * as sha256 from "./sha256.js";
import * as sha512 from "./sha512.js";

const WORTH_ASKING = 1 << 13; // bytes

/** Return {sha256, sha512} of data. */
export async function both(data) {
  const subtle = globalThis.crypto && globalThis.crypto.subtle;
  if (!subtle || data.length < WORTH_ASKING) return { sha256: sha256.sha256(data), sha512: sha512.sha512(data) };
  const [short, long] = await Promise.all([subtle.digest("SHA-256", data), subtle.digest("SHA-512", data)]);
  return { sha256: new Uint8Array(short), sha512: new Uint8Array(long) };
}

/** Return a pair of hashes to which data can be added piece by piece. */
export function begun() {
  const [short, long] = [sha256.begun(), sha512.begun()];
  return {
    update(data) {
      short.update(data);
      long.update(data);
    },
    digest: () => ({ sha256: short.digest(), sha512: long.digest() }),
  };
}
