"""The checkpoint of an export: made now, or an earlier one that is asked for again."""

from dataclasses import dataclass

from evidence import note
from evidence.checkpoint import Checkpoint, parse
from handlers.anchors import anchor_now
from handlers.checkpoints import sign_at
from handlers.desk import Desk
from handlers.heads import make_heads
from handlers.people import Unacceptable
from handlers.vouching import SignerFault
from storage import checkpoints, source
from storage import export_source as reading
from storage.book import Reader
from storage.export_source import Later
from storage.log import place, read_head

ANCHOR_SECONDS = 8.0  # how long an export waits for the outside services
_TRIES = 5


@dataclass(frozen=True)
class Point:
    """A checkpoint with its signed note; None where the log has no signer."""

    checkpoint: Checkpoint
    epoch: int
    note: bytes | None
    later: Later


def prepare(desk: Desk) -> int | None:
    """Ask the outside services, make the heads, sign exactly behind them; return the size that was signed.

    Returns None for a log without a signer. Raises SignerFault, and storage's errors for a broken log.
    """
    anchored = anchor_now(desk, ANCHOR_SECONDS)
    if anchored is None:
        with desk.archive.writing() as book:
            make_heads(book)
        return None
    for left in reversed(range(_TRIES)):
        size = _headed(desk)
        try:
            sign_at(desk, size)
        except SignerFault:
            if left == 0 or not _overtaken(desk, size):
                raise
        else:
            return size
    raise AssertionError("the last try returns or raises")


def _headed(desk: Desk) -> int:
    """Make the heads; return the size of the log that ends with them."""
    with desk.archive.writing() as book:
        record_id = make_heads(book)
    with desk.archive.reading() as view:
        position = reading.position_of(view.connection, record_id)
    assert position is not None  # it was committed two lines above
    return place(position)[1] + 1


def _overtaken(desk: Desk, size: int) -> bool:
    """Whether somebody else had the log signed at a larger size meanwhile."""
    with desk.archive.reading() as view:
        newest = checkpoints.newest(view.connection, read_head(view.connection).origin)
    return newest is not None and newest.size > size


def find_point(view: Reader, size: int | None) -> Point:
    """Return the checkpoint of this size in the present epoch, without a size the log's present end.

    Raises Unacceptable for a size that is none of the log's, or that was never signed where others were.
    """
    head = read_head(view.connection)
    wanted = head.size if size is None else size
    kept = checkpoints.at(view.connection, head.origin, wanted)
    if kept is None and (near := _nearest(view, head.origin, wanted)):
        raise Unacceptable("at", f"日志在 {wanted} 条处没有签名；最近的签名检查点是 {near}")
    if wanted > head.size:
        raise Unacceptable("at", f"日志只有 {head.size} 条记录，没有 {wanted} 条处的检查点")
    later = reading.later_than(view.connection, head.epoch, wanted)
    return Point(_checkpoint(view, wanted, kept), head.epoch, kept.note if kept else None, later)


def present(view: Reader) -> Point:
    """Return the log's present end without a signature, for a paper that proves nothing."""
    head = read_head(view.connection)
    later = reading.later_than(view.connection, head.epoch, head.size)
    return Point(source.checkpoint(view.connection), head.epoch, None, later)


def must_reach(view: Reader, case_id: str, point: Point) -> None:
    """Raise Unacceptable for a checkpoint that was made before the case's first record."""
    first, _ = reading.span_of_case(view.connection, case_id, point.later)
    if first is not None and first >= point.later[0]:
        raise Unacceptable(
            "at",
            f"检查点在 {point.checkpoint.size} 条处，本案第一条记录是第 {place(first)[1] + 1} 条：请选更大的",
        )


def _checkpoint(view: Reader, size: int, kept: checkpoints.Kept | None) -> Checkpoint:
    """Return what was signed, or the log's present end; only an unsigned past is computed from the tree."""
    if kept is not None:
        return parse(note.parse(kept.note).text)
    now = source.checkpoint(view.connection)
    return now if now.size == size else source.checkpoint_at(view.connection, size)


def _nearest(view: Reader, origin: str, size: int) -> str:
    before = checkpoints.last_to(view.connection, origin, size)
    after = checkpoints.first_from(view.connection, origin, size)
    return "、".join(f"{one.size} 条" for one in (before, after) if one is not None)
