// What a verification did not show; a report always says so (section 8).

import * as bytes from "./bytes.js";
import * as bound from "./bound.js";
import * as place from "./place.js";
import * as report from "./report.js";

const READING = /^data\/(0[1-5]-|exhibits\/)/;

/** Return what keys and anchors leave open. */
export function trust(walked, signatures, seen, reaches, policy) {
  const said = policy ? [] : [report.unproved("not.anchored")];
  for (const { what, cseq } of reaches) {
    const records = walked.case.length;
    if (cseq < records) said.push(report.unproved(`not.reach.${what}`, { cseq, records }));
  }
  if (signatures.bare) said.push(report.unproved("not.signed"));
  else if (!policy) said.push(report.unproved("not.key"));
  const last = signatures.history[signatures.history.length - 1];
  if (last && last.isolation !== "separate-host") said.push(report.unproved(`not.isolated.${last.isolation}`));
  for (const record of walked.kept.values()) {
    if (record.kind !== "key.compromised") continue;
    said.push(report.unproved("not.compromised", { at: record.fields.at.slice(0, 10) }));
  }
  return [...said, ...missed(walked), ...unchecked(seen)];
}

/** Return what the records themselves leave open. */
export function history(walked, found, epochs) {
  const said = ["not.true", "not.clock", "not.captured"].map((key) => report.unproved(key));
  for (const origin of [...epochs.started.keys()].sort(bytes.byCodePoint)) {
    const { lost } = epochs.started.get(origin).told;
    if (lost.to !== null) said.push(report.unproved("not.lost", { origin, ...lost }));
  }
  for (const run of epochs.leftOut) said.push(report.unproved("not.epoch", run));
  said.push(...heads(walked, found), ...system(walked));
  if (walked.sandbox) said.push(report.unproved("not.sandbox"));
  return said;
}

/** Return what no disclosed record of the case vouches for. */
export function ofCase(walked, found, vouched) {
  const said = found.case && !vouched.numbered ? [report.unproved("not.case_no")] : [];
  const erasures = [...walked.kept.values()].filter((record) => record.kind === "erase.done");
  const count = erasures.filter((record) => !walked.told.has(record.id)).length;
  return count ? [...said, report.unproved("not.erasure", { count })] : said;
}

/** Return what of the bundle is not held against any record. */
export function reading(found, omissions) {
  const [texts, facts] = ["text", "facts"].map((name) => omissions.filter((one) => one.name === name).length);
  const values = { count: omissions.length, texts, facts };
  const said = omissions.length ? [report.unproved("not.omitted", values)] : [];
  said.push(report.unproved("not.timeline"));
  const papers = [...found.members.keys()].some((name) => READING.test(name));
  return papers ? [...said, report.unproved("not.documents")] : said;
}

// How far heads bind: records behind them are counted by nobody.
function heads(walked, { checkpoint }) {
  const made = bound.headsShown(walked);
  if (!made) return [report.unproved("not.heads")];
  if (made.place === place.UNPLACED || !checkpoint) return [];
  const { origin, size } = checkpoint;
  if (made.place === place.of(origin, size - 1n)) return [];
  return [report.unproved("not.heads.after", { index: place.indexOf(made.place), size })];
}

// How many of the system's records up to the last one shown are not here.
function system(walked) {
  const shown = new Set(walked.system.map((record) => record.cseq));
  const missing = [...shown].reduce((most, cseq) => Math.max(most, cseq), 0) - shown.size;
  return missing ? [report.unproved("not.system", { count: missing })] : [];
}

// Each service that was silent, from which day and on how many; a year of days is one line.
function missed(walked) {
  const days = new Map();
  for (const record of walked.kept.values()) {
    if (record.kind !== "anchor.missed") continue;
    const told = walked.told.get(record.id);
    const service = told && typeof told.service === "string" ? told.service : "";
    days.set(service, [...(days.get(service) || []), record.fields.at.slice(0, 10)]);
  }
  return [...days].map(([service, silent]) =>
    report.unproved("not.missed", { service, at: silent[0], count: silent.length }),
  );
}

// A year of daily anchors would be a year of lines: those that say the same are counted.
function unchecked(seen) {
  const groups = new Map();
  for (const one of seen) {
    if (one.status !== "present") continue;
    const key = `${one.service}\n${one.words}`;
    groups.set(key, [...(groups.get(key) || []), one]);
  }
  return [...groups.values()].map((alike) => {
    const { service, words, values } = alike[0];
    return report.unproved(`not.${words}`, { service, count: alike.length, ...values });
  });
}
