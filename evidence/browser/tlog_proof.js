// One record's proof as a file of its own (C2SP tlog-proof@v1).

import * as bytes from "./bytes.js";
import * as note from "./note.js";

const HEADER = "c2sp.org/tlog-proof@v1";
const INDEX = /^index (0|[1-9][0-9]{0,18})$/;
const LONGEST_PATH = 64; // hashes; a tree of 2^63 leaves needs 63

/** Read a file as {index: BigInt, path, note, extra}; throws NoteError. Nothing in it has been verified then. */
export function read(data) {
  const blank = blankLine(data);
  const lines = bytes.readable(data.subarray(0, Math.max(blank, 0))).split("\n");
  const rest = data.subarray(blank + 2);
  if (blank < 0 || !rest.length || lines.shift() !== HEADER) {
    throw new note.NoteError(
      "not a tlog-proof of version 1: a header, an index, hashes, a blank line, a checkpoint",
    );
  }
  const extra = lines.length && lines[0].startsWith("extra ") ? unpacked(lines.shift().slice(6)) : null;
  const found = lines.length ? INDEX.exec(lines[0]) : null;
  if (!found || lines.length > 1 + LONGEST_PATH) {
    throw new note.NoteError(
      "a tlog-proof states no index in decimal, or more hashes than a tree can be deep",
    );
  }
  return { index: BigInt(found[1]), path: lines.slice(1).map(hash), note: rest, extra };
}

function blankLine(data) {
  for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, at + 1)) if (data[at + 1] === 10) return at;
  return -1;
}

function hash(text) {
  const data = unpacked(text);
  if (data.length !== 32) throw new note.NoteError("a hash of a tlog-proof is not 32 bytes long");
  return data;
}

function unpacked(text) {
  const data = bytes.fromBase64(text);
  if (data === null) throw new note.NoteError("a line of a tlog-proof is not in the one base64 form of its bytes");
  return data;
}
