"""What is disclosed goes into the bag, what is not is listed with its reason."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from evidence import compose
from evidence.bag import Bag, Member
from evidence.contents import Omission, Opening
from handlers.export.views import ERASED
from storage import vault
from storage.export_source import Erased, Part


class ErasedSince(Exception):  # noqa: N818
    """Something was erased after the checkpoint: only a later one can tell of it."""


@dataclass
class Discloser:
    """Writes openings and parts, each run of bytes once.

    ``known`` holds the positions of the case's ``erase.done`` records that stand below the checkpoint.
    """

    bag: Bag
    openings: Member
    erasures: frozenset[str]
    _omitted: list[tuple[str, str, str]] = field(default_factory=list)

    def part(self, record_id: str, name: str, part: Part, reason: str | None) -> None:
        """Disclose a part, or list it with the reason for which it is left out.

        One that cannot be opened is left out and not listed: the verifier must say so. Raises ErasedSince.
        """
        match part:
            case Erased(by):
                if by not in self.erasures:
                    raise ErasedSince(by)
                self._omitted.append((record_id, name, ERASED))
            case _ if reason is not None:
                self._omitted.append((record_id, name, reason))
            case vault.Opening():
                commit = part.commitment.hex()
                opening = Opening(record_id, name, commit, part.commit_key.hex())
                self.openings.write(compose.opening_line(opening))
                if compose.part_name(commit) not in self.bag:
                    self.bag.add(compose.part_name(commit), part.data)

    def omitted(self) -> Iterator[Omission]:
        """Yield what was left out, in the order in which it was met."""
        return (Omission(*one) for one in self._omitted)

    def reasons(self) -> dict[str, int]:
        """Return how many parts were left out for each reason."""
        found: dict[str, int] = {}
        for _, _, reason in self._omitted:
            found[reason] = found.get(reason, 0) + 1
        return found
