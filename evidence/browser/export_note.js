// The export number, and the text that the signer signs over a bundle (sections 7.1 and 7.2).

import * as bytes from "./bytes.js";
import * as canonical from "./canonical.js";
import * as given from "./given.js";
import * as names from "./names.js";
import * as note from "./note.js";
import * as sha256 from "./sha256.js";
import * as sha512 from "./sha512.js";

const CODE = "[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}";
const TEXT = new RegExp(
  `^huizheng-export/v1\n(${CODE})\n(${given.PATTERNS.ORIGIN})\n(0|[1-9][0-9]{0,18})\n` +
    "sha256 ([0-9a-f]{64})\nsha512 ([0-9a-f]{128})\n$",
);

/** Return the export number of a case's view at a checkpoint. */
export function number(stated, { origin, size, root }) {
  // Written by hand, because the size may be a number that JSON.stringify would round.
  const quoted = (text) => canonical.dumps(text);
  const named =
    `{"case":${quoted(stated.case)},"checkpoint":${size},"origin":${quoted(origin)},` +
    `"root":${quoted(bytes.toHex(root))},"view":${quoted(stated.view)}}`;
  return bytes.toCode(sha256.sha256(bytes.toUtf8(named)));
}

/** Read six lines and nothing else; throws NoteError. */
export function parse(text) {
  const found = TEXT.exec(bytes.readable(text));
  if (!found) throw new note.NoteError("not the six lines of an export note");
  return { number: found[1], origin: found[2], size: found[3], sha256: found[4], sha512: found[5] };
}

/** Return the names of what an export note says that is not so. */
export function differing(stated, found) {
  const { checkpoint, members } = found;
  const listed = names.TAG_MANIFESTS.map((name) => members.get(name));
  const right = {
    number: found.case && found.case.export,
    origin: checkpoint && checkpoint.origin,
    size: checkpoint && String(checkpoint.size),
    sha256: bytes.toHex(listed[0] ? listed[0].sha256 : sha256.sha256()),
    sha512: bytes.toHex(listed[1] ? listed[1].sha512 : sha512.sha512()),
  };
  return Object.keys(right).filter((name) => stated[name] !== right[name]);
}
