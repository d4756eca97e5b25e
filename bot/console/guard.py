"""Who may do what in the console: everybody signed in reads, the rest follows the role."""

from dataclasses import dataclass

from flask_login import current_user

from handlers.access import ASK, ERASE, EXPORT, HOLD, READ, RIGHTS, WORK
from storage.access import User

# Pages that anybody may open, and those that need another right than their method says.
PUBLIC = {"static", "sign_in", "use_link", "language"}
NEEDS = {
    "sign_out": READ,
    "export": EXPORT,
    "exports": EXPORT,
    "handed_over": EXPORT,
    "assessment": EXPORT,
    "verifier": EXPORT,
    "paper": EXPORT,
    "set_hold": HOLD,
    "lift_hold": HOLD,
    "ask_erasure": ASK,
    "approve_erasure": ERASE,
    "refuse_erasure": ERASE,
    "new_notice": WORK,
    "bind_page": WORK,
    "bind_code": WORK,
}


@dataclass(frozen=True)
class Member:
    """A signed-in user, as flask-login wants to see one."""

    user: User

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        """Whether the account is still in use."""
        return self.user.active

    @property
    def actor(self) -> str:
        """How the user is named in records."""
        return f"user:{self.user.id}"

    def get_id(self) -> str:
        """What the session remembers."""
        return f"{self.user.id}/{self.user.sessions}"

    def may(self, right: str) -> bool:
        """Whether the user's role has a right."""
        return right in RIGHTS.get(self.user.role, frozenset())


def needed(endpoint: str, method: str) -> str | None:
    """Return the right that a request needs, None for a public page; what changes anything needs WORK."""
    name = endpoint.rpartition(".")[2]
    if name in PUBLIC:
        return None
    return NEEDS.get(name) or (READ if method in ("GET", "HEAD", "OPTIONS") else WORK)


def me() -> Member:
    """Return the signed-in user; only for pages that are not public."""
    member: Member = current_user
    return member
