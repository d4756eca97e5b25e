// The wrapping of a bundle: ZIP bytes, names, manifests (RFC 8493; section 7.1).

import * as bytes from "./bytes.js";
import * as container from "./container.js";
import * as member from "./member.js";
import * as names from "./names.js";
import * as pace from "./pace.js";
import * as repacked from "./repacked.js";
import * as report from "./report.js";
import * as sha256 from "./sha256.js";

const DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
const INFO_LINE = /^[A-Za-z][A-Za-z0-9-]*: [^\r\n\x00-\x1f]+$/;

/** Return {members, findings}; throws UnreadableBundle when the file is no ZIP or not one of ours. */
export async function read(source) {
  if (source.size > container.LARGEST) {
    throw new repacked.UnreadableBundle("the file is larger than a bundle can be (4 GiB)");
  }
  const { members, findings } = await unpacked(source);
  if (!members.has("data/records.jsonl")) {
    throw new repacked.UnreadableBundle("a ZIP file, but not a Huizheng bundle: it holds no data/records.jsonl");
  }
  return { members, findings: [...findings, ...misnamed(members), ...(await miscounted(members))] };
}

async function unpacked(source) {
  try {
    return { members: await container.readExactly(source), findings: [] };
  } catch (error) {
    if (!(error instanceof container.ContainerError)) throw error;
    // Somebody may only have packed it again: go on, so that the report can tell that from forgery.
    const finding = report.finding("container", null, "container", { why: error.message });
    return { members: await repacked.readLoosely(source), findings: [finding] };
  }
}

function misnamed(members) {
  const all = [...members.keys()].sort(bytes.byCodePoint);
  const unlisted = all.filter((name) => !names.isAllowed(name));
  const missing = [...names.REQUIRED].sort().filter((name) => !members.has(name));
  return [
    ...unlisted.map((name) => report.finding("unlisted-file", null, "unlisted-file", { name })),
    ...missing.map((name) => report.finding("container", null, "container.missing", { name })),
  ];
}

async function miscounted(members) {
  const right = await manifests(members);
  right.set("bagit.txt", sha256.sha256(bytes.toUtf8(DECLARATION)));
  const findings = [];
  for (const name of [...right.keys()].sort()) {
    const found = members.get(name);
    if (found && !bytes.same(found.sha256, right.get(name))) {
      findings.push(report.finding("manifest", null, "manifest", { name }));
    }
  }
  if (!isInfo(await text(members, "bag-info.txt"), oxum(members))) {
    findings.push(report.finding("manifest", null, "manifest", { name: "bag-info.txt" }));
  }
  return findings;
}

// The SHA-256 that each manifest would have, were it right: it holds one sorted line for each file.
async function manifests(members) {
  const made = new Map([...names.MANIFESTS, ...names.TAG_MANIFESTS].map((name) => [name, sha256.begun()]));
  // export.note signs the tag manifests, so it cannot stand in them (RFC 8493 section 2.2.1 lets it out).
  const left = [...names.TAG_MANIFESTS, "export.note"];
  const listed = [...members.values()].filter((one) => !left.includes(one.name)).sort(byName);
  for (const [at, one] of listed.entries()) {
    const lists = names.isPayload(one.name) ? names.MANIFESTS : names.TAG_MANIFESTS;
    names.ALGORITHMS.forEach((algorithm, place) => {
      made.get(lists[place]).update(bytes.toUtf8(`${bytes.toHex(one[algorithm])}  ${one.name}\n`));
    });
    await pace.breathe("lists", at, listed.length);
  }
  return new Map([...made].map(([name, hash]) => [name, hash.digest()]));
}

function byName(one, other) {
  return bytes.byCodePoint(one.name, other.name);
}

async function text(members, name) {
  const found = members.get(name);
  return found ? bytes.readable(await member.contents(found)) : "";
}

function oxum(members) {
  const payload = [...members.values()].filter((one) => names.isPayload(one.name));
  return `Payload-Oxum: ${payload.reduce((sum, one) => sum + one.size, 0)}.${payload.length}`;
}

function isInfo(info, last) {
  const lines = info.split("\n");
  if (lines.pop() !== "" || lines[lines.length - 1] !== last) return false;
  return lines.every((line) => INFO_LINE.test(line));
}
