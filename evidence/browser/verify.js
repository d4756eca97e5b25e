// Verification of one bundle: needs nothing but the file, and the reader's own policy where there is one.

import * as anchors from "./anchors.js";
import * as bag from "./bag.js";
import * as bound from "./bound.js";
import * as bytes from "./bytes.js";
import * as checks from "./checks.js";
import * as contents from "./contents.js";
import * as disclosed from "./disclosed.js";
import * as documents from "./documents.js";
import * as epochs from "./epochs.js";
import * as inclusion from "./inclusion.js";
import * as policy from "./policy.js";
import * as report from "./report.js";
import * as signed from "./signed.js";
import * as source from "./source.js";
import * as tables from "./tables.js";
import * as unproved from "./unproved.js";
import * as verdict from "./verdict.js";

/**
 * Check everything in a Blob that can be checked from it and the policy's text. Returns {report, asked, walked,
 * disclosed, vouched}; throws UnreadableBundle when nothing can be said about the file, PolicyError for a policy that
 * cannot be used.
 */
export async function verify(blob, policyText, name) {
  const trusted = policyText === null ? null : policy.parse(policyText);
  const wrapped = await bag.read(source.opened(blob));
  const found = await contents.read(wrapped.members);
  const walked = await checks.walk(found);
  const stated = await found.completeness();
  const records = await checkRecords(walked, found, stated);
  const parts = await checkParts(walked, found, stated);
  const log = await checkLog(walked, found, records.trees, parts.opened, trusted);
  const listed = [...records.findings, ...parts.findings, ...log.findings];
  const findings = [...wrapped.findings, ...found.findings, ...listed];
  const told = tell(name, found, walked, findings, log, parts.opened);
  told.not_proved = [
    ...unproved.trust(walked, log.signatures, log.seen, log.reaches, trusted),
    ...unproved.history(walked, found, log.begun),
    ...unproved.ofCase(walked, found, parts.vouched),
    ...unproved.reading(found, parts.opened.omissions),
  ];
  const asked = trusted !== null;
  return { report: told, asked, walked, disclosed: parts.opened, vouched: parts.vouched };
}

async function checkRecords(walked, found, stated) {
  const trees = await inclusion.trees(found);
  const findings = [
    ...(await inclusion.check(walked, found, trees)),
    ...checks.order(walked, found, stated),
    ...checks.citations(walked),
  ];
  return { trees, findings };
}

async function checkParts(walked, found, stated) {
  const opened = await disclosed.read(walked, found, stated);
  const erased = bound.erasures(walked);
  const vouched = await tables.read(walked, opened);
  const findings = [
    ...disclosed.check(opened, walked),
    ...bound.checkOmitted(walked, opened.omissions, erased),
    ...bound.checkErased(walked, erased),
    ...(await tables.check(vouched, walked, found)),
  ];
  return { opened, vouched, findings };
}

async function checkLog(walked, found, trees, opened, trusted) {
  const signatures = await signed.read(walked, found);
  const begun = epochs.read(walked);
  const steps = await epochs.readSteps(found);
  const { notes, findings: inconsistent } = epochs.consistent(trees, begun, signatures, steps);
  const { seen, loose } = await anchors.read(walked, opened, notes, trusted);
  const sandwiches = anchors.times(tables.notices(walked), seen, trusted);
  const { reaches, unmet } = trusted
    ? verdict.check(walked, signatures, notes, seen, trusted)
    : { reaches: [], unmet: [] };
  const findings = [
    ...(await signed.check(found, signatures)),
    ...inconsistent,
    ...(await epochs.forks(loose, trees, signatures, steps)),
    ...(await epochs.check(trees, begun, signatures)),
    ...(await bound.checkHeads(walked, opened)),
    ...(await documents.check(walked, found, opened, signatures, seen, notes)),
  ];
  const said = [...unmet, ...anchors.failed(seen), ...anchors.crossed(sandwiches)];
  const anchored = { holds: holds(trusted, unmet), findings: said };
  return { signatures, begun, seen, sandwiches, reaches, anchored, findings };
}

// A policy that asks for time stamps cannot be answered with yes here, where nobody checks their signatures.
function holds(trusted, unmet) {
  if (!trusted) return null;
  if (unmet.length) return false;
  return trusted.tsas.size ? null : true;
}

function tell(file, found, walked, findings, log, opened) {
  const { checkpoint } = found;
  const { internal, complete } = report.verdicts(findings);
  return {
    file,
    case_no: found.case && found.case.case_no,
    origin: checkpoint && checkpoint.origin,
    size: checkpoint && Number(checkpoint.size),
    root: checkpoint && bytes.toHex(checkpoint.root),
    records: walked.case.length,
    export: found.case && found.case.export,
    internal,
    anchored: log.anchored,
    complete,
    signer: signer(log.signatures.history),
    anchors: log.seen.map(anchor),
    times: times(walked, log.sandwiches),
    erased: erased(walked, opened),
    not_proved: [],
    verified: internal.holds && complete.holds && log.anchored.holds !== false,
  };
}

// How many records were erased, or parts of them.
function erased(walked, opened) {
  const known = bound.erasures(walked);
  const gone = walked.case.filter((record) => record.kind === checks.ERASED).map((record) => record.id);
  const parts = opened.omissions.filter((one) => one.reason === "erased").map((one) => one.record);
  return new Set([
    ...gone.filter((id) => bound.ofLeaf(walked, known, id)),
    ...parts.filter((id) => bound.ofPart(walked, known, id)),
  ]).size;
}

function signer(history) {
  if (!history.length) return null;
  return { isolation: history[history.length - 1].isolation, vkeys: history.map((use) => use.key.vkey) };
}

function anchor({ kind, service, point, status, time }) {
  return { kind, service, size: point && Number(point.size), status, time };
}

function times(walked, sandwiches) {
  const codes = tables.codes(walked);
  return sandwiches.map(({ record, before, after }, at) => {
    return { code: codes[at], not_after: after, not_before: before, record: record.id };
  });
}
