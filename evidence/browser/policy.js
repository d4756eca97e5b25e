// The reader's own list of whom to trust (C2SP tlog-policy, and `tsa` lines: section 8).

import * as bytes from "./bytes.js";
import * as note from "./note.js";

const NONE = "none"; // the quorum that asks for nobody
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/;
const KINDS = { log: note.LOG, witness: note.WITNESS };

/** A policy cannot be used as it stands; the message names the line, the cause and the remedy. */
export class PolicyError extends Error {}

/**
 * Read a policy; throws PolicyError. PEM files that it names are not looked for, because tokens are not checked here;
 * with `beside` false it may name none, as in a bundle.
 */
export function parse(text, beside = true) {
  const draft = { beside, logs: [], public: new Set(), quorum: [], members: new Set() };
  for (const name of ["witnesses", "groups", "tsas"]) draft[name] = new Map();
  text.split("\n").forEach((line, at) => {
    try {
      take(draft, line);
    } catch (error) {
      throw error instanceof PolicyError ? new PolicyError(`line ${at + 1}: ${error.message}`) : error;
    }
  });
  if (!draft.quorum.length) {
    throw new PolicyError("there is no quorum line: add `quorum none`, or the name of a witness or group");
  }
  const quorum = draft.quorum[0] === NONE ? null : draft.quorum[0];
  return { logKeys: draft.logs, witnesses: draft.witnesses, groups: draft.groups, quorum, tsas: draft.tsas };
}

/** Whether these witnesses' vkeys together are the quorum. */
export function satisfied(policy, vkeys) {
  const seen = new Set();
  for (const [name, key] of policy.witnesses) if (vkeys.has(key.vkey)) seen.add(name);
  for (const [name, group] of policy.groups) {
    if (group.members.filter((member) => seen.has(member)).length >= group.threshold) seen.add(name);
  }
  return policy.quorum === null || seen.has(policy.quorum);
}

function take(draft, line) {
  if (CONTROL.test(line)) {
    throw new PolicyError("a control character: save the file with line feeds only (not CR LF)");
  }
  const [word, ...items] = line.replace(/^[ \t]+|[ \t]+$/g, "").split(/[ \t]+/);
  if (word && !word.startsWith("#")) define(draft, word, items);
}

function define(draft, word, items) {
  const [name, second] = items;
  const count = items.length;
  if (word === "log" && (count === 1 || count === 2)) {
    draft.logs.push(key(draft, name, "log"));
  } else if (word === "witness" && (count === 2 || count === 3)) {
    mustBeNew(draft, name);
    draft.witnesses.set(name, key(draft, second, "witness"));
  } else if (word === "group" && count > 2) {
    mustBeNew(draft, name);
    draft.groups.set(name, group(draft, second, items.slice(2)));
  } else if (word === "quorum" && count === 1) {
    draft.quorum.push(onlyQuorum(draft, name));
  } else if (word === "tsa" && (count === 2 || count === 3)) {
    draft.tsas.set(name, tsa(draft, name, second, items[2]));
  } else {
    throw new PolicyError(`no line is \`${word}\` with ${count} items: see evidence-format.md §8`);
  }
}

function mustBeNew(draft, name) {
  if (name === NONE || draft.witnesses.has(name) || draft.groups.has(name)) {
    throw new PolicyError(`the name \`${name}\` is taken: choose another`);
  }
}

function mustBeKnown(draft, name) {
  if (!draft.witnesses.has(name) && !draft.groups.has(name)) {
    throw new PolicyError(`no line above defines \`${name}\`: define it first, or correct the name`);
  }
}

function group(draft, threshold, members) {
  for (const name of members) {
    mustBeKnown(draft, name);
    if (draft.members.has(name)) {
      throw new PolicyError(`\`${name}\` is already a member of a group: a name counts once`);
    }
    draft.members.add(name);
  }
  return { threshold: atLeast(threshold, members.length), members };
}

function atLeast(text, members) {
  const named = { any: 1, all: members }[text];
  const count = named || (/^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : 0);
  if (count < 1 || count > members) {
    throw new PolicyError(`\`${text}\` is neither \`any\` nor \`all\` nor a number from 1 to ${members}`);
  }
  return count;
}

function onlyQuorum(draft, name) {
  if (draft.quorum.length) throw new PolicyError("a second quorum line: keep one");
  if (name !== NONE) mustBeKnown(draft, name);
  return name;
}

function tsa(draft, name, pin, file) {
  if (draft.tsas.has(name)) throw new PolicyError(`the name \`${name}\` is taken: choose another`);
  if (!/^[0-9a-f]{64}$/.test(pin)) {
    throw new PolicyError("the root's SHA-256 is 64 lower-case hex digits, without colons");
  }
  if (file && (!draft.beside || /[/\\:]/.test(file))) {
    throw new PolicyError(`\`${file}\` must be the name of a file beside the policy`);
  }
  return { name, sha256: pin };
}

function key(draft, vkey, word) {
  const found = parsed(vkey);
  if (found.kind !== KINDS[word]) {
    throw new PolicyError("a log's key in a witness's place, or the reverse: use the word that fits the key");
  }
  const once = `${word} ${bytes.toHex(found.public)}`;
  if (draft.public.has(once)) throw new PolicyError("this key stands in the policy already: remove one of the lines");
  draft.public.add(once);
  return found;
}

function parsed(vkey) {
  try {
    return note.parseVkey(vkey);
  } catch (error) {
    if (error instanceof note.NoteError) {
      throw new PolicyError(`${error.message}: copy the key again, or remove the line`);
    }
    throw error;
  }
}
