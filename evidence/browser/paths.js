// A document of inclusion proofs, read entry by entry, since it may be long (section 7.1).

import * as bytes from "./bytes.js";
import * as canonical from "./canonical.js";
import * as fields from "./fields.js";
import * as given from "./given.js";
import * as pace from "./pace.js";

const [HEAD, MIDDLE] = ['{"hashes":[', '"proofs":['];
const HASH = /"([0-9a-f]{64})"(,|$)/y;
const NUMBER = "(?:0|[1-9][0-9]{0,14})";
const ENTRY = new RegExp(
  `\\{"index":(${NUMBER}),"path":\\[((?:${NUMBER}(?:,${NUMBER})*)?)\\],"record":"(${given.PATTERNS.UUID7})"\\}(,|\\])`,
  "y",
);
const NONE = fields.listed(() => false);
const PRESENT = { hashes: NONE, proofs: NONE, size: fields.counted(0) };
const ENDED = {
  ...PRESENT,
  origin: fields.matches("ORIGIN"),
  root: fields.matches("HEX64"),
  started: fields.matches("UUID7"),
};

/** Read proofs.json, or epoch-<n>.json of an ended epoch; null and a finding when it is not in its form. */
export async function read(found, name, ended) {
  const text = bytes.fromUtf8(await found.bytes(name));
  try {
    return await parsed(text || "", ended ? ENDED : PRESENT);
  } catch (error) {
    if (!(error instanceof canonical.CanonicalError)) throw error;
    found.malformed(name, error.message);
    return null;
  }
}

// Returns what stands beside the two lists, and the lists: hashes in hex, proofs as {index, path, record}.
async function parsed(text, rules) {
  const end = text.indexOf("]");
  const start = text.indexOf(MIDDLE, end) + MIDDLE.length;
  const hashes = text.startsWith(HEAD) && start > end ? listed(text.slice(HEAD.length, end)) : null;
  if (!hashes) throw new canonical.CanonicalError("not a list of hashes and one of proofs");
  const { proofs, stop } = await entries(text, start, hashes.length);
  // What is left is short; the two lists are empty in it.
  const short = HEAD + text.slice(end, start) + text.slice(stop);
  const stated = canonical.loads(bytes.toUtf8(short.endsWith("\n") ? short.slice(0, -1) : ""));
  const wrong = fields.misfit(stated, rules);
  if (wrong !== null) throw new canonical.CanonicalError(`${wrong} is not in its form`);
  return { ...stated, hashes, proofs };
}

function listed(text) {
  const hashes = [];
  for (HASH.lastIndex = 0; HASH.lastIndex < text.length; ) {
    const found = HASH.exec(text);
    // A comma must be followed by another hash.
    if (!found || (found[2] && HASH.lastIndex === text.length)) return null;
    hashes.push(found[1]);
  }
  return hashes;
}

// Returns the proofs, and where their list is closed.
async function entries(text, start, count) {
  const proofs = [];
  let at = start;
  for (let entry = matched(text, at); entry; entry = matched(text, at)) {
    const path = entry[2] ? entry[2].split(",").map(Number) : [];
    if (path.some((number) => number >= count)) {
      throw new canonical.CanonicalError("a path names a hash that is not listed");
    }
    proofs.push({ index: Number(entry[1]), path, record: entry[3] });
    at += entry[0].length;
    if (entry[entry.length - 1] === "]") return { proofs, stop: at - 1 };
    await pace.breathe("proofs", at, 2 * text.length);
  }
  if (proofs.length) throw new canonical.CanonicalError("a proof is not in its form");
  return { proofs, stop: at };
}

function matched(text, at) {
  ENTRY.lastIndex = at;
  return ENTRY.exec(text);
}
