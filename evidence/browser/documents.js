// Files of a bundle that repeat what its records hold, for the convenience of readers (section 7.1).

import * as bytes from "./bytes.js";
import * as canonical from "./canonical.js";
import * as merkle from "./merkle.js";
import * as names from "./names.js";
import * as note from "./note.js";
import * as place from "./place.js";
import * as policy from "./policy.js";
import * as report from "./report.js";
import * as tlog_proof from "./tlog_proof.js";

const CUSTODY = ["custody.exported", "custody.handed_over"];

/** Return a finding for each such file that differs from the records. */
export async function check(walked, found, disclosed, signatures, seen, notes) {
  const wrong = [
    ...(await custody(walked, found)),
    ...(await keys(found, signatures)),
    ...(await anchors(found, seen)),
    ...(await proofs(walked, found, notes)),
    ...files(found, disclosed),
  ];
  return wrong.map((name) => report.finding("document", null, "document", { name }));
}

async function custody(walked, found) {
  const name = "data/custody.jsonl";
  const lines = walked.case
    .filter((record) => CUSTODY.includes(record.kind))
    .map((record) => {
      const { id, kind, fields } = walked.kept.get(record.id);
      const told = walked.told.get(id) || {};
      return `${canonical.dumps({ actor: fields.actor, at: fields.at, kind, record: id, told })}\n`;
    });
  return (await equals(found, name, lines.join(""))) ? [] : [name];
}

async function keys(found, signatures) {
  const vkeys = signatures.history.map((use) => use.key.vkey);
  const wrong = [];
  const [listed, draft] = ["data/log/keys.txt", "data/log/policy.txt"];
  const text = vkeys.map((vkey) => `${vkey}\n`).join("");
  if (found.members.has(listed) && !(await equals(found, listed, text))) wrong.push(listed);
  if (found.members.has(draft)) {
    const named = logKeys(await found.bytes(draft));
    if (!named || named.join("\n") !== vkeys.join("\n")) wrong.push(draft);
  }
  return wrong;
}

function logKeys(data) {
  const text = bytes.fromUtf8(data);
  if (text === null) return null;
  try {
    return policy.parse(text, false).logKeys.map((key) => key.vkey);
  } catch (error) {
    if (error instanceof policy.PolicyError) return null;
    throw error;
  }
}

async function anchors(found, seen) {
  const tokens = new Map();
  for (const one of seen) {
    const ending = one.kind === "tsa" ? "tsr" : "cosignature";
    tokens.set(`${names.ANCHORS}${place.epochOf(one.place)}-${place.indexOf(one.place)}.${ending}`, one.token);
  }
  const wrong = [];
  for (const name of listed(found, names.ANCHORS)) {
    if (!tokens.has(name) || !bytes.same(tokens.get(name), await found.bytes(name))) wrong.push(name);
  }
  return wrong;
}

async function proofs(walked, found, notes) {
  const wrong = [];
  const records = firstBy(walked.case, (one) => one.cseq);
  const points = firstBy(notes, (one) => bytes.toHex(one.data));
  for (const name of listed(found, names.PROOFS).filter(names.isAllowed)) {
    const [, cseq] = /-([0-9]+)\.tlog-proof$/.exec(name) || [];
    const record = records.get(Number(cseq));
    if (!record || !holds(await found.bytes(name), record.hash, points)) wrong.push(name);
  }
  return wrong;
}

function firstBy(all, keyOf) {
  const found = new Map();
  for (const one of all) if (!found.has(keyOf(one))) found.set(keyOf(one), one);
  return found;
}

function holds(data, leaf, points) {
  try {
    const read = tlog_proof.read(data);
    const known = points.get(bytes.toHex(read.note));
    if (!known) return false;
    merkle.verifyInclusion(leaf, read.index, known.point.size, read.path, known.point.root);
    return true;
  } catch (error) {
    if (error instanceof note.NoteError || error instanceof merkle.ProofError) return false;
    throw error;
  }
}

function files(found, disclosed) {
  const shown = listed(found, names.FILES);
  if (!shown.length) return [];
  const right = new Set([...disclosed.used].map((name) => bytes.toHex(found.members.get(name).sha256)));
  return shown.filter((name) => !right.has(bytes.toHex(found.members.get(name).sha256)));
}

function listed(found, prefix) {
  return [...found.members.keys()].filter((name) => name.startsWith(prefix)).sort(bytes.byCodePoint);
}

async function equals(found, name, text) {
  return bytes.same(await found.bytes(name), bytes.toUtf8(text));
}
