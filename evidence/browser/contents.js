// What stands in a bundle's files, read strictly; whatever is not in its form becomes a finding (section 7).

import * as bytes from "./bytes.js";
import * as canonical from "./canonical.js";
import * as checkpoint from "./checkpoint.js";
import * as fields from "./fields.js";
import * as member from "./member.js";
import * as note from "./note.js";
import * as pace from "./pace.js";
import * as records from "./records.js";
import * as report from "./report.js";
import * as rows from "./rows.js";

export const RECORDS = "data/records.jsonl";
export const CITED = "data/cited.jsonl";
export const SYSTEM = "data/system.jsonl";
export const CHECKPOINT = "data/log/checkpoint.txt";

const [HEX, ID, NAME, ORIGIN] = ["HEX64", "UUID7", "PART_NAME", "ORIGIN"].map(fields.matches);
const CASE = {
  case: fields.matches("UUID"),
  case_no: fields.isText,
  checkpoint: fields.counted(0),
  export: fields.fits("[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}"),
  format: (value) => value === 1,
  origin: ORIGIN,
  view: fields.among(["full", "minimised"]),
};
const ERASED = { cseq: fields.counted(1), hash: HEX, record: ID };
const OPENING = { commit: HEX, k_commit: HEX, name: NAME, record: ID };
const ROW = { columns: () => true, id: fields.isText, record: ID, table: fields.isText };
const OMISSION = { name: NAME, reason: fields.isText, record: ID };
const COMPLETENESS = {
  counts: (value) => fields.isObject(value) && Object.values(value).every(fields.counted(1)),
  first: fields.counted(1),
  last: fields.counted(0),
  omitted: fields.listed(fields.shaped(OMISSION)),
  stream: fields.matches("STREAM"),
};

/** Return the contents of a bundle's members: what is short is read, the rest when it is asked for. */
export async function read(members) {
  const found = new Contents(members);
  found.case = await found.document("data/case.json", fields.shaped(CASE));
  found.checkpoint = await found.point();
  found.erased = await found.lines("data/erased.jsonl", ERASED);
  found.stream = found.case ? `case:${found.case.case}` : null;
  return found;
}

class Contents {
  constructor(members) {
    this.members = members;
    this.findings = []; // they grow while the contents are read on
  }

  /** The records of a file. */
  async leaves(name) {
    const found = [];
    for (const [number, line] of await this.numbered(name)) {
      try {
        found.push(records.read(line));
      } catch (error) {
        if (!(error instanceof records.RecordError)) throw error;
        this.tell("leaf-form", "leaf-form", { name, line: number, why: error.message });
      }
      await pace.breathe("records", number, 0);
    }
    return found;
  }

  openings() {
    return this.lines("data/openings.jsonl", OPENING);
  }

  async rows() {
    const name = "data/tables.jsonl";
    const found = await this.lines(name, ROW);
    return found.filter((one) => {
      const right = rows.isColumns(one.table, one.columns);
      if (!right) this.malformed(`${name}: ${one.id}`, "other columns");
      return right;
    });
  }

  completeness() {
    return this.document("data/completeness.json", fields.shaped(COMPLETENESS));
  }

  /** The value of a file that is one JSON line. */
  async document(name, rule) {
    const data = await this.bytes(name);
    return this.value(name, data[data.length - 1] === 10 ? data.subarray(0, -1) : new Uint8Array(0), rule);
  }

  /** The lines of a file that are objects with exactly these fields. */
  async lines(name, rules) {
    const found = [];
    const rule = fields.shaped(rules);
    for (const [number, line] of await this.numbered(name)) {
      const value = this.value(`${name}:${number}`, line, rule);
      if (value !== null) found.push(value);
      await pace.breathe("records", number, 0);
    }
    return found;
  }

  /** All bytes of a file; none when it is not there, of which the wrapping's findings tell. */
  async bytes(name) {
    const found = this.members.get(name);
    return found ? member.contents(found) : new Uint8Array(0);
  }

  malformed(name, why) {
    this.tell("container", "container.form", { name, why });
  }

  async point() {
    const data = await this.bytes(CHECKPOINT);
    try {
      const point = checkpoint.parse(bytes.readable(data).includes("\n\n") ? note.parse(data).text : data);
      if (ORIGIN(point.origin)) return point;
      throw new checkpoint.CheckpointError("the origin is not one of a log of ours");
    } catch (error) {
      if (!note.isKnown(error)) throw error;
      this.tell("checkpoint", "checkpoint.form", { why: error.message });
      return null;
    }
  }

  value(name, data, rule) {
    try {
      const found = canonical.loads(data);
      if (rule(found)) return found;
      this.malformed(name, "other fields or values");
    } catch (error) {
      if (!(error instanceof canonical.CanonicalError)) throw error;
      this.malformed(name, error.message);
    }
    return null;
  }

  async numbered(name) {
    return this.counted(name, bytes.lines(await this.bytes(name)));
  }

  *counted(name, { lines, rest }) {
    for (const [at, line] of lines.entries()) yield [at + 1, line];
    if (!rest.length) return;
    this.malformed(name, "the last line does not end");
    yield [lines.length + 1, rest];
  }

  tell(code, key, values) {
    this.findings.push(report.finding(code, null, key, values));
  }
}
