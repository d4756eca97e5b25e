// The one JSON form of a value (RFC 8785 without floats); everything else is refused.

import * as bytes from "./bytes.js";

const DEEPEST = 64; // lists and objects within each other
const [QUOTE, ESCAPE] = ['"', "\\"];

/** A text is not in the one form; the message says why. */
export class CanonicalError extends Error {}

/** Return the value whose one form these bytes are; throws CanonicalError. */
export function loads(data) {
  const text = bytes.fromUtf8(data);
  if (text === null) throw new CanonicalError("not strict JSON: UnicodeDecodeError");
  mustBeShallow(text);
  const value = parsed(text);
  // Writing it again refuses what JSON.parse lets through: a key twice, -0, 1.0, 1e2, another order.
  if (dumps(value) !== text) throw new CanonicalError("not in RFC 8785 form");
  return value;
}

/** Return the text of a value made of strings, integers, booleans, null, lists and objects. */
export function dumps(value) {
  try {
    return written(value);
  } catch (error) {
    throw error instanceof RangeError ? new CanonicalError("nested too deeply") : error;
  }
}

// Where programs give up differs, so that the depth is limited before anything is parsed.
function mustBeShallow(text) {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const one = text[at];
    if (one === QUOTE) at = pastString(text, at);
    else if (one === "[" || one === "{") depth++;
    else if (one === "]" || one === "}") depth--;
    if (depth > DEEPEST) throw new CanonicalError(`nested more than ${DEEPEST} deep`);
  }
}

// Where the string that begins here is closed, or the text ends.
function pastString(text, start) {
  let at = start + 1;
  while (at < text.length && text[at] !== QUOTE) at += text[at] === ESCAPE ? 2 : 1;
  return at;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof RangeError ? "RecursionError" : "JSONDecodeError";
    throw new CanonicalError(`not strict JSON: ${why}`);
  }
}

function written(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") return whole(value);
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  // RFC 8785 section 3.2.3 sorts by UTF-16 code units, as sort() does.
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${quoted(name)}:${written(value[name])}`).join(",")}}`;
}

function quoted(text) {
  if (/\p{Surrogate}/u.test(text)) throw new CanonicalError("a string holds a lone surrogate");
  return JSON.stringify(text);
}

function whole(value) {
  if (!Number.isSafeInteger(value)) throw new CanonicalError("no canonical form for float");
  return String(value);
}
