"""The names that may stand in a bundle, and those that must (docs/evidence-format.md §7.1)."""

import re

ALGORITHMS = ("sha256", "sha512")
PARTS = "data/parts/"
CHECKPOINTS = "data/log/checkpoints/"
ANCHORS = "data/anchors/"
PROOFS = "data/proofs/"
FILES = "data/files/"

TAG_MANIFESTS = frozenset(f"tagmanifest-{algorithm}.txt" for algorithm in ALGORITHMS)
MANIFESTS = frozenset(f"manifest-{algorithm}.txt" for algorithm in ALGORITHMS) | TAG_MANIFESTS
DERIVED = MANIFESTS | {"bagit.txt", "bag-info.txt", "export.note"}  # what the writer makes of the others
PAYLOAD = frozenset(
    {
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
    }
)
SIGNED = frozenset(  # present as soon as the log has a signer
    {"export.note", "data/log/consistency.json", "data/log/keys.txt", "data/log/policy.txt"}
)
REQUIRED = PAYLOAD | (DERIVED - {"export.note"})

_NUMBER = "[1-9][0-9]{0,8}"
_EPOCH = "[1-9][0-9]{0,5}"
_INDEX = "(?:0|[1-9][0-9]{0,12})"
_REST = "[A-Za-z0-9._-]{0,96}"
_OPTIONAL = re.compile(
    rf"README\.txt|verify\.html|data/parts/[0-9a-f]{{64}}"
    rf"|data/log/epoch-{_EPOCH}\.json|data/log/checkpoints/{_EPOCH}-{_INDEX}\.note"
    rf"|data/anchors/{_EPOCH}-{_INDEX}\.(?:tsr|cosignature)"
    rf"|data/proofs/[A-Za-z0-9]{{1,16}}-{_NUMBER}\.tlog-proof"
    rf"|data/01-index\.(?:pdf|docx)|data/02-timeline{_REST}\.pdf|data/03-system-statement\.pdf"
    rf"|data/04-service-N{_REST}\.pdf|data/exhibits/E{_REST}\.pdf"
    rf"|data/files/[A-Za-z0-9]{_REST}"
)


def is_allowed(name: str) -> bool:
    """Whether the format lists this name."""
    return name in REQUIRED or name in SIGNED or _OPTIONAL.fullmatch(name) is not None


def is_payload(name: str) -> bool:
    """Whether a file is content, as against a tag file that tells of the bag."""
    return name.startswith("data/")
