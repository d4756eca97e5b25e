// Ended epochs, and that every signed note tells of the beginning of the tree that is shown (section 2.4).

import * as bytes from "./bytes.js";
import * as fields from "./fields.js";
import * as merkle from "./merkle.js";
import * as note from "./note.js";
import * as place from "./place.js";
import * as report from "./report.js";

const CONSISTENCY = "data/log/consistency.json";

const HEX = fields.matches("HEX64");
const COUNT = fields.orNull(fields.counted(0));
const STARTED = {
  before: fields.shaped({
    note: fields.orNull((value) => typeof value === "string"),
    origin: fields.matches("ORIGIN"),
    root: HEX,
    size: fields.counted(0),
  }),
  lost: fields.shaped({ from: COUNT, to: COUNT }),
  reason: () => true,
};
const STEP = {
  from: fields.counted(1),
  origin: fields.matches("ORIGIN"),
  path: fields.listed(fields.counted(0)),
  to: fields.counted(1),
};
const STEPS = { hashes: fields.listed(HEX), proofs: fields.listed(fields.shaped(STEP)) };

/** Return the beginnings of the epochs that the system's records tell of: `first` by log, `started` by ended log. */
export function read(walked) {
  const epochs = { first: new Map(), started: new Map(), malformed: [] };
  for (const record of walked.system) {
    if (place.indexOf(record.place) === 0n) epochs.first.set(record.log, record);
    const why = record.kind === "epoch.started" ? start(epochs, walked, record) : null;
    if (why !== null) epochs.malformed.push(report.finding("epoch", record.id, why));
  }
  epochs.leftOut = leftOut(epochs);
  return epochs;
}

// The first and last number of each run of epochs of which nothing is here, before the last.
function leftOut(epochs) {
  const known = [...new Set([...epochs.first.keys()].map(place.epoch))].sort((one, other) => one - other);
  const runs = known.map((right, at) => ({ from: (at ? known[at - 1] : 0) + 1, to: right - 1 }));
  return runs.filter(({ from, to }) => from <= to);
}

/** Return what is wrong with the chain of epochs. */
export async function check(trees, epochs, signatures) {
  const findings = [...epochs.malformed];
  for (const [at, tree] of trees.entries()) {
    const first = epochs.first.get(tree.origin);
    const expected = place.epoch(tree.origin) === 1 ? "log.started" : "epoch.started";
    if (!first || first.kind !== expected) {
      findings.push(report.finding("epoch", null, "epoch.first", { origin: tree.origin }));
    }
    if (tree.started !== null) {
      const follows = at + 1 < trees.length ? trees[at + 1].origin : "";
      findings.push(...(await ended(tree, follows, epochs, signatures)));
    }
  }
  // A number may be left out: its epoch was lost with a backup older than its beginning.
  const numbers = trees.map((tree) => place.epoch(tree.origin));
  const rising = numbers[0] === 1 && numbers.every((number, at) => at === 0 || number > numbers[at - 1]);
  if (trees.length && (!rising || trees[trees.length - 1].started !== null)) {
    findings.push(report.finding("epoch", null, "epoch.chain"));
  }
  return findings;
}

/** Return the consistency proofs of a bundle, by "origin from to". */
export async function readSteps(found) {
  const read = found.members.has(CONSISTENCY) ? await found.document(CONSISTENCY, fields.shaped(STEPS)) : null;
  const { hashes, proofs } = read || { hashes: [], proofs: [] };
  const used = new Set(proofs.flatMap((one) => one.path));
  const within = [...used].every((entry) => entry < hashes.length);
  const lean = within && used.size === hashes.length && new Set(hashes).size === hashes.length;
  const known = hashes.map(bytes.fromHex);
  const paths = new Map();
  for (const one of lean ? proofs : []) {
    paths.set(`${one.origin} ${one.from} ${one.to}`, one.path.map((entry) => known[entry]));
  }
  return { lean, paths, order: proofs.map((one) => [place.epoch(one.origin), one.from]) };
}

