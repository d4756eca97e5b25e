// Building the page out of text alone: nothing that stands in a file is ever read as HTML.

import * as words from "./words.js";

/** Return an element with a class and children; a string becomes text with nothing hidden in it. */
export function element(tag, style, ...children) {
  const made = document.createElement(tag);
  if (style) made.className = style;
  for (const child of children) {
    if (child === null || child === undefined) continue;
    made.append(typeof child === "object" ? child : words.printable(String(child)));
  }
  return made;
}

/** Return a text of several lines as it stands, every other character that a screen would not show spelt out. */
export function verbatim(text) {
  const made = document.createElement("pre");
  made.textContent = text.replace(/\r\n/g, "\n").split(/([\n\t])/).map(shown).join("");
  return made;
}

/** Return a list of pairs, leaving out those without a value. */
export function pairs(style, listed) {
  const made = element("dl", style);
  for (const [name, value, kind] of listed) {
    if (value === null || value === undefined || value === "") continue;
    made.append(element("dt", "", name), element("dd", kind || "", value));
  }
  return made;
}

/** Return a section with a heading. */
export function section(style, title, ...children) {
  return element("section", `card ${style}`.trim(), element("h2", "", title), ...children);
}

/** Return a time as it is in Beijing, YYYY-MM-DD hh:mm:ss. */
export function beijing(time) {
  const moment = new Date(new Date(time).getTime() + 8 * 3600000);
  return moment.toISOString().slice(0, 19).replace("T", " ");
}

function shown(piece) {
  return piece === "\n" || piece === "\t" ? piece : words.printable(piece);
}
