// The forms that single values may take in a leaf and in the files of a bundle.

import * as given from "./given.js";

const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;

/** Return the rule that a value is a string and fits the whole of a pattern that the format names. */
export function matches(name) {
  return fits(given.PATTERNS[name]);
}

/** Return the rule that a value is a string and fits the whole of this pattern. */
export function fits(pattern) {
  const compiled = new RegExp(`^(?:${pattern})$`);
  return (value) => typeof value === "string" && compiled.test(value);
}

/** Return the rule that a value is one of these strings. */
export function among(values) {
  const known = new Set(values);
  return (value) => typeof value === "string" && known.has(value);
}

/** Return the rule that a value is an integer of at least this. */
export function counted(least) {
  return (value) => Number.isInteger(value) && value >= least;
}

/** Return the rule that a value is a list whose every item keeps another rule. */
export function listed(rule) {
  return (value) => Array.isArray(value) && value.every(rule);
}

/** Return the rule that a value is an object with exactly these fields. */
export function shaped(required) {
  return (value) => misfit(value, required) === null;
}

/** Return the rule that a value is null or keeps another rule. */
export function orNull(rule) {
  return (value) => value === null || rule(value);
}

/** Whether a value is a moment that exists, as YYYY-MM-DDThh:mm:ss.sssZ. */
export function isTime(value) {
  if (typeof value !== "string" || !TIME.test(value) || value.startsWith("0000")) return false;
  const moment = new Date(value);
  // Date carries the 30th of February over into March; a moment that exists comes back as it was.
  return !Number.isNaN(moment.getTime()) && moment.toISOString() === value;
}

/** Whether a value is a string that is not empty, is NFC and holds no control character. */
export function isText(value) {
  return typeof value === "string" && value !== "" && value.normalize("NFC") === value && !/\p{Cc}/u.test(value);
}

/** Whether a value is an object, not a list and not null. */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether an object has a field of its own under this name. */
export function has(value, name) {
  return Object.prototype.hasOwnProperty.call(value, name);
}

/** Return what an object has under this name, null where it has nothing. */
export function value(object, name) {
  return has(object, name) ? object[name] : null;
}

/** Return the first field of an object that is missing, unknown or breaks its rule; null when all fit. */
export function misfit(value, required, sometimes = {}) {
  if (!isObject(value)) return "object";
  for (const name of Object.keys(required).sort()) if (!has(value, name)) return name;
  for (const name of Object.keys(value).sort()) {
    const rule = has(required, name) ? required[name] : has(sometimes, name) ? sometimes[name] : null;
    if (!rule || !rule(value[name])) return name;
  }
  return null;
}
