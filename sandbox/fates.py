"""What happens to a message, told by the last digit of the address it goes to, or drawn at random."""

import random
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Fate:
    """How the gateway, the network and the person behave for one address."""

    name: str
    arrives: str = "delivered"  # or "blocked", "phone_off"
    opens: bool = False  # the phone fetches the page link once
    throttled: bool = False  # the first try of each text is turned away, unprocessed
    answer: str = "normal"  # or "slow", "error", "html", "torn", "reset": the message is accepted anyway
    taken: str = "at once"  # "never": lost on its way, answered as above; "late": after the client hung up
    unlisted: bool = False  # the gateway's own log shows it only some seconds later
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


# What a gateway, a network or a phone may do at any moment: how often in a thousand, and which.
# A gateway that throttles closes its whole account for a minute, so that befalls few.
MENU = (
    (720, Fate("delivered")),
    (30, Fate("blocked", arrives="blocked")),
    (30, Fate("phone_off", arrives="phone_off")),
    (4, Fate("throttled", throttled=True)),
    (10, Fate("slow_answer", answer="slow")),
    (26, Fate("error_answer", answer="error")),
    (20, Fate("html_answer", answer="html")),
    (20, Fate("torn_answer", answer="torn")),
    (20, Fate("reset_answer", answer="reset")),
    (20, Fate("lost_error", answer="error", taken="never")),
    (20, Fate("lost_reset", answer="reset", taken="never")),
    (10, Fate("taken_late", taken="late")),
    (30, Fate("eager_callbacks", callbacks="before")),
    (20, Fate("held_callbacks", callbacks="held")),
    (20, Fate("lagging_log", answer="reset", unlisted=True)),
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
    every = {fate.name: fate for _, fate in MENU} | {fate.name: fate for fate in FATES}
    if str(word) in every:
        return every[str(word)]
    raise ValueError(f"no fate {word!r}; there are {', '.join(every)}")


class Dice:
    """Draws from the menu: a seed, an address and how many went there before tell what happens."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._sent: Counter[str] = Counter()
        self.drawn: Counter[str] = Counter()  # how often each fate befell somebody

    def throw(self, address: str) -> Fate:
        """Return what will happen to the next message for this address."""
        self._sent[address] += 1
        dice = random.Random(f"{self._seed}/{address}/{self._sent[address]}")
        (fate,) = dice.choices([fate for _, fate in MENU], [weight for weight, _ in MENU])
        self.drawn[fate.name] += 1
        return fate


class FateBook:
    """The fate of every address, with the exceptions that a test has set."""

    def __init__(self) -> None:
        self._set: dict[str, Fate] = {}
        self.dice: Dice | None = None  # None: an address tells its fate by its last digit

    def of(self, address: str) -> Fate:
        """Return what will happen to the next message for this address."""
        if address not in self._set and self.dice is not None:
            return self.dice.throw(address)
        return self._set.get(address) or by_last_digit(address)

    def decree(self, address: str, fate: Fate | None) -> None:
        """Override an address's fate, or with None give it back to its last digit."""
        if fate is None:
            self._set.pop(address, None)
        else:
            self._set[address] = fate
