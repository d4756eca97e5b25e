// The names that may stand in a bundle, and those that must (section 7.1).

export const ALGORITHMS = ["sha256", "sha512"];
export const PARTS = "data/parts/";
export const CHECKPOINTS = "data/log/checkpoints/";
export const ANCHORS = "data/anchors/";
export const PROOFS = "data/proofs/";
export const FILES = "data/files/";

export const MANIFESTS = ["manifest-sha256.txt", "manifest-sha512.txt"];
export const TAG_MANIFESTS = MANIFESTS.map((name) => `tag${name}`);
export const REQUIRED = [
  "bagit.txt",
  "bag-info.txt",
  "data/case.json",
  "data/cited.jsonl",
  "data/completeness.json",
  "data/custody.jsonl",
  "data/erased.jsonl",
  "data/log/checkpoint.txt",
  "data/log/proofs.json",
  "data/openings.jsonl",
  "data/records.jsonl",
  "data/system.jsonl",
  "data/tables.jsonl",
  "data/timeline.txt",
  ...MANIFESTS,
  ...TAG_MANIFESTS,
];
export const SIGNED = [ // present as soon as the log has a signer
  "data/log/consistency.json",
  "data/log/keys.txt",
  "data/log/policy.txt",
  "export.note",
];

const NUMBER = "[1-9][0-9]{0,8}";
const EPOCH = "[1-9][0-9]{0,5}";
const INDEX = "(?:0|[1-9][0-9]{0,12})";
const REST = "[A-Za-z0-9._-]{0,96}";
const OPTIONAL = new RegExp(
  `^(?:${[
    "README\\.txt",
    "verify\\.html",
    "data/parts/[0-9a-f]{64}",
    `data/log/epoch-${EPOCH}\\.json`,
    `data/log/checkpoints/${EPOCH}-${INDEX}\\.note`,
    `data/anchors/${EPOCH}-${INDEX}\\.(?:tsr|cosignature)`,
    `data/proofs/[A-Za-z0-9]{1,16}-${NUMBER}\\.tlog-proof`,
    "data/01-index\\.(?:pdf|docx)",
    `data/02-timeline${REST}\\.pdf`,
    "data/03-system-statement\\.pdf",
    `data/04-service-N${REST}\\.pdf`,
    `data/exhibits/E${REST}\\.pdf`,
    `data/files/[A-Za-z0-9]${REST}`,
  ].join("|")})$`,
);
const LISTED = new Set([...REQUIRED, ...SIGNED]);

/** Whether the format lists this name. */
export function isAllowed(name) {
  return LISTED.has(name) || OPTIONAL.test(name);
}

/** Whether a file is content, as against a tag file that tells of the bag. */
export function isPayload(name) {
  return name.startsWith("data/");
}
