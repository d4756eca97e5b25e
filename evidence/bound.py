"""What binds a case from outside its own records: heads, and the records of erasure (§2.3, §4.1, §7.4)."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from evidence import heads
from evidence.checks import Walk
from evidence.disclosed import Disclosed
from evidence.errors import HeadsError
from evidence.index import ERASED, UNPLACED
from evidence.records import Record
from evidence.report import Finding

GROUNDS = frozenset({"purpose-achieved", "period-over", "consent-withdrawn", "unlawful", "other-law"})

_UNSTATED = "unstated"
_LEAF_GONE = (2, 3)  # told.level of an erase.done after which a leaf may be missing (§4.1)


def heads_shown(walk: Walk) -> int | None:
    """Return the number of the newest heads.made that is shown, where the case can be looked for in it."""
    made = [number for number in walk.system if walk.index.kinds[number] == "heads.made"]
    return made[-1] if made and walk.first is not None else None


def check_heads(walk: Walk, disclosed: Disclosed) -> Iterator[Finding]:
    """Yield what is wrong between the newest list of heads and the case's records."""
    number = heads_shown(walk)
    if number is None:
        return
    id, place = walk.index.ids[number], walk.index.places[number]
    data = disclosed.read(id, "heads")
    if data is None:
        yield Finding("head", id, "head.missing")
        return
    try:
        bound = _bound(walk, id, data)
    except HeadsError as error:
        yield Finding("head", id, "head", {"why": str(error)})
        return
    below = [one for one in walk.case if walk.index.places[one] < place]
    # A case that began after the list stands in it nowhere.
    if bound == 0 and below:
        yield Finding("head", id, "head.unlisted")
    for one in below:
        if 0 < bound < walk.index.cseqs[one]:
            yield Finding("head", walk.index.ids[one], "head.hidden", {"bound": bound})


def _bound(walk: Walk, id: str, data: bytes) -> int:
    assert walk.first is not None
    salt = bytes.fromhex(walk.first.fields["salt"])
    own = heads.label(salt, walk.first.fields["stream"], id)
    chain = [(walk.index.cseqs[one], walk.index.hash(one)) for one in walk.case]
    return heads.check(data, walk.index.told.get(id, {}), own, salt, chain)


class Erasures:
    """The erase.done records of a bundle by the records that they name."""

    def __init__(self, walk: Walk) -> None:
        """Read the references of every erase.done."""
        self._index = walk.index
        self._naming: dict[str, list[Record]] = {}
        for record in walk.index.kept.values():
            if record.kind == "erase.done":
                for ref in record.fields["refs"]:
                    if ref.startswith("erases "):
                        self._naming.setdefault(ref.removeprefix("erases "), []).append(record)

    def of_part(self, id: str) -> Record | None:
        """Return the last record of an erasure that stands after this record and names it."""
        return self._last(id, lambda record: True)

    def of_leaf(self, id: str) -> Record | None:
        """Return the last one that also says that the leaf itself was destroyed."""
        return self._last(id, lambda record: self._told(record).get("level") in _LEAF_GONE)

    def sentence(self, record: Record, of: str) -> tuple[str, dict[str, object]]:
        """Return the words for what was erased of a record, a part or the whole, and when."""
        ground = str(self._told(record).get("ground"))
        return f"{of}.{ground if ground in GROUNDS else _UNSTATED}", {"on": record.fields["at"][:10]}

    def _last(self, id: str, fits: Callable[[Record], bool]) -> Record | None:
        # What was erased stood in the log before: a record cannot be excused in advance.
        own = self._place(id)
        after = [one for one in self._naming.get(id, ()) if self._place(one.id) > own and fits(one)]
        return max(after, key=lambda one: self._place(one.id), default=None)

    def _place(self, id: str) -> int:
        number = self._index.numbers.get(id)
        return UNPLACED if number is None else self._index.places[number]

    def _told(self, record: Record) -> Mapping[str, object]:
        return self._index.told.get(record.id, {})


def check_erased(walk: Walk, erasures: Erasures) -> Iterator[Finding]:
    """Yield each erased record of the case: openly where an erase.done names it, else as missing."""
    for number in walk.case:
        if walk.index.kinds[number] == ERASED:
            id, values = walk.index.ids[number], {"cseq": walk.index.cseqs[number]}
            erasure = erasures.of_leaf(id)
            if erasure is None:
                yield Finding("sequence", id, "sequence.erased", values)
            else:
                words, more = erasures.sentence(erasure, "erased")
                yield Finding("omitted", id, words, {**more, **values})


def check_omitted(omissions: Sequence[Mapping[str, str]], erasures: Erasures) -> Iterator[Finding]:
    """Yield each part that is openly left out; one called erased that no erase.done names is missing."""
    for one in omissions:
        values: dict[str, object] = {"name": one["name"], "reason": one["reason"]}
        erasure = erasures.of_part(one["record"])
        if one["reason"] != "erased":
            yield Finding("omitted", one["record"], "omitted", values)
        elif erasure is not None:
            words, more = erasures.sentence(erasure, "omitted.erased")
            yield Finding("omitted", one["record"], words, {**values, **more})
        else:
            yield Finding("part-missing", one["record"], "part-missing.erased", values)
