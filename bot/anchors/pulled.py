"""A witness behind NAT, which nobody can ask: it is on the list so that its silence is noticed."""

from handlers.vouching import Anchored, AnchorFailed, Anchoring


class PullingWitness:
    """A witness that fetches checkpoints itself; what it brings is taken by bot/witness/offer.py."""

    kind = "witness"

    def __init__(self, name: str) -> None:
        self.service = name

    def anchor(self, asked: Anchoring) -> Anchored:
        """Say that it has not come yet. Raises AnchorFailed."""
        raise AnchorFailed("has not fetched this checkpoint yet: is `huizheng witness --pull` running there?")
