"""What can be wrong with evidence; every refusal is one of these, never a stray ``KeyError``."""


class EvidenceError(Exception):
    """Anything that this package refuses."""


class BundleError(EvidenceError):
    """A bundle was to be written that the format does not allow; the caller is at fault."""


class VerificationError(EvidenceError):
    """Bytes that were handed to us are not what they claim to be."""


class CanonicalError(VerificationError):
    """A value or text has no RFC 8785 form within our limits, or is not in that form."""


class RecordError(VerificationError):
    """A leaf breaks docs/evidence-format.md §3; ``field`` names where."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field


class FactsError(VerificationError):
    """A part named ``facts`` breaks docs/evidence-format.md §4 or §5."""


class ProofError(VerificationError):
    """A Merkle proof does not connect what it should."""


class CheckpointError(VerificationError):
    """A checkpoint body is not three exact lines (docs/evidence-format.md §2)."""


class SealError(VerificationError):
    """A wrapped key or a sealed part was changed, cut, reordered, or opened with a wrong key."""


class ContainerError(VerificationError):
    """A ZIP file is not byte for byte what our own writer would have made of its members."""


class UnreadableBundle(VerificationError):  # noqa: N818  (reads as what happened)
    """The file cannot be read as a bundle at all, so nothing about it can be said."""


class NoteError(VerificationError):
    """A signed note, a vkey, a cosignature, a tlog-proof or an export note has another form, or fails."""


class PolicyError(EvidenceError):
    """A policy file cannot be used as it stands; the message names the line, the cause and the remedy."""


class StampError(VerificationError):
    """Bytes are not an RFC 3161 response that carries a time stamp."""


class HeadsError(VerificationError):
    """Heads cannot be listed, or their list does not bind the case (docs/evidence-format.md §7.4)."""
