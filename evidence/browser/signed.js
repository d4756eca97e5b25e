// Who signed the log of a bundle, and what the signed notes in it are over (sections 2.1 and 7.2).

import * as bytes from "./bytes.js";
import * as contents from "./contents.js";
import * as export_note from "./export_note.js";
import * as fields from "./fields.js";
import * as names from "./names.js";
import * as note from "./note.js";
import * as place from "./place.js";
import * as report from "./report.js";

const ISOLATIONS = ["same-user", "separate-user", "separate-host"];

/**
 * Read the keys from the records, then every note. `history` lists each log key with its record, its place and its
 * signer's isolation; `notes` the notes that hold, with the vkeys that signed them; `bare` means an unsigned log.
 */
export async function read(walked, found) {
  const signatures = { findings: [], history: [], notes: [] };
  const newest = new Map(); // vkey by origin
  for (const record of walked.system) {
    const kept = walked.kept.get(record.id);
    if (kept && kept.kind === "key.rotated") rotate(signatures, newest, kept, record.place, walked.told.get(record.id));
  }
  signatures.keys = signatures.history.map((use) => use.key);
  signatures.successors = successors(signatures.history);
  signatures.bare = !bytes.readable(await found.bytes(contents.CHECKPOINT)).includes("\n\n");
  await readNotes(signatures, found);
  signatures.present = signatures.notes.find((one) => one.name === contents.CHECKPOINT) || null;
  // A log that tells of keys was signed: somebody took the signatures off.
  if (signatures.bare && signatures.history.length) tell(signatures, null, "signature.missing");
  checkRotations(signatures);
  return signatures;
}

/** Return what is wrong with keys, signatures, export note and export number. */
export async function check(found, signatures) {
  const findings = [...signatures.findings];
  const { checkpoint, members } = found;
  if (checkpoint && found.case && found.case.export !== export_note.number(found.case, checkpoint)) {
    findings.push(report.finding("export-number", null));
  }
  if (signatures.bare) {
    if (members.has("export.note")) findings.push(report.finding("export-note", null, "export-note.unsigned"));
    return findings;
  }
  for (const name of names.SIGNED) {
    if (name === "export.note" || members.has(name)) continue;
    findings.push(report.finding("container", null, "container.missing", { name }));
  }
  return [...findings, ...(await exportNote(found, signatures))];
}

/** Return the names of the notes that each log key signed, by vkey. */
export function signedBy(notes) {
  const found = new Map();
  for (const { name, keys } of notes) {
    for (const vkey of keys) found.set(vkey, (found.get(vkey) || new Set()).add(name));
  }
  return found;
}

/** Whether two sets, either of which may be missing, have something in common. */
export function meet(one = new Set(), other = new Set()) {
  const [few, many] = one.size < other.size ? [one, other] : [other, one];
  return [...few].some((entry) => many.has(entry));
}

// The least index at which a key's log tells of a newer one, by vkey.
function successors(history) {
  const [found, least] = [new Map(), new Map()];
  for (const { key, place: at } of [...history].reverse()) {
    const [own, known] = [place.indexOf(at), least.get(key.name)];
    if (known !== undefined) found.set(key.vkey, known);
    least.set(key.name, known === undefined || own < known ? own : known);
  }
  return found;
}

function rotate(signatures, newest, record, at, told) {
  const origin = record.fields.log;
  const key = told ? parsed(String(fields.value(told, "new"))) : null;
  if (key === null || key.name !== origin || !ISOLATIONS.includes(fields.value(told, "isolation"))) {
    tell(signatures, record.id, "signature.key");
  } else if (fields.value(told, "old") !== (newest.get(origin) || null)) {
    tell(signatures, record.id, "signature.history");
  } else {
    newest.set(origin, key.vkey);
    signatures.history.push({ key, record: record.id, place: at, isolation: told.isolation });
  }
}

function parsed(vkey) {
  try {
    return note.parseVkey(vkey);
  } catch (error) {
    if (error instanceof note.NoteError) return null;
    throw error;
  }
}

async function readNotes(signatures, found) {
  const more = [...found.members.keys()].filter((name) => name.startsWith(names.CHECKPOINTS));
  const present = signatures.bare ? [] : [contents.CHECKPOINT];
  for (const name of [...present, ...more.sort(bytes.byCodePoint)]) {
    await readNote(signatures, name, await found.bytes(name));
  }
}

async function readNote(signatures, name, data) {
  let opened;
  try {
    opened = await note.openedCheckpoint(data, signatures.keys);
  } catch (error) {
    if (!note.isKnown(error)) throw error;
    tell(signatures, null, "signature", { name, why: error.message });
    return;
  }
  const { point, signers } = opened;
  const stated = `${names.CHECKPOINTS}${place.epoch(point.origin)}-${point.size}.note`;
  if (name !== contents.CHECKPOINT && name !== stated) tell(signatures, null, "signature.name", { name });
  if (signers.every((key) => isRetired(signatures, key, point))) {
    tell(signatures, null, "signature.retired", { name });
  }
  signatures.notes.push({ name, data, point, keys: new Set(signers.map((key) => key.vkey)), signers });
}

// Whether the log below this checkpoint tells of a newer key than this one.
function isRetired(signatures, key, point) {
  const after = key.name === point.origin ? signatures.successors.get(key.vkey) : undefined;
  return after !== undefined && after < point.size;
}

// At a rotation one checkpoint carries both signatures.
function checkRotations(signatures) {
  const by = signedBy(signatures.notes);
  signatures.history.slice(1).forEach((after, at) => {
    const before = signatures.history[at];
    const handed = meet(by.get(before.key.vkey), by.get(after.key.vkey));
    if (before.key.name === after.key.name && !handed) tell(signatures, after.record, "signature.rotation");
  });
}

async function exportNote(found, signatures) {
  const keys = signatures.present ? signatures.present.signers : [];
  let [opened, stated] = [null, null];
  try {
    opened = await note.opened(await found.bytes("export.note"), keys);
    stated = export_note.parse(opened.text);
  } catch (error) {
    if (!(error instanceof note.NoteError)) throw error;
    return [report.finding("export-note", null, "export-note", { why: error.message })];
  }
  const findings = [];
  if (opened.signatures.length !== 1 || !opened.signers.length) {
    findings.push(report.finding("export-note", null, "export-note.signer"));
  }
  for (const name of export_note.differing(stated, found)) {
    findings.push(report.finding("export-note", null, "export-note.differs", { name }));
  }
  return findings;
}

function tell(signatures, record, key, values = {}) {
  signatures.findings.push(report.finding("signature", record, key, values));
}
