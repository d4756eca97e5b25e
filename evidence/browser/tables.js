// What the facts of a case's records say, held against its rows and its record codes (sections 4 to 6).

import * as checks from "./checks.js";
import * as fields from "./fields.js";
import * as member from "./member.js";
import * as pace from "./pace.js";
import * as records from "./records.js";
import * as report from "./report.js";
import * as rows from "./rows.js";

// Kinds that vouch only for rows of `legal_hold` and `erasure`; their facts are withheld as privileged.
const APART = new Set(["hold.set", "hold.lifted", "erase.asked", "erase.refused"]);

/** Read the facts of every record once: what they tell, and which record speaks last of each row. */
export async function read(walked, disclosed) {
  const vouched = { facts: new Map(), newest: new Map(), malformed: [], codes: [], closed: 0, numbered: false };
  const real = new Set(codes(walked));
  const every = [...walked.case, ...walked.system];
  for (const [at, record] of every.entries()) {
    const told = await factsOf(record, walked, disclosed, vouched);
    if (told && walked.kept.has(record.id)) walked.told.set(record.id, told.told);
    if (at < walked.case.length) take(record, told, vouched, real);
    await pace.breathe("facts", at, every.length);
  }
  return vouched;
}

/** Return the record codes of the notices in the bundle, oldest first. */
export function codes(walked) {
  return notices(walked).map((record) => records.recordCode(record.hash));
}

/** Return the records of the case by which notices were composed. */
export function notices(walked) {
  return walked.case.filter((record) => record.kind === "notice.composed");
}

/** Return what is wrong with facts, rows and record codes. */
export async function check(vouched, walked, found) {
  return [...vouched.malformed, ...(await compared(vouched, walked, found)), ...vouched.codes];
}

async function factsOf(record, walked, disclosed, vouched) {
  // Where two records bear one id, the first has the facts.
  const file = walked.byId.get(record.id) === record ? disclosed.facts.get(record.id) : null;
  if (!file) return null;
  try {
    const told = rows.parseFacts(await member.contents(file), record.id);
    vouched.facts.set(record.id, told);
    return told;
  } catch (error) {
    if (!(error instanceof rows.FactsError)) throw error;
    vouched.malformed.push(report.finding("leaf-form", record.id, "leaf-form.facts", { why: error.message }));
    return null;
  }
}

function take(record, told, vouched, real) {
  if (told) {
    for (const row of told.rows) vouched.newest.set(rows.key(row), { row, cseq: record.cseq });
    const code = fields.value(told.told, "record_code");
    if (code !== null && !real.has(code)) {
      vouched.codes.push(report.finding("leaf-hash", record.id, "leaf-hash.code", { code }));
    }
  } else if (APART.has(record.kind)) {
    return; // its rows are tables of their own, and it can have changed no other
  } else if (record.kind === checks.ERASED || record.parts.has("facts")) {
    // A later record whose facts are left out may have changed a row, which then cannot be shown.
    vouched.closed = Math.max(vouched.closed, record.cseq);
  }
}

async function compared(vouched, walked, found) {
  const seen = new Set();
  const [findings, numbers] = [[], []];
  let twice = false;
  for (const row of await found.rows()) {
    await pace.breathe("tables", seen.size, vouched.newest.size);
    const known = vouched.newest.get(rows.key(row));
    findings.push(...rows.compareRow(row, known && known.row));
    const ours = isOfCase(row, found.case);
    // Whether a record vouches for the case number.
    vouched.numbered = vouched.numbered || Boolean(ours && known);
    if (ours && row.columns.case_no !== found.case.case_no) {
      numbers.push(report.finding("row-differs", row.record, "row-differs.case_no"));
    }
    twice = twice || seen.has(rows.key(row));
    seen.add(rows.key(row));
  }
  const keys = rows.sortedKeys(vouched.newest);
  for (const key of keys) {
    const { row, cseq } = vouched.newest.get(key);
    if (!seen.has(key) && vouched.closed <= cseq) findings.push(rows.missing(row));
  }
  if (twice) findings.push(report.finding("row-unvouched", null, "row-unvouched.twice"));
  return [...findings, ...numbers, ...(await blobs(vouched, walked, keys))];
}

function isOfCase(row, stated) {
  return stated && row.table === "injury_case" && row.id === stated.case;
}

async function blobs(vouched, walked, keys) {
  const committed = new Set();
  for (const record of walked.all) for (const commit of record.parts.values()) committed.add(commit);
  const findings = [];
  for (const key of keys) {
    await pace.breathe("tables", 1, 1);
    const { table, id, record, columns } = vouched.newest.get(key).row;
    for (const [column, commit] of rows.blobs(columns)) {
      if (!committed.has(commit)) {
        findings.push(report.finding("row-unvouched", record, "row-unvouched.blob", { table, id, column }));
      }
    }
  }
  return findings;
}
