// The checkpoint body: how large the log was and what its root was (section 2).

import * as bytes from "./bytes.js";

const BODY = /^([ -~]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]+={0,2})\n$/;

/** A checkpoint body is not three exact lines. */
export class CheckpointError extends Error {}

/** Read a body and nothing but a body as {origin, size: BigInt, root, body}; throws CheckpointError. */
export function parse(body) {
  const found = BODY.exec(bytes.readable(body));
  if (found === null) throw new CheckpointError("not three lines of origin, size and root");
  const root = bytes.fromBase64(found[3]);
  if (root === null) throw new CheckpointError("the root is not in standard base64");
  if (root.length !== 32) throw new CheckpointError("the root is not 32 bytes long");
  return { origin: found[1], size: BigInt(found[2]), root, body };
}

/** Return a text that is the same for the same origin, size and root only. */
export function label({ origin, size, root }) {
  return `${origin} ${size} ${bytes.toHex(root)}`;
}
