"""What happens to a message, told by the last digit of the address it goes to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fate:
    """How the gateway, the network and the person behave for one address."""

    name: str
    arrives: str = "delivered"  # or "blocked", "phone_off"
    opens: bool = False  # the phone fetches the page link once
    throttled: bool = False  # the first try of each text is turned away, unprocessed
    answer: str = "normal"  # or "slow", "error", "html": the message is accepted all the same
    callbacks: str = "after"  # "before" the answer, out of order and twice; "held" until released


FATES = (
    Fate("delivered"),
    Fate("read", opens=True),
    Fate("blocked", arrives="blocked"),
    Fate("phone_off", arrives="phone_off"),
    Fate("throttled", throttled=True),
    Fate("slow_answer", answer="slow"),
    Fate("error_answer", answer="error"),
    Fate("html_answer", answer="html"),
    Fate("eager_callbacks", callbacks="before"),
    Fate("held_callbacks", callbacks="held"),
)


def by_last_digit(address: str) -> Fate:
    """Return the fate that an address carries in its last character; a letter means delivered."""
    last = address[-1:]
    return FATES[int(last)] if last.isascii() and last.isdigit() else FATES[0]


def named(word: object) -> Fate:
    """Return the fate with this digit or name, or raise ValueError listing what there is."""
    for digit, fate in enumerate(FATES):
        if word in (digit, str(digit), fate.name):
            return fate
    raise ValueError(f"no fate {word!r}; there are {', '.join(fate.name for fate in FATES)}")


class FateBook:
    """The fate of every address, with the exceptions that a test has set."""

    def __init__(self) -> None:
        self._set: dict[str, Fate] = {}

    def of(self, address: str) -> Fate:
        """Return what will happen to a message for this address."""
        return self._set.get(address) or by_last_digit(address)

    def decree(self, address: str, fate: Fate | None) -> None:
        """Override an address's fate, or with None give it back to its last digit."""
        if fate is None:
            self._set.pop(address, None)
        else:
            self._set[address] = fate
