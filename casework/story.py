"""What is known about one running ladder, and what can be read out of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from casework.delays import after
from casework.ladder import Policy, Rung
from casework.messages import Outcome, Standing
from casework.workdays import Calendar, into_window

CALLS = ("call_employee", "call_contact")
NO_ANSWER = "no_answer"
_FAILED = (Outcome.REJECTED_PERM, Outcome.RETURNED, Outcome.REFUSED)


@dataclass(frozen=True)
class Done:
    """A rung's action that is over: a message the gateway took or refused, or a person's finished task.

    ``outcome`` is the person's word on a task: no_answer asks for the second call; signed,
    locker, returned and refused tell of a paper, and any other word means "done".
    ``standing`` is how far the message or the paper has come since; ``settled_at`` is when the
    paper reached that standing (its signature), if that is known to differ from ``at``.
    """

    rung: int
    action: str
    channel: str | None
    at: datetime
    standing: Standing | None = None
    outcome: str | None = None
    settled_at: datetime | None = None

    @property
    def failed(self) -> bool:
        """Whether the message is known not to have arrived; a contradiction counts as arrived."""
        return self.standing is not None and self.standing.worst in _FAILED and not self.arrived

    @property
    def arrived(self) -> bool:
        """Whether the person has it: delivered, or a paper signed for. A locker alone is neither."""
        return self.outcome == "signed" or self._stands(Outcome.DELIVERED)

    @property
    def in_locker(self) -> bool:
        """Whether a paper lies in a locker or at a relay point and was not signed for."""
        return not self.arrived and self._reported(Outcome.LOCKER)

    @property
    def came_back(self) -> bool:
        """Whether a paper was returned or refused (拒收)."""
        return not self.arrived and (self._reported(Outcome.RETURNED) or self._reported(Outcome.REFUSED))

    @property
    def news_at(self) -> datetime:
        """When the last thing known about it happened."""
        return self.settled_at or self.at

    def _stands(self, outcome: Outcome) -> bool:
        return self.standing is not None and self.standing.at_least(outcome)

    def _reported(self, outcome: Outcome) -> bool:
        return self.outcome == outcome.value or (self.standing is not None and self.standing.worst is outcome)


@dataclass(frozen=True)
class Story:
    """Everything the decider knows about one plan.

    ``channels`` are those that may be used now, in the order the employee prefers.
    ``human_reply`` stays true until HR resumes with a reason; silence is then counted anew from
    ``resumed_at``. A step under way (a message between claim and answer, a person's open
    task) is not in ``done`` yet; ``under_way`` names the rungs beside the others on which a
    person's task is open. ``acknowledged`` is an unambiguous or confirmed answer, ``read`` the
    button on the page.
    """

    policy: Policy
    started_at: datetime
    calendar: Calendar
    channels: tuple[str, ...]
    done: tuple[Done, ...] = ()
    displayed: bool = False
    human_reply: bool = False
    acknowledged: bool = False
    closed: bool = False
    has_contact: bool = True
    resumed_at: datetime | None = None
    read: bool = False
    under_way: tuple[int, ...] = ()

    @property
    def sends(self) -> tuple[Done, ...]:
        """The messages that went to a gateway, in order."""
        return tuple(done for done in self.done if done.action == "send")

    @property
    def told(self) -> Done | None:
        """The first message that is not known to have failed."""
        return next((send for send in self.sends if not send.failed), None)

    @property
    def untried(self) -> str | None:
        """The most preferred channel that this ladder has not used yet."""
        tried = {send.channel for send in self.sends}
        return next((channel for channel in self.channels if channel not in tried), None)

    @property
    def hurried(self) -> bool:
        """Whether the last message failed, so that the next one need not wait."""
        return bool(self.sends) and self.sends[-1].failed

    @property
    def silent_since(self) -> datetime:
        """When the silence began: at the start, later by as much as the first message left late."""
        since = self.started_at
        first = next((i for i, rung in enumerate(self.policy.rungs) if rung.action == "send"), None)
        if self.told is not None and first is not None:
            meant = after(self.policy.rungs[first], self.started_at, self.policy.tasks, self.calendar)
            first_due, _ = into_window(meant, self.policy.window_for(first, "send"), self.calendar)
            since += max(timedelta(0), self.told.at - first_due)
        return max(since, self.resumed_at or since)

    @property
    def position(self) -> int:
        """The first rung that is still ahead, not counting those that go beside the others.

        A call that was tried leaves the messages below it behind, unless none of them ever
        left: then one goes out as soon as a channel is found.
        """
        inline = [(index, rung) for index, rung in enumerate(self.policy.rungs) if not rung.beside]
        finished = [index + 1 for index, rung in inline if self._finished(index, rung)]
        done = {done.rung for done in self.done} if self.told else set()
        return max(finished + [index for index, _ in inline if index in done], default=0)

    @property
    def papers(self) -> tuple[Done, ...]:
        """The papers that were posted, in order."""
        return tuple(done for done in self.done if done.action == "paper")

    @property
    def paper_pending(self) -> bool:
        """Whether a paper is to be posted beside the others, or its fate is still open.

        It is settled once it was signed for, came back (where the ladder has a rung for that),
        or a person has looked into it.
        """
        beside = [i for i, rung in enumerate(self.policy.rungs) if rung.beside and rung.action == "paper"]
        unposted = any(not self.on(index, "paper") for index in beside)
        return unposted or any(not self._settled(paper) for paper in self.papers)

    @property
    def heeds_returns(self) -> bool:
        """Whether a rung of this ladder is there for a paper that came back."""
        return any(rung.anchor == "return" for rung in self.policy.rungs)

    def on(self, rung: int, *actions: str) -> tuple[Done, ...]:
        """What was done on a rung, of these kinds."""
        return tuple(done for done in self.done if done.rung == rung and done.action in actions)

    def channel_for(self, rung: Rung) -> str | None:
        """Return the channel on which a message of this rung would go, None if there is none.

        A second reminder takes a channel not tried before. Where only one channel exists it goes
        there again, unless that channel has failed.
        """
        if self.untried or rung.channel_rule == "preferred":
            return self.untried
        last = self.sends[-1] if self.sends else None
        again = last is not None and not last.failed and last.channel in self.channels
        return last.channel if last and again else None

    def _settled(self, paper: Done) -> bool:
        back = paper.came_back and self.heeds_returns
        return paper.arrived or back or bool(self.on(paper.rung, "hr_check"))

    def _finished(self, index: int, rung: Rung) -> bool:
        if rung.action == "call":
            calls = self.on(index, *CALLS)
            return bool(calls) and (len(calls) >= rung.attempts or calls[-1].outcome != NO_ANSWER)
        return bool(self.on(index, rung.action))
