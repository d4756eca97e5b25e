"""A firm edits a ladder: versions are kept, one is chosen, and a running plan moves only when HR says so."""

import hashlib
from collections.abc import Mapping
from typing import Any

from casework.escalation import Policy, PolicyRefused, policy_body, policy_from_body
from casework.ladder_dangers import refuse_dangerous
from evidence import canonical
from handlers.people import Unacceptable
from handlers.ports import Ladders
from storage import ladders, policies
from storage.book import SYSTEM, Book, Entry, Reader
from storage.rows import Put


def version_of(policy: Policy) -> str:
    """Return a version's identity: the hash of its canonical body."""
    return hashlib.sha256(canonical.dumps(policy_body(policy))).hexdigest()


def save_policy(book: Book, body: Mapping[str, Any], actor: str) -> str:
    """Keep a version of a ladder and return its identity; nothing begins with it before it is chosen.

    Raises PolicyRefused, naming the key, for a body that makes no sense or does what no ladder may.
    """
    policy = policy_from_body(body)
    refuse_dangerous(policy)
    return keep_policy(book, policy, actor)


def keep_policy(book: Book, policy: Policy, actor: str) -> str:
    """Keep a version unless it is kept already; return its identity."""
    policy_id = version_of(policy)
    if not ladders.has_policy(book.connection, policy_id):
        put = Put("policy_version", policy_id, {"name": policy.name, "body": policy_body(policy)})
        book.add(Entry("policy.saved", SYSTEM, actor, rows=[put]))
    return policy_id


def choose(book: Book, name: str, policy_id: str, rules: Ladders, actor: str) -> None:
    """Let new notices begin with this version of a ladder; what runs keeps the version it began with.

    Raises PolicyRefused for a ladder that no notice climbs, and for a version of another ladder.
    """
    if name not in rules.policies:
        raise PolicyRefused(f"name：没有名为“{name}”的阶梯；可用的有：{'、'.join(sorted(rules.policies))}")
    version = policies.version_by_id(book.connection, policy_id)
    if version is None or version.name != name:
        raise PolicyRefused(f"“{name}”没有版本 {policy_id}；用 policy list 查看已保存的版本")
    before = policies.chosen_version(book.connection, name)
    columns = {"policy_id": version.id, "since": book.now}
    put = Put("policy_choice", name, columns, new=before is None)
    told = {"name": name, "from": before or "", "to": version.id}
    book.add(Entry("policy.chosen", SYSTEM, actor, rows=[put], told=told))


def chosen_policy(view: Book | Reader, name: str, rules: Ladders) -> Policy:
    """Return the version that new notices of a ladder begin with: the one chosen, or the packaged one."""
    chosen = policies.chosen_version(view.connection, name)
    if chosen is None:
        return rules.policies[name]
    return policy_from_body(ladders.policy_body(view.connection, chosen))


def known_version(book: Book, name: str, policy_id: str) -> policies.Version:
    """Return a kept version of this ladder. Raises Unacceptable."""
    version = policies.version_by_id(book.connection, policy_id)
    if version is None or version.name != name:
        raise Unacceptable("policy", f"“{name}”没有版本 {policy_id}；请先保存，或核对编号")
    return version
