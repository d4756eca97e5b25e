// The answers of time-stamp services and witnesses in a bundle, and what can be said of each (section 2.2).

import * as bytes from "./bytes.js";
import * as disclosed from "./disclosed.js";
import * as fields from "./fields.js";
import * as note from "./note.js";
import * as place from "./place.js";
import * as report from "./report.js";
import * as stamp from "./stamp.js";

const TOLD = {
  kind: fields.among(["tsa", "witness"]),
  origin: fields.matches("ORIGIN"),
  service: fields.isText,
  size: fields.counted(1),
  time: fields.orNull(fields.isTime),
};

/**
 * Return {seen, findings}: every anchor in log order, and what is wrong with those that fail. `notes` are the signed
 * notes that are consistent with the log: an anchor over anything else saw nothing of it.
 */
export async function read(walked, opened, notes, policy) {
  const [seen, findings] = [[], []];
  for (const record of walked.system) {
    if (record.kind !== "anchor.received") continue;
    const one = await look(walked, record, opened, notes, policy);
    seen.push(one);
    if (one.status !== "failed") continue;
    const values = { service: one.service, ...one.values };
    findings.push(report.finding(one.kind === "witness" ? "witness" : "anchor", one.record, one.words, values));
  }
  return { seen, findings };
}

/** Return the place below which every record stood when the anchor saw the log; 0 where it saw none. */
export function end(one) {
  return one.point ? place.of(one.point.origin, one.point.size) : 0n;
}

/** Return for each notice not before and not after when it was sealed, by the times of checked anchors. */
export function times(notices, seen) {
  const checked = seen.filter((one) => one.status === "checked" && one.time !== null);
  return notices.map((record) => {
    const before = checked.filter((one) => one.place < record.place).map((one) => one.time);
    const after = checked.filter((one) => end(one) > record.place).map((one) => one.time);
    return { record, before: before.sort().pop() || null, after: after.sort()[0] || null };
  });
}

async function look(walked, record, opened, notes, policy) {
  const told = walked.told.get(record.id) || {};
  const anchored = await disclosed.part(opened, record.id, "note");
  const token = await disclosed.part(opened, record.id, "token");
  const known = { record: record.id, place: record.place, point: null, witness: null, values: {} };
  if (fields.misfit(told, TOLD) !== null || !anchored || !token) {
    const [kind, service] = ["kind", "service"].map((name) => fields.value(told, name));
    const stated = { kind: String(kind || "tsa"), service: String(service || "") };
    return { ...known, ...stated, token: new Uint8Array(0), status: "failed", time: null, words: "anchor.form" };
  }
  const isWitness = told.kind === "witness";
  const judged = isWitness ? await witnessed(token, anchored, policy, told.service) : stamp.check(token, anchored);
  const whole = { ...known, kind: told.kind, service: told.service, token, ...judged };
  const signed = notes.find((one) => bytes.same(one.data, anchored));
  if (!signed || signed.point.origin !== told.origin || signed.point.size !== BigInt(told.size)) {
    return { ...whole, status: "failed", words: "anchor.note", values: {}, witness: null };
  }
  return { ...whole, point: signed.point };
}

async function witnessed(token, anchored, policy, service) {
  const keys = policy ? [...policy.witnesses.values()] : [];
  let [found, time] = [null, null];
  try {
    const { text } = note.parse(anchored);
    found = await note.opened(bytes.joined([text, bytes.toUtf8("\n"), token]), keys);
    time = note.timeOf(found.signatures[0]);
  } catch (error) {
    if (!note.isKnown(error)) throw error;
    return { status: "failed", time: null, words: "witness.form", values: { why: error.message } };
  }
  if (found.signatures.length !== 1 || found.signatures[0].name !== service) {
    return { status: "failed", time, words: "witness.name" };
  }
  if (!found.signers.length) return { status: "present", time, words: "witness.unknown" };
  return { status: "checked", time, words: "witness.checked", witness: found.signers[0] };
}
