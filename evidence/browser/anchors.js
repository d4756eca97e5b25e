// The answers of time-stamp services and witnesses in a bundle, and what can be said of each (section 2.2).

import * as bytes from "./bytes.js";
import * as checkpoint from "./checkpoint.js";
import * as disclosed from "./disclosed.js";
import * as fields from "./fields.js";
import * as note from "./note.js";
import * as place from "./place.js";
import * as policy from "./policy.js";
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
 * Return {seen, loose}: every anchor in log order, and what those are over that saw nothing of this log. `notes` are
 * the signed notes that are consistent with the log.
 */
export async function read(walked, opened, notes, trusted) {
  const [seen, loose] = [[], []];
  const known = new Map([...notes].reverse().map((one) => [bytes.readable(one.data), one]));
  for (const record of walked.system) {
    if (record.kind !== "anchor.received") continue;
    const anchored = await disclosed.part(opened, record.id, "note");
    const signed = anchored ? known.get(bytes.readable(anchored)) : null;
    // What is not UTF-8 may read like a note that is.
    const same = signed && bytes.same(signed.data, anchored) ? signed : null;
    seen.push(await look(walked, record, opened, anchored, same, trusted));
    if (anchored && !same) loose.push({ record: record.id, data: anchored });
  }
  return { seen, loose };
}

/** Return what is wrong with the anchors that fail or cannot be told. */
export function failed(seen) {
  return seen
    .filter((one) => one.status === "failed")
    .map(({ kind, record, words, service, values }) =>
      report.finding(kind === "witness" ? "witness" : "anchor", record, words, { service, ...values }),
    );
}

/** Return the place below which every record stood when the anchor saw the log; 0 where it saw none. */
export function end(one) {
  return one.point ? place.of(one.point.origin, one.point.size) : 0n;
}

/** Return for each notice not before and not after when it was sealed, by the times of others that count. */
export function times(notices, seen, trusted) {
  const counted = moments(seen, trusted);
  return notices.map((record) => {
    const before = counted.filter((one) => one.place < record.place).map((one) => one.earliest);
    const after = counted.filter((one) => one.end > record.place).map((one) => one.latest);
    return { record, before: before.sort().pop() || null, after: after.sort()[0] || null };
  });
}

/** Return the notices that would have been sealed after others saw them: one of their clocks is wrong. */
export function crossed(times) {
  return times
    .filter(({ before, after }) => before !== null && after !== null && before > after)
    .map(({ record, before, after }) => report.finding("anchor", record.id, "anchor.crossed", { before, after }));
}

// A witness's time counts, under a policy with a quorum, only as one of the quorum's.
function moments(seen, trusted) {
  const [found, together] = [[], new Map()];
  for (const one of seen) {
    if (one.status !== "checked" || one.time === null || !one.point) continue;
    if (one.kind === "witness" && trusted && trusted.quorum !== null) {
      const tree = checkpoint.label(one.point);
      if (!together.has(tree)) together.set(tree, []);
      together.get(tree).push(one);
    } else {
      found.push({ place: one.place, end: end(one), earliest: one.time, latest: one.time });
    }
  }
  return [...found, ...[...together.values()].flatMap((group) => ofQuorum(group, trusted))];
}

// Whichever of them is wrong or lies: an honest one's time lies between the earliest and the latest.
function ofQuorum(group, trusted) {
  if (!policy.satisfied(trusted, new Set(group.map((one) => one.witness.vkey)))) return [];
  const stated = group.map((one) => one.time).sort();
  const last = group.reduce((most, one) => (one.place > most ? one.place : most), place.UNPLACED);
  return [{ place: last, end: end(group[0]), earliest: stated[0], latest: stated[stated.length - 1] }];
}

async function look(walked, record, opened, anchored, signed, trusted) {
  const told = walked.told.get(record.id) || {};
  const token = await disclosed.part(opened, record.id, "token");
  const known = { record: record.id, place: record.place, point: null, witness: null, values: {} };
  if (fields.misfit(told, TOLD) !== null || !anchored || !token) {
    const [kind, service] = ["kind", "service"].map((name) => fields.value(told, name));
    const stated = { kind: String(kind || "tsa"), service: String(service || "") };
    return { ...known, ...stated, token: new Uint8Array(0), status: "failed", time: null, words: "anchor.form" };
  }
  const isWitness = told.kind === "witness";
  const judged = isWitness ? await witnessed(token, anchored, trusted, told.service) : stamp.check(token, anchored);
  const whole = { ...known, kind: told.kind, service: told.service, token, ...judged };
  if (!signed || signed.point.origin !== told.origin || signed.point.size !== BigInt(told.size)) {
    return { ...whole, status: "failed", words: "anchor.note", values: {}, witness: null };
  }
  return { ...whole, point: signed.point };
}

async function witnessed(token, anchored, trusted, service) {
  const keys = trusted ? [...trusted.witnesses.values()] : [];
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
