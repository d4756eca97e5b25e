// Signed notes: keys, signature lines, and whose signatures hold (C2SP signed-note; section 2.1).

import * as bytes from "./bytes.js";
import * as checkpoint from "./checkpoint.js";
import * as ed25519 from "./ed25519.js";
import * as sha256 from "./sha256.js";

export const LOG = 1;
export const WITNESS = 4;

const MOST_SIGNATURES = 100;
const STAMP_LENGTH = 8;
const CONTROL = /[\x00-\x09\x0b-\x1f]/;
const LINE = /^\u2014 ([^ ]+) ([^ ]+)$/;
// What Python calls a space; \s alone lacks the four separators U+001C to U+001F and the next line U+0085.
const SPACE = /[\s\x1c-\x1f\x85]/;

/** A note, a key or a cosignature is not in its form, or does not verify; the message says why. */
export class NoteError extends Error {}

/** Whether an error says that a note or the checkpoint in it is not in its form. */
export function isKnown(error) {
  return error instanceof NoteError || error instanceof checkpoint.CheckpointError;
}

/** Read a vkey as {name, kind, public, id, vkey}; throws NoteError unless it is an Ed25519 log or witness key. */
export function parseVkey(text) {
  const [, name, packed] = /^([^+]*)\+[^+]*\+([^]*)$/.exec(text) || ["", "", ""];
  const data = unpacked(packed);
  if (!isName(name) || data.length !== 33 || (data[0] !== LOG && data[0] !== WITNESS)) {
    throw new NoteError("not the vkey of an Ed25519 log or witness key");
  }
  const id = bytes.toHex(sha256.sha256(bytes.toUtf8(`${name}\n`), data)).slice(0, 8);
  if (`${name}+${id}+${packed}` !== text) throw new NoteError("the vkey's id is not that of its name and key");
  return { name, kind: data[0], public: data.subarray(1), id, vkey: text };
}

/** Read a note as {text, signatures: [{name, id, data, line}]} without verifying it; throws NoteError. */
export function parse(data) {
  const whole = bytes.fromUtf8(data);
  if (whole === null) throw new NoteError("a note is not UTF-8");
  if (CONTROL.test(whole)) throw new NoteError("a note holds a control character");
  const blank = whole.lastIndexOf("\n\n");
  const signed = whole.slice(blank + 2);
  if (blank < 0 || !signed.endsWith("\n")) {
    throw new NoteError("a note is a text, a blank line and signature lines, each ended by a newline");
  }
  const signatures = signed.slice(0, -1).split("\n");
  if (signatures.length > MOST_SIGNATURES) {
    throw new NoteError(`a note has at most ${MOST_SIGNATURES} signatures`);
  }
  return { text: bytes.toUtf8(whole.slice(0, blank + 1)), signatures: signatures.map(signature) };
}

/** Read a note and return {text, signatures, signers}: which of these keys signed it. Throws NoteError. */
export async function opened(data, keys) {
  const read = parse(data);
  const signers = [];
  for (const one of read.signatures) {
    const key = signer(one, keys);
    if (key === null || signers.includes(key)) continue;
    if (!(await holds(key, read.text, one))) throw new NoteError(`the signature of ${key.name} does not hold`);
    signers.push(key);
  }
  return { ...read, signers };
}

/** Read a checkpoint as {point, signers}; throws NoteError unless one of these keys is its log's and signed it. */
export async function openedCheckpoint(data, keys) {
  const { text, signers } = await opened(data, keys);
  const point = checkpoint.parse(text);
  if (!signers.some((key) => key.kind === LOG && key.name === point.origin)) {
    throw new NoteError(`no known key of the log ${point.origin} signed this checkpoint`);
  }
  return { point, signers };
}

/** Return the seconds since 1970, as BigInt, at which a witness says that it signed; throws NoteError. */
export function signedAt(one) {
  let seconds = 0n;
  for (const value of one.data.subarray(0, STAMP_LENGTH)) seconds = (seconds << 8n) | BigInt(value);
  if (one.data.length !== STAMP_LENGTH + 64 || seconds >= 1n << 63n) {
    throw new NoteError("a cosignature is not 8 bytes of time and 64 bytes of signature");
  }
  return seconds;
}

/** Return the moment of a cosignature as Python writes it, or throw NoteError beyond the year 9999. */
export function timeOf(one) {
  const seconds = signedAt(one);
  if (seconds >= 253402300800n) throw new NoteError("a cosignature's time lies beyond the year 9999");
  return new Date(Number(seconds) * 1000).toISOString();
}

function signature(line) {
  const found = LINE.exec(line);
  const data = found ? unpacked(found[2]) : new Uint8Array(0);
  if (!found || !isName(found[1]) || data.length <= 4) {
    throw new NoteError("a signature line is not a dash, a name, and a key id with a signature in base64");
  }
  return { name: found[1], id: bytes.toHex(data.subarray(0, 4)), data: data.subarray(4), line };
}

function isName(text) {
  return text !== "" && !text.includes("+") && !SPACE.test(text);
}

function unpacked(text) {
  return bytes.fromBase64(text) || new Uint8Array(0);
}

function signer(one, keys) {
  const known = keys.filter((key) => key.name === one.name && key.id === one.id);
  if (known.length > 1) throw new NoteError(`two known keys are named ${one.name} and have the same id`);
  return known.length ? known[0] : null;
}

async function holds(key, text, one) {
  if (key.kind === LOG) return ed25519.verified(key.public, text, one.data);
  try {
    checkpoint.parse(text);
    const stamped = bytes.joined([bytes.toUtf8(`cosignature/v1\ntime ${signedAt(one)}\n`), text]);
    return await ed25519.verified(key.public, stamped, one.data.subarray(STAMP_LENGTH));
  } catch (error) {
    if (isKnown(error)) return false;
    throw error;
  }
}
