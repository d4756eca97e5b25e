// What a verification did not show; a report always says so (section 8).

import * as bytes from "./bytes.js";
import * as bound from "./bound.js";
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
  for (const number of epochs.leftOut) said.push(report.unproved("not.epoch", { number }));
  if (!found.members.has(bound.HEADS) || !walked.first) said.push(report.unproved("not.heads"));
  if (walked.sandbox) said.push(report.unproved("not.sandbox"));
  return said;
}

/** Return what of the bundle is not held against any record. */
export function reading(found, omitted) {
  const said = omitted ? [report.unproved("not.omitted", { count: omitted })] : [];
  said.push(report.unproved("not.timeline"));
  const papers = [...found.members.keys()].some((name) => READING.test(name));
  return papers ? [...said, report.unproved("not.documents")] : said;
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
