// Whether a bundle is anchored as the reader's own policy asks, and up to which record (section 8).

import * as checkpoint from "./checkpoint.js";
import * as place from "./place.js";
import * as policy from "./policy.js";
import * as report from "./report.js";
import * as signed from "./signed.js";

/**
 * Return {reaches, unmet}: how far each thing goes that the policy asks for, and what of it is not there. Tokens are
 * not checked here, so `tsa` lines are neither met nor unmet.
 */
export function check(walked, signatures, notes, seen, trusted) {
  const asked = new Map([["log-key", signedBy(signatures, notes, trusted)]]);
  if (trusted.quorum !== null) asked.set("witness", cosigned(notes, seen, trusted));
  const [reaches, unmet] = [[], []];
  for (const [what, end] of asked) {
    const cseq = end === null ? null : cseqBelow(walked, end);
    if (end !== null) reaches.push({ what, cseq });
    if (end === null) unmet.push(report.finding(what, null, `policy.${what}`));
    // Whoever saw the log only before the case began says nothing about it: all of it may be new.
    else if (cseq === 0) unmet.push(report.finding(what, null, `policy.before.${what}`));
  }
  return { reaches, unmet };
}

// The end of the present checkpoint when a key signed it that the policy leads to. A key of an earlier epoch says
// nothing here: whoever can restore a backup can begin an epoch.
function signedBy(signatures, notes, trusted) {
  const present = notes.find((one) => one === signatures.present);
  if (!present) return null;
  const known = handedOn(signatures, notes, trusted, present.point.origin);
  return [...present.keys].some((vkey) => known.has(vkey)) ? longest([present]) : null;
}

// The policy's log keys, and those to which they handed this log over by a note that both signed.
function handedOn(signatures, notes, trusted, origin) {
  const known = new Set(trusted.logKeys.map((key) => key.vkey));
  const uses = signatures.history.filter((use) => use.key.name === origin).map((use) => use.key.vkey);
  const by = signed.signedBy(notes.filter((one) => one.point.origin === origin));
  uses.slice(1).forEach((after, at) => {
    if (known.has(uses[at]) && signed.meet(by.get(uses[at]), by.get(after))) known.add(after);
  });
  return known;
}

// The longest note that the quorum cosigned; witnesses may have seen it at any time.
function cosigned(notes, seen, trusted) {
  const cosigners = new Map();
  for (const { point, witness } of seen) {
    if (!point || !witness) continue;
    const tree = checkpoint.label(point);
    cosigners.set(tree, (cosigners.get(tree) || new Set()).add(witness.vkey));
  }
  const of = (one) => cosigners.get(checkpoint.label(one.point)) || new Set();
  return longest(notes.filter((one) => policy.satisfied(trusted, of(one))));
}

function longest(notes) {
  const ends = notes.map((one) => place.of(one.point.origin, one.point.size));
  return ends.length ? ends.reduce((most, end) => (end > most ? end : most)) : null;
}

function cseqBelow(walked, end) {
  const below = walked.case.filter((record) => record.place < end);
  return below.reduce((most, record) => Math.max(most, record.cseq), 0);
}
