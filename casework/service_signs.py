"""What was recorded about a notice, as far as its service may rest on it."""

from dataclasses import dataclass

from casework.messages import Meaning

ANSWERS = frozenset(
    {Meaning.RECEIVED, Meaning.AGREED, Meaning.DECLINED, Meaning.EXTENSION, Meaning.RETURNED}
)  # what only somebody says who knows what the notice says


@dataclass(frozen=True)
class Sign:
    """One thing that was recorded about a notice.

    ``act`` is a proof state, or ``answered`` (a button of the notice's page), ``signed`` (a paper, by the
    person), ``met`` (a visit) or ``reached`` (a call to the person). ``record`` is its number in the case;
    ``agreed`` says that the address was bound by the person; ``kept`` that a slip, photo or recording lies
    beside it; ``two`` that two people handed it over. Of a reply, ``meaning`` is what it says as far as that
    is settled, ``confirmed`` that a person of the firm settled it, ``denied`` that its own words say that
    nothing was received.
    """

    act: str
    record: int
    channel: str = ""
    assurance: str = "C0"
    agreed: bool = False
    kept: bool = False
    meaning: str = ""
    confirmed: bool = False
    denied: bool = False
    two: bool = False

    @property
    def own(self) -> bool:
        """Whether it came from an account that is bound to the person."""
        return self.assurance == "C4" or (self.assurance == "C1" and self.agreed)

    @property
    def clear(self) -> bool:
        """Whether it says what only somebody says who has the notice, and not merely in a machine's view."""
        return self.meaning in ANSWERS and (self.confirmed or self.act == "answered")
