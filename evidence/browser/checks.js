// What must hold of the records of a bundle, their order and what they cite (sections 3, 7 and 8).

import * as bytes from "./bytes.js";
import * as canonical from "./canonical.js";
import * as contents from "./contents.js";
import * as place from "./place.js";
import * as records from "./records.js";
import * as report from "./report.js";

export const ERASED = "erased"; // the kind of a record whose leaf is gone

const OTHERS = new Set(["custody.exported", "custody.handed_over", "erase.done"]);

/**
 * Read every record once: `case`, `cited` and `system` in file order, `byId` the first of each id, `kept` those that
 * tell of log and bundle, `told` what their facts tell (filled later), `first` the case's first unless it is erased.
 */
export async function walk(found) {
  const cited = await found.leaves(contents.CITED);
  const own = merged(await found.leaves(contents.RECORDS), found.erased);
  const system = await found.leaves(contents.SYSTEM);
  const all = [...cited, ...own, ...system];
  for (const record of all) record.place = place.UNPLACED; // until its proof tells
  const byId = new Map();
  for (const record of all) if (!byId.has(record.id)) byId.set(record.id, record);
  const kept = keptOf(all);
  const walked = { kept, told: new Map(), case: own, cited, system, all, byId, groups: [own, cited, system] };
  walked.sandbox = all.some((record) => record.kind !== ERASED && "clock" in record.fields);
  walked.first = own.length && own[0].kind !== ERASED ? own[0] : null;
  return walked;
}

/** Return what is wrong with the numbering of the records and with what completeness.json says of it. */
export function order(walked, found, stated) {
  const findings = numbering(walked.case, found.stream);
  for (const record of walked.system) {
    if (record.fields.stream !== "system") findings.push(stranger(record));
  }
  for (const id of repeated(walked.all.map((record) => record.id))) {
    findings.push(report.finding("sequence", id, "sequence.twice"));
  }
  if (walked.system.some((record, at) => at && record.cseq <= walked.system[at - 1].cseq)) {
    findings.push(report.finding("sequence", null, "sequence.system"));
  }
  return stated ? [...findings, ...summary(walked, found, stated)] : findings;
}

/** Return citations of what is not here, and intake records that nobody cites. */
export function citations(walked) {
  const held = new Set(walked.cited.map((record) => record.hex));
  const called = new Set();
  const findings = [];
  for (const record of walked.case) {
    for (const cited of record.cites) {
      called.add(cited);
      if (!held.has(cited)) findings.push(about(record, "cited-missing", "cited-missing", { cited }));
    }
  }
  for (const record of walked.cited) {
    if (!called.has(record.hex) || !records.INTAKE_KINDS.includes(record.kind)) {
      findings.push(about(record, "cited-missing", "cited-missing.uncalled"));
    }
  }
  return findings;
}

// The system's records and those of the case that tell of the bundle itself, by id.
function keptOf(all) {
  const kept = new Map();
  for (const record of all) {
    const ours = record.kind !== ERASED && (record.fields.stream === "system" || OTHERS.has(record.kind));
    if (ours && !kept.has(record.id)) kept.set(record.id, record);
  }
  return kept;
}

// The case's records with the erased ones where their numbers belong.
function merged(leaves, erased) {
  const gone = erased.map(({ record, cseq, hash }) => {
    const nothing = { parts: new Map(), cites: [], fields: null, log: "" };
    return { id: record, kind: ERASED, cseq, hex: hash, hash: bytes.fromHex(hash), ...nothing };
  });
  const all = [];
  for (const record of leaves) {
    while (gone.length && gone[0].cseq < record.cseq) all.push(gone.shift());
    all.push(record);
  }
  return [...all, ...gone];
}

function numbering(own, stream) {
  const findings = [];
  let before = records.FIRST;
  own.forEach((record, at) => {
    const { cseq } = record;
    if (cseq !== at + 1) findings.push(about(record, "sequence", "sequence", { expected: at + 1, cseq }));
    if (record.kind !== ERASED) {
      if (record.fields.cprev !== before) findings.push(about(record, "back-link", "back-link", { cseq }));
      if (stream && record.fields.stream !== stream) findings.push(stranger(record));
    }
    before = record.hex;
  });
  return findings;
}

function stranger(record) {
  return about(record, "sequence", "sequence.stream", { stream: record.fields.stream });
}

function repeated(listed) {
  const [seen, twice] = [new Set(), new Set()];
  for (const one of listed) (seen.has(one) ? twice : seen).add(one);
  return [...twice].sort(bytes.byCodePoint);
}

function summary(walked, found, stated) {
  const counts = {};
  for (const { kind } of walked.case) if (kind !== ERASED) counts[kind] = (counts[kind] || 0) + 1;
  const actual = { counts, first: 1, last: walked.case.length, stream: found.stream || stated.stream };
  const wrong = Object.keys(actual).filter((name) => canonical.dumps(stated[name]) !== canonical.dumps(actual[name]));
  const findings = wrong.map((name) => report.finding("sequence", null, "sequence.summary", { name }));
  if (!walked.case.length) findings.push(report.finding("sequence", null, "sequence.empty"));
  return findings;
}

function about(record, code, key, values = {}) {
  return report.finding(code, record.id, key, values);
}
