"""Verification of one bundle: needs no database, no settings, no network and no other package."""

from collections.abc import Iterator
from pathlib import Path

from evidence import (
    anchors,
    bound,
    bundle,
    checks,
    disclosed,
    documents,
    epochs,
    inclusion,
    signed,
    tables,
    unproved,
)
from evidence import policy as policies
from evidence import verdict as verdicts
from evidence.anchors import Seen
from evidence.bound import Erasures
from evidence.checks import Walk
from evidence.contents import Contents
from evidence.disclosed import Disclosed
from evidence.epochs import Epochs, Steps
from evidence.index import ERASED
from evidence.policy import Policy
from evidence.records import record_code
from evidence.report import Anchor, Finding, Report, Sandwich, Signer, Unproved, Verdict, parted
from evidence.signed import Signatures
from evidence.tables import Vouched
from evidence.verdict import Reach


def verify_file(path: str | Path, policy: Path | None = None) -> Report:
    """Check everything in a bundle that can be checked from the bundle and the reader's own policy.

    Raises UnreadableBundle when the file cannot be read as a bundle, and PolicyError when the
    policy cannot be used; whatever else is wrong with the bundle stands in the report.
    """
    trusted = policies.read(policy) if policy else None
    wrapped = bundle.read(path)
    return _Verification(str(path), wrapped, trusted).report()


class _Verification:
    """The steps of a verification, in the order in which their findings are told."""

    def __init__(self, file: str, wrapped: bundle.Bundle, policy: Policy | None) -> None:
        self.file = file
        self.policy = policy
        self.found = Contents(wrapped.members)
        self.walk = Walk(self.found)
        self.stated = self.found.completeness()
        self.findings: list[Finding] = []
        self._check_records()
        self._check_parts()
        self._check_log()
        self.findings[:0] = [*wrapped.findings, *self.found.findings]

    def report(self) -> Report:
        """Return all that there is to say."""
        internal, complete = parted(self.findings)
        point, case = self.found.checkpoint, self.found.case
        return Report(
            file=self.file,
            case_no=case["case_no"] if case else None,
            origin=point.origin if point else None,
            size=point.size if point else None,
            root=point.root.hex() if point else None,
            records=len(self.walk.case),
            export=case["export"] if case else None,
            internal=internal,
            anchored=self.anchored,
            complete=complete,
            signer=self._signer(),
            anchors=tuple(_told(one) for one in self.seen),
            times=tuple(self._times()),
            erased=self._erased(),
            unproved=tuple(self._unproved()),
        )

    def _check_records(self) -> None:
        self.trees = inclusion.trees(self.found)
        self.findings += inclusion.check(self.walk, self.found, self.trees)
        self.findings += checks.order(self.walk, self.found, self.stated)
        self.findings += self.walk.citations

    def _check_parts(self) -> None:
        self.disclosed = Disclosed(self.walk, self.found, self.stated)
        self.erasures = Erasures(self.walk)
        self.findings += disclosed.check(self.disclosed, self.walk, self.found)
        self.vouched = Vouched(self.walk, self.disclosed)
        self.findings += bound.check_omitted(self.disclosed.omissions, self.erasures)
        self.findings += bound.check_erased(self.walk, self.erasures)
        self.findings += tables.check(self.vouched, self.found)

    def _check_log(self) -> None:
        self.signatures = Signatures(self.walk, self.found)
        self.epochs = Epochs(self.walk)
        steps = Steps(self.found)
        self.notes, inconsistent = epochs.consistent(self.trees, self.epochs, self.signatures, steps)
        self.seen, loose = anchors.read(self.walk, self.disclosed, self.notes, self.policy)
        self.times = anchors.times(self.walk, self.seen, self.policy)
        self.anchored = self._anchored()
        self.findings += signed.check(self.found, self.signatures)
        self.findings += inconsistent
        self.findings += epochs.forks(loose, self.trees, self.signatures, steps)
        self.findings += epochs.check(self.walk, self.trees, self.epochs, self.signatures)
        self.findings += bound.check_heads(self.walk, self.disclosed)
        self.findings += documents.check(
            self.walk, self.found, self.disclosed, self.signatures, self.seen, self.notes
        )

    def _anchored(self) -> Verdict:
        self.reaches, unmet = list[Reach](), list[Finding]()
        if self.policy is not None:
            self.reaches, unmet = verdicts.check(
                self.walk, self.signatures, self.notes, self.seen, self.policy
            )
        told = (*unmet, *anchors.failed(self.seen), *anchors.crossed(self.walk, self.times))
        return Verdict(None if self.policy is None else not unmet, told)

    def _signer(self) -> Signer | None:
        history = self.signatures.history
        return Signer(history[-1].isolation, tuple(self.signatures.vkeys)) if history else None

    def _times(self) -> Iterator[Sandwich]:
        for number, before, after in self.times:
            code = record_code(self.walk.index.hash(number))
            yield Sandwich(code, after, before, self.walk.index.ids[number])

    def _erased(self) -> int:
        """Count the records that were erased, or parts of which were."""
        known = self.walk.index
        whole = {known.ids[number] for number in self.walk.case if known.kinds[number] == ERASED}
        parts = {one["record"] for one in self.disclosed.omissions if one["reason"] == "erased"}
        gone = {id for id in whole if self.erasures.of_leaf(id)}
        return len(gone | {id for id in parts if self.erasures.of_part(id)})

    def _unproved(self) -> Iterator[Unproved]:
        yield from unproved.trust(self.walk, self.signatures, self.seen, self.reaches, self.policy)
        yield from unproved.history(self.walk, self.found, self.epochs)
        yield from unproved.case(self.walk, self.found, self.vouched)
        yield from unproved.reading(self.found, self.disclosed.omissions)


def _told(one: Seen) -> Anchor:
    size = one.point.size if one.point else None
    return Anchor(one.kind, one.service, size, one.status, anchors.moment(one.time))
