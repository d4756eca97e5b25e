// Where the records of a bundle stand in the log, and the proofs that show it (sections 2 and 7.1).

import * as bytes from "./bytes.js";
import * as merkle from "./merkle.js";
import * as pace from "./pace.js";
import * as paths from "./paths.js";
import * as place from "./place.js";
import * as report from "./report.js";

const PROOFS = "data/log/proofs.json";
const EPOCH = "data/log/epoch-";

/** Return the trees in which this bundle proves records: the ended epochs', then the present one. */
export async function trees(found) {
  const names = [...found.members.keys()].filter((name) => name.startsWith(EPOCH)).sort(bytes.byCodePoint);
  const read = [];
  for (const name of names) read.push(await ended(found, name));
  read.push(await present(found));
  return read.filter(Boolean).sort((one, other) => place.epoch(one.origin) - place.epoch(other.origin));
}

/** Return what is wrong with sizes, origins and proofs; gives each record its place in the log. */
export async function check(walked, found, known) {
  const findings = origins(walked, found, known);
  for (const tree of known) findings.push(...(await proved(walked, tree)));
  if (known.some((tree) => tree.name === PROOFS)) {
    for (const record of walked.groups.flat()) {
      if (record.place === place.UNPLACED) findings.push(report.finding("proof", record.id, "proof.missing"));
    }
  }
  const disordered = walked.groups.some((group) => {
    const placed = group.filter((record) => record.place !== place.UNPLACED);
    return placed.some((record, at) => at && record.place <= placed[at - 1].place);
  });
  if (disordered) findings.push(report.finding("proof", null, "proof.order"));
  return findings;
}

async function present(found) {
  const read = await paths.read(found, PROOFS, false);
  if (!read || !found.checkpoint) return null;
  const { origin, size, root } = found.checkpoint;
  return { name: PROOFS, origin, size, root, started: null, stated: read };
}

async function ended(found, name) {
  const read = await paths.read(found, name, true);
  if (!read) return null;
  if (name !== `${EPOCH}${place.epoch(read.origin)}.json`) found.malformed(name, "the file of another epoch");
  const { origin, size, root, started } = read;
  return { name, origin, size: BigInt(size), root: bytes.fromHex(root), started, stated: read };
}

function origins(walked, found, known) {
  const point = found.checkpoint;
  if (!point) return [];
  const logs = new Set([point.origin, "", ...known.map((tree) => tree.origin)]);
  const strangers = walked.groups.flat().filter((record) => !logs.has(record.log));
  const findings = strangers.map((record) => {
    return report.finding("checkpoint", record.id, "checkpoint.origin", { log: record.log });
  });
  const stated = known.filter((tree) => tree.started === null).map((tree) => tree.stated.size);
  if (found.case) {
    stated.push(found.case.checkpoint);
    if (found.case.origin !== point.origin) {
      findings.push(report.finding("checkpoint", null, "checkpoint.origin", { log: found.case.origin }));
    }
  }
  if (stated.some((size) => BigInt(size) !== point.size)) {
    findings.push(report.finding("checkpoint", null, "checkpoint.size", { size: point.size }));
  }
  return findings;
}

async function proved(walked, tree) {
  const { proofs, hashes } = tree.stated;
  const known = hashes.map(bytes.fromHex);
  const findings = [];
  let [before, spare] = [-1, false];
  for (const [at, proof] of proofs.entries()) {
    const record = walked.byId.get(proof.record);
    if (!record || !taken(record, tree, proof) || proof.index <= before) spare = true;
    if (record) findings.push(...stands(record, proof, known, tree));
    before = proof.index;
    await pace.breathe("proofs", proofs.length + at, 2 * proofs.length);
  }
  if (!isLean(tree.stated)) findings.push(report.finding("proof", null, "proof.hashes"));
  if (spare) findings.push(report.finding("proof", null, "proof.spare"));
  return findings;
}

// Notes where a record stands; false when it has a place already or belongs to another tree.
function taken(record, tree, proof) {
  const free = record.place === place.UNPLACED && (record.log === "" || record.log === tree.origin);
  if (free) {
    record.place = place.of(tree.origin, proof.index);
    record.log = tree.origin;
  }
  return free;
}

// Every hash stands once and is used: nothing else can be carried along in the list.
function isLean({ proofs, hashes }) {
  const used = new Set();
  for (const proof of proofs) for (const entry of proof.path) used.add(entry);
  return used.size === hashes.length && new Set(hashes).size === hashes.length;
}

function stands(record, proof, known, { size, root }) {
  try {
    const path = proof.path.map((entry) => known[entry]);
    merkle.verifyInclusion(record.hash, BigInt(proof.index), size, path, root);
    return [];
  } catch (error) {
    if (!(error instanceof merkle.ProofError)) throw error;
    return [report.finding("proof", record.id, "proof", { index: proof.index, why: error.message })];
  }
}
