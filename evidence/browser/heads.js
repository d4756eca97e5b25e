// Heads: how many records each case had, without telling which case (sections 2.3 and 7.4).

import * as bytes from "./bytes.js";
import * as canonical from "./canonical.js";
import * as fields from "./fields.js";
import * as merkle from "./merkle.js";
import * as sha256 from "./sha256.js";

const HEX = fields.matches("HEX64");
const LINE = fields.shaped({ head: HEX, label: HEX });

/** A list does not bind the case; the message says why. */
export class HeadsError extends Error {}

/** Return under which label a stream stands in the list of this heads.made record. */
export function label(salt, stream, id) {
  return mac(salt, `huizheng/v1/label\n${stream}\n${id}`);
}

/** Return the cseq to which a list binds the case's records (`chain`), 0 when none is its line; throws HeadsError. */
export function check(data, told, own, salt, chain) {
  const { lines, rest } = bytes.lines(data);
  if (rest.length) throw new HeadsError("the last line does not end");
  if (lines.length !== fields.value(told, "count")) {
    throw new HeadsError("the list is of another length than its record tells");
  }
  if (bytes.toHex(merkle.treeRoot(lines.map(merkle.leafHash))) !== fields.value(told, "root")) {
    throw new HeadsError("the lines do not give the root that their record tells");
  }
  const found = ownHead(lines, own);
  return found === null ? 0 : bound(found, salt, chain);
}

// Labels that rise strictly hold none twice, so that one line at most is the case's.
function ownHead(lines, own) {
  let [before, found] = ["", null];
  lines.forEach((line, at) => {
    const stated = read(line, at + 1);
    if (stated.label <= before) throw new HeadsError("the lines are out of order, or one case stands twice");
    if (stated.label === own) found = stated.head;
    before = stated.label;
  });
  return found;
}

function read(line, number) {
  let value = null;
  try {
    value = canonical.loads(line);
  } catch (error) {
    if (!(error instanceof canonical.CanonicalError)) throw error;
  }
  if (!LINE(value)) throw new HeadsError(`line ${number} is not in its form`);
  return value;
}

function bound(found, salt, chain) {
  const fits = chain.find(({ cseq, hex }) => mac(salt, `huizheng/v1/head\n${cseq}\n${hex}`) === found);
  if (!fits) throw new HeadsError("the head fits none of the case's records: one is missing, or was changed");
  return fits.cseq;
}

function mac(salt, text) {
  return bytes.toHex(sha256.hmac(salt, bytes.toUtf8(text)));
}
