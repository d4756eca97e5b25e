// RFC 3161 time stamps: what a token claims and whether it is over this note; its signature is not checked here.

import * as bytes from "./bytes.js";
import * as der from "./der.js";
import * as fields from "./fields.js";
import * as sha256 from "./sha256.js";
import * as sha512 from "./sha512.js";

const SIGNED_DATA = "1.2.840.113549.1.7.2"; // RFC 5652 section 5.1
const TST_INFO = "1.2.840.113549.1.9.16.1.4"; // RFC 3161 section 2.4.2
const TIME = /^([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})(?:\.([0-9]{1,9}))?Z$/;
const DIGESTS = { // RFC 5754 section 2
  "2.16.840.1.101.3.4.2.1": sha256.sha256,
  "2.16.840.1.101.3.4.2.2": sha512.sha384,
  "2.16.840.1.101.3.4.2.3": sha512.sha512,
};

/** Return {status, time, words, values}: whether a token is over a message; never throws on what the token is. */
export function check(token, message) {
  let claim;
  try {
    claim = look(token);
  } catch (error) {
    if (!(error instanceof der.StampError)) throw error;
    return { status: "failed", time: null, words: "stamp.form", values: { why: error.message } };
  }
  const { algorithm, imprint, time } = claim;
  const hash = fields.value(DIGESTS, algorithm);
  if (!hash) return { status: "present", time, words: "stamp.unchecked-algorithm", values: { algorithm } };
  if (!bytes.same(hash(message), imprint)) return { status: "failed", time, words: "stamp.imprint", values: {} };
  return { status: "present", time, words: "stamp.here", values: {} };
}

/** Read what a TimeStampResp claims, {algorithm, imprint, time}; throws StampError. */
export function look(token) {
  const [status, ...tokens] = some(der.one(token), 1);
  const code = der.number(some(status, 1)[0]);
  if (code > 1n || tokens.length !== 1) {
    throw new der.StampError(`the service did not grant a time stamp (status ${code})`);
  }
  const signed = signedData(tokens[0]);
  checkSigner(only(der.expect(signed[signed.length - 1], der.SET)));
  const claim = claimed(content(signed[2]));
  checkCertificates(signed);
  return claim;
}

function signedData(token) {
  const [kind, inside] = exactly(token, 2);
  if (der.oid(kind) !== SIGNED_DATA) throw new der.StampError("the token is not signed data");
  const signed = some(only(der.expect(inside, der.tagged(0))), 4);
  der.children(der.expect(signed[1], der.SET));
  return signed;
}

function content(value) {
  const [kind, inside] = exactly(value, 2);
  if (der.oid(kind) !== TST_INFO) throw new der.StampError("what was signed is not a time stamp");
  return der.expect(only(der.expect(inside, der.tagged(0))), der.OCTETS).content;
}

function claimed(info) {
  const [version, policy, imprint, , time] = some(der.one(info), 5);
  if (der.number(version) !== 1n || !der.oid(policy)) {
    throw new der.StampError("not a time stamp of version 1");
  }
  const [algorithm, digest] = exactly(imprint, 2);
  return {
    algorithm: der.oid(some(algorithm, 1)[0]),
    imprint: der.expect(digest, der.OCTETS).content,
    time: moment(time),
  };
}

function moment(value) {
  const found = TIME.exec(bytes.readable(der.expect(value, der.TIME).content));
  if (!found) throw new der.StampError("the time is not in UTC");
  const [, year, month, day, hour, minute, second, fraction] = found;
  const milliseconds = (fraction || "").padEnd(3, "0").slice(0, 3);
  const time = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`;
  if (!fields.isTime(time)) throw new der.StampError("the time does not exist");
  return time;
}

// The signer must be readable, so that every verifier refuses the same tokens.
function checkSigner(signer) {
  const [, identity, digest, ...rest] = some(signer, 5);
  if (identity.tag === der.SEQUENCE) exactly(identity, 2);
  const signature = rest[0].tag === der.tagged(0) ? rest[1] : rest[0];
  der.oid(some(digest, 1)[0]);
  der.oid(some(signature, 1)[0]);
}

function checkCertificates(signed) {
  const held = signed.slice(3).filter((value) => value.tag === der.tagged(0));
  if (held.length > 1) throw new der.StampError("the token has two sets of certificates");
  held.forEach(der.children);
}

function some(value, least) {
  const found = der.children(der.expect(value, der.SEQUENCE));
  if (found.length < least) throw new der.StampError(`${least} fields are expected, not ${found.length}`);
  return found;
}

function exactly(value, count) {
  const found = some(value, count);
  if (found.length !== count) throw new der.StampError(`${count} fields are expected, not ${found.length}`);
  return found;
}

function only(value) {
  const found = der.children(value);
  if (found.length !== 1) throw new der.StampError(`one value is expected, not ${found.length}`);
  return found[0];
}
