// What binds a case from outside its own records: heads, and the records of erasure (sections 2.3, 4.1 and 7.4).

import * as bytes from "./bytes.js";
import * as checks from "./checks.js";
import * as disclosed from "./disclosed.js";
import * as fields from "./fields.js";
import * as heads from "./heads.js";
import * as report from "./report.js";

const GROUNDS = ["purpose-achieved", "period-over", "consent-withdrawn", "unlawful", "other-law"];

/** Return the newest heads.made that is shown, where the case can be looked for in it; else null. */
export function headsShown(walked) {
  const made = walked.system.filter((record) => record.kind === "heads.made");
  return made.length && walked.first ? made[made.length - 1] : null;
}

/** Return what is wrong between the newest list of heads and the case's records. */
export async function checkHeads(walked, opened) {
  const made = headsShown(walked);
  if (!made) return [];
  const data = await disclosed.part(opened, made.id, "heads");
  if (!data) return [report.finding("head", made.id, "head.missing")];
  let bound;
  try {
    bound = boundTo(walked, made.id, data);
  } catch (error) {
    if (!(error instanceof heads.HeadsError)) throw error;
    return [report.finding("head", made.id, "head", { why: error.message })];
  }
  const below = walked.case.filter((one) => one.place < made.place);
  // A case that began after the list stands in it nowhere.
  if (bound === 0) return below.length ? [report.finding("head", made.id, "head.unlisted")] : [];
  const hidden = below.filter((one) => one.cseq > bound);
  return hidden.map((one) => report.finding("head", one.id, "head.hidden", { bound }));
}

/** Return the erase.done records of a bundle by the records that they name. */
export function erasures(walked) {
  const byRecord = new Map();
  for (const record of walked.kept.values()) {
    if (record.kind !== "erase.done") continue;
    for (const ref of record.fields.refs) if (ref.startsWith("erases ")) byRecord.set(ref.slice(7), record);
  }
  return byRecord;
}

/** Return each erased record of the case: openly where an erase.done names it, else as missing. */
export function checkErased(walked, erased) {
  const gone = walked.case.filter((record) => record.kind === checks.ERASED);
  return gone.map(({ id, cseq }) => {
    if (!erased.has(id)) return report.finding("sequence", id, "sequence.erased", { cseq });
    const { key, values } = sentence(walked, erased.get(id), "erased");
    return report.finding("omitted", id, key, { ...values, cseq });
  });
}

/** Return each part that is openly left out; one called erased that no erase.done names is missing. */
export function checkOmitted(walked, omissions, erased) {
  return omissions.map(({ name, reason, record }) => {
    if (reason !== "erased") return report.finding("omitted", record, "omitted", { name, reason });
    if (!erased.has(record)) return report.finding("part-missing", record, "part-missing.erased", { name, reason });
    const { key, values } = sentence(walked, erased.get(record), "omitted.erased");
    return report.finding("omitted", record, key, { ...values, name, reason });
  });
}

function sentence(walked, record, of) {
  const ground = fields.value(walked.told.get(record.id) || {}, "ground");
  const named = GROUNDS.includes(ground) ? ground : "unstated";
  return { key: `${of}.${named}`, values: { on: record.fields.at.slice(0, 10) } };
}

function boundTo(walked, id, data) {
  const { salt, stream } = walked.first.fields;
  const secret = bytes.fromHex(salt);
  return heads.check(data, walked.told.get(id) || {}, heads.label(secret, stream, id), secret, walked.case);
}
