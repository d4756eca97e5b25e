// The sentences of a report; assemble.py takes them from the Python verifier, so that both say the same.

import * as given from "./given.js";

// What only this page has to say.
const HERE = {
  "not.stamp.here": [
    "{service} 的时间戳有 {count} 个：只核对了它们盖的是包里的签名检查点，时间戳的签名未在此检查；请用命令行核验程序或 OpenSSL" +
      " 检查（见 README.txt）。",
    "{count} time stamps of {service}: they are over signed checkpoints of this bundle, but their signatures are not" +
      " checked here; use the command line verifier or OpenSSL (see README.txt).",
  ],
};

/** Return a sentence with its values filled in and nothing in it that a screen would not show. */
export function sentence(key, values, language) {
  const template = (HERE[key] || given.SENTENCES[key])[language === "en" ? 1 : 0];
  return template.replace(/\{(\w+)\}/g, (_, name) => printable(String(values[name])));
}

/** Return a text with its control and direction characters spelt out; a forged file may hold some. */
export function printable(text) {
  return text.replace(/[^\P{C}]|[^\P{Z} ]/gu, (one) => {
    return `\\u${one.codePointAt(0).toString(16).padStart(4, "0")}`;
  });
}
