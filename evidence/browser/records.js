// Leaves of the log: how one is read and named (sections 3 and 6).

import * as bytes from "./bytes.js";
import * as canonical from "./canonical.js";
import * as fields from "./fields.js";
import * as given from "./given.js";
import * as merkle from "./merkle.js";

export const FIRST = "0".repeat(64); // cprev of the first record of a stream
export const INTAKE_KINDS = ["intake.received", "intake.unreadable"];

const KINDS = new Map(Object.entries(given.RECORD_KINDS));
const PART = fields.shaped({
  commit: fields.matches("HEX64"),
  media: fields.matches("MEDIA"),
  name: fields.matches("PART_NAME"),
});
const ALWAYS = {
  v: (value) => value === 1,
  log: fields.matches("ORIGIN"),
  id: fields.matches("UUID7"),
  salt: fields.fits("[0-9a-f]{32}"),
  kind: fields.among(KINDS.keys()),
  stream: fields.matches("STREAM"),
  cseq: fields.counted(1),
  cprev: fields.matches("HEX64"),
  at: fields.isTime,
  actor: fields.matches("ACTOR"),
  assurance: fields.among(given.ASSURANCES),
  parts: fields.listed(PART),
  refs: fields.listed(fields.matches("REF")),
  build: fields.fits("[a-z][a-z0-9-]*/[0-9A-Za-z.+-]{1,64}"),
  class: fields.among(["case", "intake", "system", "custody"]),
};
const SOMETIMES = {
  clock: fields.among(["sandbox"]),
  src_at: fields.isTime,
  party: fields.matches("UUID"),
  channel: fields.matches("CHANNEL"),
  state: fields.among(given.STATES),
  host: fields.matches("TOKEN"),
  config: fields.fits("[0-9a-f]{16}"),
  basis: fields.matches("TOKEN"),
  health: fields.matches("UUID7"),
};

/** A leaf breaks section 3; the message begins with the field. */
export class RecordError extends Error {}

/** Return a leaf's hash (as bytes and hex) and its fields, parts, citations; throws RecordError. */
export function read(leaf) {
  const found = parseLeaf(leaf);
  const hash = merkle.leafHash(leaf);
  const parts = new Map(found.parts.map((part) => [part.name, part.commit]));
  const cites = found.refs.filter((ref) => ref.startsWith("cites ")).map((ref) => ref.slice(6));
  const { id, kind, cseq, log } = found;
  return { id, kind, cseq, log, hash, hex: bytes.toHex(hash), fields: found, parts, cites };
}

/** Return the sixteen characters that stand at the end of a notice. */
export function recordCode(hash) {
  return bytes.toCode(hash);
}

function parseLeaf(leaf) {
  let found;
  try {
    found = canonical.loads(leaf);
  } catch (error) {
    if (error instanceof canonical.CanonicalError) throw new RecordError(`leaf: ${error.message}`);
    throw error;
  }
  mustBeWhole(found);
  return found;
}

function mustBeWhole(leaf) {
  const wrong = fields.misfit(leaf, ALWAYS, SOMETIMES);
  if (wrong !== null) throw new RecordError(`${wrong}: missing, unknown or not in its form`);
  if (!KINDS.get(leaf.kind).includes(leaf.stream.split(":", 1)[0])) {
    throw new RecordError(`stream: ${leaf.kind} does not stand in such a stream`);
  }
  if ((leaf.cprev === FIRST) !== (leaf.cseq === 1)) {
    throw new RecordError("cprev: zeros stand for the first record of a stream and only for that");
  }
  const names = leaf.parts.map((part) => part.name);
  if (names.some((name, at) => at && name <= names[at - 1])) {
    throw new RecordError("parts: not sorted by name, or a name stands twice");
  }
}
