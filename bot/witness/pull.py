"""A witness behind NAT: it fetches the firm's newest checkpoint and brings its cosignature back."""

from pathlib import Path
from urllib.parse import urlencode

import requests

from bot.anchors.submission import LARGEST, Malformed, read, read_size
from bot.callout import scrub, session
from bot.witness.store import checkpoint_in
from bot.witness.witness import Forked, Unproved, Witness
from evidence.checkpoint import Checkpoint
from evidence.errors import VerificationError

CONNECT, READ = 10.0, 20.0  # seconds
TEXT = "text/plain; charset=utf-8"


class NotReached(Exception):  # noqa: N818
    """The firm's server did not answer as it should: try again later."""


class Contradicted(Exception):  # noqa: N818
    """The firm's server shows a log that is not the one seen before: a person must look.

    ``folder`` holds what it showed, where the log's key had signed that.
    """

    def __init__(self, said: str, folder: Path | None = None) -> None:
        super().__init__(said)
        self.folder = folder


class Shrunk(Contradicted):
    """The log has fewer records than were cosigned."""


class Evaded(Contradicted):
    """The server does not show how the log continues what was seen."""


class OtherLog(Contradicted):
    """The server shows a log under another name: a new epoch, or somebody else's."""


def pull(witness: Witness, url: str, origin: str) -> Checkpoint:
    """Pull once, cosign, bring the line back; return what was cosigned.

    Raises NotReached, Contradicted, or Refused for what must not be cosigned.
    """
    seen = witness.store.seen(origin)
    old = checkpoint_in(seen).size if seen else 0
    body = _offered(url, old)
    checkpoint = _shown(body)
    if checkpoint.origin not in {key.name for key in witness.logs}:
        raise OtherLog(f"the server shows the log {checkpoint.origin}, not {origin}")
    try:
        line = witness.add_checkpoint(body)
    except Unproved as refused:
        raise _unproved(witness, body, old, refused) from refused
    _call(f"{url}/log/cosignatures?{urlencode({'size': checkpoint.size})}", line)
    return checkpoint


def _offered(url: str, old: int) -> bytes:
    answer = _call(f"{url}/log/add-checkpoint?{urlencode({'old': old})}", None)
    if answer.status_code != 409:
        return answer.content
    try:
        size = read_size(answer.content)
    except Malformed as error:
        raise NotReached(f"a conflict without a size ({error})") from error
    raise Shrunk(f"the log has only {size} records, but {old} were cosigned here")


def _unproved(witness: Witness, body: bytes, old: int, refused: Unproved) -> Exception:
    """Say what it means when the server itself answers with what does not continue what it was asked for."""
    given, size = read(body), _shown(body).size
    if refused.status == 409 and given.old == old and size >= old:
        return NotReached("another witness on this folder was faster")
    folder = witness.keep_conflict(body)
    if size < old:
        return Shrunk(f"the server shows a log of {size} records, but {old} were cosigned here", folder)
    if given.old != old:
        return Evaded(f"asked to continue from {old} records, the server answers from {given.old}", folder)
    return Forked(str(refused), folder)


def _shown(body: bytes) -> Checkpoint:
    try:
        return checkpoint_in(read(body).note)
    except (Malformed, VerificationError) as error:
        raise NotReached(f"not a checkpoint ({error}): is --pull the firm's server?") from error


def _call(url: str, body: bytes | None) -> requests.Response:
    try:
        with session(url, CONNECT, READ, LARGEST) as http:
            answer = http.request(
                "GET" if body is None else "POST", url, data=body, headers={"Content-Type": TEXT}
            )
    except requests.RequestException as error:
        raise NotReached(scrub(f"{type(error).__name__}: {error}"[:300])) from error
    if answer.status_code != 200 and not (body is None and answer.status_code == 409):
        raise NotReached(f"HTTP {answer.status_code}: {answer.text[:200].strip()}")
    return answer
