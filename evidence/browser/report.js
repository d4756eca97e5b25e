// What a verification found, and the JSON form in which it is told (section 8).

import * as words from "./words.js";

// Findings that say something is not here, as against not right.
const COMPLETE = new Set(["sequence", "cited-missing", "part-missing", "row-missing", "head", "omitted"]);

/** Return one thing found; `key` names its sentence, `values` fill it. */
export function finding(code, record, key = code, values = {}) {
  return { code, record, words: key, values };
}

/** Return one thing that was not shown. */
export function unproved(key, values = {}) {
  return { words: key, values };
}

/** Sort findings into the verdicts of section 8. */
export function verdicts(findings) {
  const complete = findings.filter((one) => COMPLETE.has(one.code));
  const internal = findings.filter((one) => !COMPLETE.has(one.code));
  return {
    internal: { holds: !internal.length, findings: internal },
    // A part that is openly left out is told, but the bundle still holds all that it says it holds.
    complete: { holds: complete.every((one) => one.code === "omitted"), findings: complete },
  };
}

/** Return exactly the keys of section 8, with the sentences in a language. */
export function toJson(report, language = "zh") {
  const told = { ...report };
  for (const name of ["internal", "anchored", "complete"]) {
    told[name] = { holds: report[name].holds, findings: report[name].findings.map((one) => line(one, language)) };
  }
  told.not_proved = report.not_proved.map((one) => words.sentence(one.words, one.values, language));
  return told;
}

function line(found, language) {
  const { code, record } = found;
  return { code, record, text: words.sentence(found.words, found.values, language) };
}
