// The result as people read it: the verdict first, then what speaks against it, then the rest.

import * as build from "./build.js";
import * as labels from "./labels.js";
import * as report from "./report.js";

const CLAIMS = ["internal", "anchored", "complete"];
const FIRST_FINDINGS = 200;

/** Return the parts of the page that tell a result, in reading order. */
export function shown(result, language) {
  const told = report.toJson(result.report, language);
  const say = (name, ...values) => labels.text(name, language, ...values);
  return [
    banner(told, result.asked, say),
    claims(told, result.asked, say),
    findings(told, say),
    about(told, say),
    codes(result, say),
    unproved(told, say),
    omitted(told, say),
    outside(told, say),
    times(told, say),
  ].filter(Boolean);
}

/** Return the page's answer to a file about which nothing can be said. */
export function unreadable(why, language, title = "odd") {
  const says = title === "odd" ? labels.text("odd-why", language) : "";
  return build.element(
    "section", "verdict odd",
    build.element("h2", "", labels.text(title, language)),
    build.element("p", "", says),
    build.element("p", "code", why),
  );
}

/** Return the verdict in one sentence, for those who listen. */
export function spoken(result, language) {
  const told = report.toJson(result.report, language);
  const say = (name) => labels.text(name, language);
  const comma = language === "en" ? ", " : "，";
  const each = CLAIMS.map((name) => `${say(name)} ${say(outcome(told[name].holds, result.asked)[1])}`);
  return [say(told.verified ? "good" : "bad"), ...each].join(comma);
}

function outcome(holds, asked) {
  if (holds === null) return ["none", asked ? "partly" : "none"];
  return holds ? ["good", "holds"] : ["bad", "fails"];
}

function banner(told, asked, say) {
  const name = told.verified ? "good" : "bad";
  const why = told.verified && asked && told.anchored.holds === null ? "partly-why" : `${name}-why`;
  const title = build.element("h2", "", say(name));
  return build.element("section", `verdict ${name}`, title, build.element("p", "", say(why)));
}

function claims(told, asked, say) {
  const list = build.element("ul", "three");
  for (const name of CLAIMS) {
    const [style, word] = outcome(told[name].holds, asked);
    const heading = build.element("h3", "", say(name));
    const why = build.element("p", "small mute", say(`${name}-${word}`));
    list.append(build.element("li", `card ${style}`, heading, build.element("p", "says", say(word)), why));
  }
  return build.element("section", "", list);
}

function about(told, say) {
  const wide = ["origin", "root"];
  const names = ["file", "case_no", "export", "records", "erased", "origin", "size", "root"];
  const listed = names.map((name) => [say(name), told[name], wide.includes(name) ? "code small" : ""]);
  return build.section("", say("about"), build.pairs("facts", listed.filter(([, value]) => value !== 0)));
}

function codes({ report: { times: listed }, walked, vouched }, say) {
  if (!listed.length) return null;
  const list = build.element("ul", "codes");
  for (const { code, record } of listed) {
    const known = vouched.facts.get(record);
    const title = known && typeof known.told.title === "string" ? known.told.title : "";
    const when = build.element("span", "mute", build.beijing(walked.byId.get(record).fields.at));
    list.append(build.element("li", "", build.element("span", "code", code), when, title));
  }
  return build.section("", say("codes"), build.element("p", "small mute", say("codes-why")), list);
}

function findings(told, say) {
  const every = CLAIMS.flatMap((name) => told[name].findings.map((one) => [name, one]));
  const wrong = every.filter(([, one]) => one.code !== "omitted");
  if (!wrong.length) return build.section("", say("findings"), build.element("p", "", say("no-findings")));
  return build.section("long", say("findings"), ...listing(wrong, (name) => `${say(name)} · `, "tag bad"));
}

function omitted(told, say) {
  const left = told.complete.findings.filter((one) => one.code === "omitted").map((one) => ["", one]);
  if (!left.length) return null;
  const why = build.element("p", "small mute", say("omitted-why"));
  return build.section("long", say("omitted"), why, ...listing(left, () => "", "tag"));
}

function listing(every, before, style) {
  const list = build.element("ul", "list");
  for (const [name, one] of every.slice(0, FIRST_FINDINGS)) {
    const tag = build.element("span", style, before(name) + one.code);
    const record = one.record ? build.element("div", "code small mute", one.record) : null;
    list.append(build.element("li", "", tag, " ", one.text, record));
  }
  const rest = every.length - FIRST_FINDINGS;
  return [list, rest > 0 ? build.element("p", "mute", `+ ${rest}`) : null];
}

function unproved(told, say) {
  const list = build.element("ul", "bullets");
  for (const one of told.not_proved) list.append(build.element("li", "", one));
  return build.section("", say("not-proved"), list);
}

function outside({ signer, anchors }, say) {
  const parts = [];
  if (signer) {
    const keys = signer.vkeys.map((key) => [say("vkey"), key, "code small"]);
    const isolation = signer.isolation ? say(signer.isolation) : null;
    parts.push(build.pairs("facts", [[say("isolation"), isolation], ...keys]));
  } else {
    parts.push(build.element("p", "", say("no-signer")));
  }
  const list = build.element("ul", "list");
  for (const anchor of anchors) list.append(build.element("li", "", ...anchorLine(anchor, say)));
  parts.push(anchors.length ? list : build.element("p", "mute", say("no-anchors")));
  return build.section("", say("signer"), ...parts);
}

function anchorLine(anchor, say) {
  const style = { checked: "tag good", present: "tag", failed: "tag bad" }[anchor.status];
  const here = anchor.kind === "tsa" && anchor.status === "present" ? say("tsa-here") : say(anchor.status);
  const time = anchor.time ? `${say("claimed")} ${build.beijing(anchor.time)}` : null;
  const more = [say("at_size", anchor.size), time].filter(Boolean).join(" · ");
  return [
    build.element("strong", "", `${say(anchor.kind)} ${anchor.service}`), " ",
    build.element("span", style, here),
    build.element("div", "small mute", more),
  ];
}

function times({ times: listed }, say) {
  if (!listed.length) return null;
  const list = build.element("ul", "list");
  for (const one of listed) {
    const known = [["not-before", one.not_before], ["not-after", one.not_after]].filter(([, time]) => time);
    const says = known.map(([name, time]) => `${say(name)} ${build.beijing(time)}`).join(" · ");
    list.append(build.element("li", "", build.element("span", "code", one.code), " ", says || say("no-time")));
  }
  return build.section("", say("times"), build.element("p", "small mute", say("between")), list);
}
