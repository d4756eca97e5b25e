// The case's records in their order, each to be opened and read.

import * as build from "./build.js";
import * as bytes from "./bytes.js";
import * as disclosed from "./disclosed.js";
import * as kinds from "./kinds.js";
import * as labels from "./labels.js";
import * as member from "./member.js";

const AT_ONCE = 200; // records; a case may have a hundred thousand
const LONGEST = 1 << 16; // bytes of a text that are shown
const GOOD = new Set(["delivered", "displayed", "read", "replied"]);
const BAD = new Set(["rejected_perm", "refused", "returned"]);
const ODD = new Set(["rejected_temp", "unknown", "locker"]);

/** Return the section that lists the records. */
export function shown(result, language) {
  const say = (name, ...values) => labels.text(name, language, ...values);
  const list = build.element("ol", "story");
  const more = build.element("button", "more");
  more.type = "button";
  let count = 0;

  function add() {
    const records = result.walked.case;
    for (const record of records.slice(count, count + AT_ONCE)) list.append(entry(record, result, language));
    count = Math.min(count + AT_ONCE, records.length);
    const left = records.length - count;
    more.textContent = say("more", Math.min(left, AT_ONCE));
    more.hidden = left === 0;
  }

  more.addEventListener("click", add);
  add();
  const why = build.element("p", "small mute", say("story-why"));
  const doubt = result.report.verified ? null : build.element("p", "doubt", say("story-bad"));
  return build.section("long", say("story"), doubt, why, list, more);
}

function entry(record, result, language) {
  if (!record.fields) return erased(record, language);
  const { cseq, at, state, assurance } = record.fields;
  const line = build.element(
    "p", "line",
    build.element("span", "number", `#${cseq}`),
    build.element("span", "when", build.beijing(at)),
    build.element("span", "kind", kinds.called(record.kind, language)),
    state ? build.element("span", `tag ${colour(state)}`, kinds.called(state, language)) : null,
    build.element("span", "tag", kinds.called(assurance, language)),
  );
  const inside = build.element("details", "", build.element("summary", "", labels.text("open", language)));
  // What is inside is read only when somebody wants it.
  inside.addEventListener("toggle", () => fill(inside, record, result, language));
  return build.element("li", "", line, inside);
}

// Of an erased record only its number and its hash are left.
function erased({ cseq, id, hex }, language) {
  const number = build.element("span", "number", `#${cseq}`);
  const tag = build.element("span", "tag", labels.text("gone", language));
  return build.element("li", "", build.element("p", "line", number, tag, build.element("span", "code small mute", id)));
}

function colour(state) {
  if (GOOD.has(state)) return "good";
  if (BAD.has(state)) return "bad";
  return ODD.has(state) ? "warn" : "blue";
}

async function fill(inside, record, result, language) {
  if (inside.childElementCount > 1) return;
  const say = (name) => labels.text(name, language);
  const { at, actor, channel } = record.fields;
  inside.append(
    build.pairs("", [
      [say("at"), at], [say("actor"), actor], [say("channel"), channel],
      [say("record"), record.id, "code"], [say("hash"), record.hex, "code"],
    ]),
  );
  for (const { name, media } of record.fields.parts) {
    inside.append(await part(name, media, record, result, language));
  }
}

async function part(name, media, record, result, language) {
  const say = (word, ...values) => labels.text(word, language, ...values);
  const file = disclosed.file(result.disclosed, record.id, name);
  const title = build.element("h4", "", `${say("part")} ${name}`, " ", build.element("span", "mute", media));
  if (!file) return build.element("div", "part", title, build.element("p", "mute", say("left-out")));
  const known = name === "facts" && result.vouched.facts.get(record.id);
  if (known) return build.element("div", "part", title, facts(known.told, say));
  const text = await beginning(file);
  const body = text === null ? build.element("p", "mute", say("bytes", file.size, file.name)) : build.verbatim(text);
  const cut = text !== null && file.size > LONGEST ? build.element("p", "mute", say("cut", file.size)) : null;
  return build.element("div", "part", title, body, cut);
}

// The first characters of a file, or null when it is no text.
async function beginning(file) {
  const data = await member.contents(file);
  const short = data.length > LONGEST;
  const text = short ? bytes.readable(data.subarray(0, LONGEST)) : bytes.fromUtf8(data);
  return text === null || /[\x00-\x08\x0e-\x1f]/.test(text) ? null : text;
}

function facts(told, say) {
  const listed = Object.keys(told).map((name) => {
    return [name, typeof told[name] === "string" ? told[name] : JSON.stringify(told[name])];
  });
  if (!listed.length) return build.element("p", "mute small", say("untold"));
  return build.pairs("", listed);
}
