// What records vouch for in the tables, and the comparison with the tables themselves (sections 4 and 5).

import * as bytes from "./bytes.js";
import * as canonical from "./canonical.js";
import * as fields from "./fields.js";
import * as given from "./given.js";
import * as report from "./report.js";

const COMMITMENT = fields.matches("HEX64");
const ANYTHING = () => true;

/** A part named facts breaks section 4 or 5; the message says how. */
export class FactsError extends Error {}

/** Read the facts part of a record as {rows, told}; throws FactsError. */
export function parseFacts(data, record) {
  const found = strict(data);
  const wrong = fields.misfit(found, { rows: fields.listed(isRow), told: fields.isObject });
  if (wrong !== null) {
    throw new FactsError(`${wrong} is not in its form, or names columns that no record vouches for`);
  }
  const rows = found.rows.map((row) => ({ ...row, record }));
  if (new Set(rows.map(key)).size !== rows.length) throw new FactsError("a row stands twice");
  return { rows, told: found.told };
}

/** Return a row's name, unique over all tables. */
export function key(row) {
  return `${row.table}\n${row.id}`;
}

/** Whether these are exactly the columns that section 5 lists for a table. */
export function isColumns(table, columns) {
  if (!fields.isObject(columns) || !fields.has(given.COLUMNS, table)) return false;
  const wanted = given.COLUMNS[table];
  return Object.keys(columns).length === wanted.length && wanted.every((name) => fields.has(columns, name));
}

/** Return the keys of a map by key in the order in which Python sorts (table, id). */
export function sortedKeys(map) {
  return [...map.keys()].sort(bytes.byCodePoint);
}

/** Return the finding that a row for which facts vouch is not there. */
export function missing(row) {
  return finding("row-missing", row);
}

/** Return the columns that name kept bytes, each with the bytes' commitment in hex (section 5). */
export function blobs(columns) {
  return Object.keys(columns)
    .sort()
    .filter((name) => name.endsWith("_blob") && columns[name] !== null)
    .map((name) => [name, columns[name]]);
}

/** Return what is wrong with one row, given the newest facts that name it. */
export function compareRow(row, vouched) {
  if (!vouched) return [finding("row-unvouched", row)];
  if (row.record !== vouched.record) {
    return [finding("row-unvouched", row, "row-unvouched.newer", { newest: vouched.record })];
  }
  const names = Object.keys(row.columns).sort();
  const differing = names.filter(
    (name) => canonical.dumps(row.columns[name]) !== canonical.dumps(vouched.columns[name]),
  );
  return differing.map((name) => finding("row-differs", row, "row-differs", { column: name }));
}

function isRow(row) {
  const rules = { columns: ANYTHING, id: fields.isText, table: fields.isText };
  return (
    fields.misfit(row, rules) === null &&
    isColumns(row.table, row.columns) &&
    blobs(row.columns).every(([, value]) => COMMITMENT(value))
  );
}

function strict(data) {
  try {
    return canonical.loads(data);
  } catch (error) {
    if (error instanceof canonical.CanonicalError) throw new FactsError(error.message);
    throw error;
  }
}

function finding(code, row, words = code, values = {}) {
  return report.finding(code, row.record || null, words, { table: row.table, id: row.id, ...values });
}
