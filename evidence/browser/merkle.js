// The RFC 6962 Merkle tree: hashing and the verification of proofs.

import * as bytes from "./bytes.js";
import * as sha256 from "./sha256.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** A proof does not connect what it should; the message says why. */
export class ProofError extends Error {}

/** Return the hash of a leaf (RFC 6962 section 2.1). */
export function leafHash(leaf) {
  return sha256.sha256(LEAF, leaf);
}

/** Return the hash of an interior node (RFC 6962 section 2.1). */
export function nodeHash(left, right) {
  return sha256.sha256(NODE, left, right);
}

/** Return the root over these leaf hashes (RFC 6962 section 2.1). */
export function treeRoot(leaves) {
  let level = leaves;
  while (level.length > 1) {
    const above = [];
    for (let at = 0; at < level.length; at += 2) {
      above.push(at + 1 < level.length ? nodeHash(level[at], level[at + 1]) : level[at]);
    }
    level = above;
  }
  return level.length ? level[0] : sha256.sha256();
}

/** Check that this leaf stands at this index of the tree with this root; sizes are BigInt. Throws ProofError. */
export function verifyInclusion(leaf, index, size, proof, root) {
  mustBeHashes([leaf, root, ...proof]);
  if (index < 0n || index >= size) throw new ProofError(`no leaf ${index} in a tree of ${size}`);
  const inner = bitLength(index ^ (size - 1n));
  if (proof.length !== inner + bitCount(index >> BigInt(inner))) {
    throw new ProofError(`${proof.length} hashes are not a path to leaf ${index} of ${size}`);
  }
  let found = leaf;
  proof.forEach((sibling, level) => {
    const left = level >= inner || (index >> BigInt(level)) & 1n;
    found = left ? nodeHash(sibling, found) : nodeHash(found, sibling);
  });
  if (!bytes.same(found, root)) throw new ProofError("the path leads to another root");
}

/** Check that the first tree is the beginning of the second (RFC 9162 section 2.1.4.2); throws ProofError. */
export function verifyConsistency(size1, root1, size2, root2, proof) {
  if (size1 <= 0n || size1 > size2) throw new ProofError(`sizes ${size1} and ${size2} cannot be compared`);
  if (size1 < size2) mustBeHashes([root1, root2, ...proof]);
  // A perfect first tree is itself the start of the path and is left out of the proof.
  const perfect = (size1 & (size1 - 1n)) === 0n;
  const path = perfect || size1 === size2 ? [root1, ...proof] : proof;
  const found = path.length ? bothRoots(size1, size2, path) : null;
  if (!found || !bytes.same(found[0], root1) || !bytes.same(found[1], root2)) {
    throw new ProofError("the proof leads to other roots");
  }
}

function bothRoots(size1, size2, path) {
  const shift = size1 < size2 ? trailingOnes(size1 - 1n) : bitLength(size2);
  let [first, last] = [(size1 - 1n) >> BigInt(shift), (size2 - 1n) >> BigInt(shift)];
  let [found1, found2] = [path[0], path[0]];
  for (const sibling of path.slice(1)) {
    if (last === 0n) throw new ProofError("the proof is too long");
    if (first & 1n || first === last) {
      [found1, found2] = [nodeHash(sibling, found1), nodeHash(sibling, found2)];
      while (first && !(first & 1n)) [first, last] = [first >> 1n, last >> 1n];
    } else {
      found2 = nodeHash(found2, sibling);
    }
    [first, last] = [first >> 1n, last >> 1n];
  }
  if (last) throw new ProofError("the proof is too short");
  return [found1, found2];
}

function mustBeHashes(values) {
  if (values.some((value) => value.length !== 32)) throw new ProofError("a hash is not 32 bytes long");
}

function bitLength(value) {
  return value ? value.toString(2).length : 0;
}

function bitCount(value) {
  return value.toString(2).replace(/0/g, "").length;
}

function trailingOnes(value) {
  return bitLength(value ^ (value + 1n)) - 1;
}
