// Whether a bundle is anchored as the reader's own policy asks, and up to which record (section 8).

import * as place from "./place.js";
import * as policy from "./policy.js";
import * as report from "./report.js";

/**
 * Return {reaches, unmet}: how far each thing goes that the policy asks for, and what of it is not there. Tokens are
 * not checked here, so `tsa` lines are neither met nor unmet.
 */
export function check(walked, notes, seen, trusted) {
  const asked = new Map([["log-key", signed(notes, trusted)]]);
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

function signed(notes, trusted) {
  return longest(notes.filter((one) => trusted.logKeys.some((key) => one.keys.has(key.vkey))));
}

// The longest note that the quorum cosigned; witnesses may have seen it at any time.
function cosigned(notes, seen, trusted) {
  const fitting = notes.filter((one) => {
    const witnesses = seen.filter((two) => two.witness && sameTree(two.point, one.point));
    return policy.satisfied(trusted, new Set(witnesses.map((two) => two.witness.vkey)));
  });
  return longest(fitting);
}

function sameTree(one, other) {
  return one && one.origin === other.origin && one.size === other.size && String(one.root) === String(other.root);
}

function longest(notes) {
  const ends = notes.map((one) => place.of(one.point.origin, one.point.size));
  return ends.length ? ends.reduce((most, end) => (end > most ? end : most)) : null;
}

function cseqBelow(walked, end) {
  const below = walked.case.filter((record) => record.place < end);
  return below.reduce((most, record) => Math.max(most, record.cseq), 0);
}