/** Return {notes, findings}: the notes that tell of the beginning of a tree shown here; what is wrong with others. */
export function consistent(trees, epochs, signatures, steps) {
  const shown = new Map(trees.map((tree) => [tree.origin, tree]));
  const [notes, findings, used] = [[], [], new Set()];
  for (const one of signatures.notes) {
    const target = shown.get(one.point.origin);
    // It may cover what was lost, as the epoch.started says.
    if (target && target.size < one.point.size && one.point.size <= lostTo(epochs, target.origin)) continue;
    used.add(`${one.point.origin} ${one.point.size} ${target ? target.size : 0}`);
    const why = whyNot(one.point, target, steps);
    if (why === null) notes.push(one);
    else findings.push(report.finding("consistency", null, "consistency", { name: one.name, why }));
  }
  const spare = [...steps.paths.keys()].some((step) => !used.has(step));
  if (!steps.lean || spare || !rises(steps.order)) {
    findings.push(report.finding("consistency", null, "consistency.spare"));
  }
  return { notes, findings };
}

/**
 * Return each anchored note, signed by a key of the log, of which the tree shown here has no such beginning. A note
 * beyond the tree's end is not judged: what it covers may be lost, or came later.
 */
export async function forks(loose, trees, signatures, steps) {
  const shown = new Map(trees.map((tree) => [tree.origin, tree]));
  const findings = [];
  for (const { record, data } of loose) {
    const point = await signedPoint(data, signatures.keys);
    const target = point && shown.get(point.origin);
    const why = target && point.size <= target.size ? whyNot(point, target, steps) : null;
    if (why !== null) findings.push(report.finding("consistency", record, "consistency.anchored", { why }));
  }
  return findings;
}

async function signedPoint(data, keys) {
  try {
    return (await note.openedCheckpoint(data, keys)).point;
  } catch (error) {
    if (!note.isKnown(error)) throw error;
    return null;
  }
}

// Takes in the beginning of an epoch; returns the words for why a record is none.
function start(epochs, walked, record) {
  const told = walked.told.get(record.id);
  if (fields.misfit(told, STARTED) !== null) return "epoch.form";
  const { origin } = told.before;
  if (place.indexOf(record.place) !== 0n) return "epoch.late";
  if (!comesBefore(origin, record.log)) return "epoch.before";
  if (epochs.started.has(origin)) return "epoch.twice";
  epochs.started.set(origin, { told, record: walked.kept.get(record.id) });
  return null;
}

function comesBefore(origin, log) {
  const [ended, own] = [origin, log].map((name) => name.slice(0, name.lastIndexOf("/")));
  return ended === own && place.epoch(origin) < place.epoch(log);
}

async function ended(tree, follows, epochs, signatures) {
  const { origin } = tree;
  const { told, record } = epochs.started.get(origin) || {};
  if (!record || record.id !== tree.started) {
    return [report.finding("epoch", tree.started, "epoch.unstarted", { origin })];
  }
  const findings = [];
  if (BigInt(told.before.size) !== tree.size || told.before.root !== bytes.toHex(tree.root)) {
    findings.push(report.finding("epoch", record.id, "epoch.differs", { origin }));
  }
  if (record.fields.log !== follows) findings.push(report.finding("epoch", record.id, "epoch.chain"));
  if (!(await isLast(told, signatures))) findings.push(report.finding("epoch", record.id, "epoch.lost"));
  return findings;
}

// Whether the last note that anybody held is signed, and what is lost is what it covers and we lack.
async function isLast({ before, lost }, signatures) {
  if (before.note === null) return lost.from === null && lost.to === null;
  try {
    const { point } = await note.openedCheckpoint(bytes.toUtf8(before.note), signatures.keys);
    const more = point.size > BigInt(before.size);
    const [from, to] = more ? [String(before.size), String(point.size)] : ["null", "null"];
    return point.origin === before.origin && String(lost.from) === from && String(lost.to) === to;
  } catch (error) {
    if (note.isKnown(error)) return false;
    throw error;
  }
}

// Below which size a note of an ended epoch may cover leaves that the restored log lacks.
function lostTo(epochs, origin) {
  const known = epochs.started.get(origin);
  return known ? BigInt(known.told.lost.to || 0) : 0n;
}

function whyNot(point, target, steps) {
  if (!target) return "no tree of this log is shown";
  if (point.size === target.size) {
    return bytes.same(point.root, target.root) ? null : "another root at the same size";
  }
  const path = steps.paths.get(`${point.origin} ${point.size} ${target.size}`);
  if (!path) return "no proof of consistency";
  try {
    merkle.verifyConsistency(point.size, point.root, target.size, target.root, path);
  } catch (error) {
    if (error instanceof merkle.ProofError) return error.message;
    throw error;
  }
  return null;
}

function rises(order) {
  return order.every(([epoch, from], at) => {
    if (!at) return true;
    const [before, size] = order[at - 1];
    return epoch > before || (epoch === before && from > size);
  });
}
