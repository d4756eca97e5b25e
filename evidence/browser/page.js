// The page itself: takes a file, checks it, shows the result; the programs' way in is window.huizheng.verify.

import * as bytes from "./bytes.js";
import * as labels from "./labels.js";
import * as pace from "./pace.js";
import * as policy from "./policy.js";
import * as repacked from "./repacked.js";
import * as report from "./report.js";
import * as source from "./source.js";
import * as story from "./story.js";
import * as verify from "./verify.js";
import * as view from "./view.js";

const at = (id) => document.getElementById(id);

let language = "zh";
let shown = null; // the last result, or {error} of the last file
let turn = 0; // counts files, so that an older one that ends later is not shown
let last = null; // the last file

/** Check a bundle given as bytes; resolves to the report's JSON, rejects with UnreadableBundle or PolicyError. */
async function verified(data, policyText = null, name = "", spoken = "zh") {
  const result = await verify.verify(new Blob([data]), policyText, name);
  return report.toJson(result.report, spoken);
}

async function take(file) {
  const mine = ++turn;
  last = file;
  at("progress").hidden = false;
  at("result").textContent = "";
  at("live").textContent = labels.text("step-reading", language);
  const told = await result(file);
  if (mine !== turn) return;
  shown = told;
  at("progress").hidden = true;
  at("drop").classList.add("done");
  show();
}

async function result(file) {
  try {
    return await verify.verify(file, await policyText(), file.name);
  } catch (error) {
    if (error instanceof policy.PolicyError) return { error, title: "bad-policy" };
    if (error instanceof repacked.UnreadableBundle) return { error, title: "odd" };
    return { error: new Error(`${error.name}: ${error.message}`), title: "odd" };
  }
}

async function policyText() {
  const own = at("policy").files[0];
  if (!own) return null;
  const text = bytes.fromUtf8(await source.contents(own));
  if (text === null) throw new policy.PolicyError(`${own.name} is not UTF-8: save it again as UTF-8 text`);
  return text;
}

function show() {
  for (const node of document.querySelectorAll("[data-words]")) {
    node.textContent = labels.text(node.dataset.words, language);
  }
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const id of ["zh", "en"]) at(id).setAttribute("aria-pressed", String(id === language));
  if (shown) showResult();
}

function showResult() {
  const parts = shown.error
    ? [view.unreadable(shown.error.message, language, shown.title)]
    : [...view.shown(shown, language), story.shown(shown, language)];
  at("result").replaceChildren(...parts);
  at("live").textContent = shown.error ? labels.text(shown.title, language) : view.spoken(shown, language);
  document.querySelector("#drop strong").textContent = labels.text("again", language);
}

function progressed(step, part) {
  at("bar").value = part;
  at("step").textContent = labels.text(`step-${step}`, language);
}

function listen() {
  const drop = at("drop");
  at("bundle").addEventListener("change", (event) => {
    if (event.target.files.length) take(event.target.files[0]);
    event.target.value = ""; // so that the same file can be chosen again
  });
  at("policy").addEventListener("change", () => {
    if (last) take(last);
  });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragenter" || name === "dragover");
    });
  }
  document.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
  for (const id of ["zh", "en"]) {
    at(id).addEventListener("click", () => {
      language = id;
      show();
    });
  }
}

pace.watch(progressed);
listen();
window.huizheng = { verify: verified };
