"""What must hold before a signer goes on: its newest state, and an epoch that owns up to the old one."""

from scheduler.signer.files import Refusal
from scheduler.signer.state import Folder, State
from scheduler.signer.streams import Claim
from scheduler.signer.tail import epoch_of


def must_be_newest(folder: Folder, state: State) -> None:
    """Refuse a state older than signed.txt; only the note that a crash prevented may be missing in it.

    That one covers nothing that the state has not read, and its root is compared before it is signed.
    """
    epoch = epoch_of(state.origin)
    missing = folder.signed_above(state.origin, state.signed)
    later = [origin for origin, _ in folder.roots if epoch_of(origin) > epoch]
    if later or missing[1:] or (missing and missing[0] > state.memory.seen):
        named = later[0] if later else f"size {missing[-1]} of {state.origin}"
        raise Refusal(
            f"{folder.path / 'state.json'} is older than signed.txt beside it, which names {named} as signed:"
            " put the newest state.json back from its backup. If there is none, move the whole folder away"
            " and run `huizheng epoch start`"
        )


def must_own_up(state: State, origin: str, present: str | None, first: Claim | None) -> None:
    """Refuse an epoch whose first leaf does not name, in clear, the size that was signed last."""
    if present != origin:
        raise Refusal(f"the database is not at {origin}: run `huizheng epoch start`")
    owned = first is not None and (not state.signed or f"checkpoint {state.signed}" in first.refs)
    if first is None or first.log != origin or not owned:
        raise Refusal(
            f"the first record of {origin} does not name size {state.signed}, which was signed last of"
            f" {state.origin}: run `huizheng epoch start` again"
        )
