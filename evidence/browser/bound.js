// What binds a case from outside its own records: heads, and the records of erasure (sections 2.3, 4.1 and 7.4).

import * as bytes from "./bytes.js";
import * as checks from "./checks.js";
import * as disclosed from "./disclosed.js";
import * as fields from "./fields.js";
import * as heads from "./heads.js";
import * as place from "./place.js";
import * as report from "./report.js";

const LEAF_GONE = [2, 3]; // told.level of an erase.done after which a leaf may be missing (section 4.1)
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

/** Return the erase.done records of a bundle, by the records that they name. */
export function erasures(walked) {
  const byRecord = new Map();
  for (const record of walked.kept.values()) {
    if (record.kind !== "erase.done") continue;
    for (const ref of record.fields.refs) {
      if (!ref.startsWith("erases ")) continue;
      const id = ref.slice(7);
      if (!byRecord.has(id)) byRecord.set(id, []);
      byRecord.get(id).push(record);
    }
  }
  return byRecord;
}

/** Return the last record of an erasure that stands after this record and names it, null where there is none. */
export function ofPart(walked, erased, id) {
  return last(walked, erased, id, () => true);
}

/** Return the last one that also says that the leaf itself was destroyed. */
export function ofLeaf(walked, erased, id) {
  return last(walked, erased, id, (record) => LEAF_GONE.includes(told(walked, record, "level")));
}

/** Return each erased record of the case: openly where an erase.done names it, else as missing. */
export function checkErased(walked, erased) {
  const gone = walked.case.filter((record) => record.kind === checks.ERASED);
  return gone.map(({ id, cseq }) => {
    const erasure = ofLeaf(walked, erased, id);
    if (!erasure) return report.finding("sequence", id, "sequence.erased", { cseq });
    const { key, values } = sentence(walked, erasure, "erased");
    return report.finding("omitted", id, key, { ...values, cseq });
  });
}

/** Return each part that is openly left out; one called erased that no erase.done names is missing. */
export function checkOmitted(walked, omissions, erased) {
  return omissions.map(({ name, reason, record }) => {
    if (reason !== "erased") return report.finding("omitted", record, "omitted", { name, reason });
    const erasure = ofPart(walked, erased, record);
    if (!erasure) return report.finding("part-missing", record, "part-missing.erased", { name, reason });
    const { key, values } = sentence(walked, erasure, "omitted.erased");
    return report.finding("omitted", record, key, { ...values, name, reason });
  });
}

// What was erased stood in the log before: a record cannot be excused in advance.
function last(walked, erased, id, fits) {
  const own = placeOf(walked, id);
  const after = (erased.get(id) || []).filter((one) => placeOf(walked, one.id) > own && fits(one));
  const later = (most, one) => (most && placeOf(walked, one.id) <= placeOf(walked, most.id) ? most : one);
  return after.reduce(later, null);
}

function placeOf(walked, id) {
  const record = walked.byId.get(id);
  return record ? record.place : place.UNPLACED;
}

function told(walked, record, name) {
  return fields.value(walked.told.get(record.id) || {}, name);
}

function sentence(walked, record, of) {
  const ground = told(walked, record, "ground");
  const named = GROUNDS.includes(ground) ? ground : "unstated";
  return { key: `${of}.${named}`, values: { on: record.fields.at.slice(0, 10) } };
}

function boundTo(walked, id, data) {
  const { salt, stream } = walked.first.fields;
  const secret = bytes.fromHex(salt);
  return heads.check(data, walked.told.get(id) || {}, heads.label(secret, stream, id), secret, walked.case);
}
