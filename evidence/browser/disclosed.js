// What must hold between records and what is disclosed of them: parts, openings, omissions (sections 4 and 7).

import * as bytes from "./bytes.js";
import * as member from "./member.js";
import * as names from "./names.js";
import * as pace from "./pace.js";
import * as report from "./report.js";
import * as sha256 from "./sha256.js";

// Why a part may be left out (section 7.1).
const REASONS = ["erased", "third-person", "privileged", "internal", "other-people"];

/** Check every opening once; returns {opened, omitted, used, files, findings, omissions, unlisted}. */
export async function read(walked, found, stated) {
  const openings = await found.openings();
  const disclosed = {
    walked,
    members: found.members,
    opened: new Map(), // times by "record name"
    omitted: new Map(),
    used: new Set(), // names of members that are disclosed parts
    facts: new Map(), // the facts' member by record
    unlisted: new Set(),
    wrong: [],
    omissions: stated ? stated.omitted : [],
  };
  for (const [at, opening] of openings.entries()) {
    await open(disclosed, opening);
    await pace.breathe("parts", at, openings.length);
  }
  for (const { record, name } of disclosed.omissions) mark(disclosed, record, name, disclosed.omitted);
  return disclosed;
}

/** Return the member that holds the disclosed bytes of a record's part, or null. */
export function file(disclosed, record, name) {
  const commit = commitOf(disclosed, record, name);
  if (!commit || !disclosed.opened.has(`${record} ${name}`)) return null;
  return disclosed.members.get(names.PARTS + commit) || null;
}

/** Return the disclosed bytes of a record's part, or null. */
export async function part(disclosed, record, name) {
  const found = file(disclosed, record, name);
  return found ? member.contents(found) : null;
}

/** Return parts that are missing, doubled or nobody's, and what is wrong with the openings. */
export function check(disclosed, walked) {
  const findings = [];
  const doubled = [];
  for (const record of walked.groups.flat()) {
    for (const name of record.parts.keys()) {
      const one = `${record.id} ${name}`;
      // Where two records bear one id, the first has what is disclosed.
      const own = walked.byId.get(record.id) === record;
      const times = own ? (disclosed.opened.get(one) || 0) + (disclosed.omitted.get(one) || 0) : 0;
      if (times === 0) findings.push(report.finding("part-missing", record.id, "part-missing", { name }));
      if (times > 1) doubled.push(one);
    }
  }
  for (const one of [...doubled, ...[...disclosed.unlisted].sort(bytes.byCodePoint)]) {
    const [record, name] = one.split(" ");
    findings.push(report.finding("part-unlisted", record, "part-unlisted", { name }));
  }
  const parts = [...disclosed.members.keys()].filter((name) => name.startsWith(names.PARTS));
  for (const name of parts.sort(bytes.byCodePoint)) {
    if (disclosed.used.has(name)) continue;
    const commit = name.slice(names.PARTS.length);
    findings.push(report.finding("part-unlisted", null, "part-unlisted.file", { commit }));
  }
  const unreasoned = disclosed.omissions.filter((one) => !REASONS.includes(one.reason));
  const listed = unreasoned.map(({ record, name, reason }) => {
    return report.finding("part-unlisted", record, "part-unlisted.reason", { name, reason });
  });
  return [...findings, ...disclosed.wrong, ...listed];
}

async function open(disclosed, opening) {
  const { record, name, commit } = opening;
  const known = mark(disclosed, record, name, disclosed.opened);
  const found = disclosed.members.get(names.PARTS + commit);
  if (!found) {
    disclosed.wrong.push(report.finding("part-missing", record, "part-missing.file", { name }));
    return;
  }
  disclosed.used.add(found.name);
  if (known !== commit || !(await opens(opening, found))) {
    disclosed.wrong.push(report.finding("commitment", record, "commitment", { name }));
  }
  if (name === "facts" && disclosed.walked.byId.has(record)) disclosed.facts.set(record, found);
}

// Counts an opening or omission and returns the commitment that the record has; null where it has no such part.
function mark(disclosed, record, name, times) {
  const commit = commitOf(disclosed, record, name);
  const one = `${record} ${name}`;
  if (commit) times.set(one, (times.get(one) || 0) + 1);
  else disclosed.unlisted.add(one);
  return commit;
}

function commitOf({ walked }, record, name) {
  const known = walked.byId.get(record);
  return (known && known.parts.get(name)) || null;
}

async function opens(opening, found) {
  const mac = sha256.begunHmac(bytes.fromHex(opening.k_commit));
  for await (const piece of found.pieces()) mac.update(piece);
  return bytes.toHex(mac.digest()) === opening.commit;
}
