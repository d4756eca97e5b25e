"""Versions of ladders, which never change, and which of them new notices begin with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.schema import plan, policy_choice, policy_version, record


@dataclass(frozen=True)
class Version:
    """One version of a ladder; ``saved`` is when it was kept, None in the very transaction that keeps it."""

    id: str
    name: str
    body: Mapping[str, Any]
    saved: datetime | None
    running: int  # plans that have not ended and keep to it


def version_by_id(connection: Connection, policy_id: str) -> Version | None:
    """Return a version; a shortened id is enough where only one begins with it."""
    found = [one for one in versions(connection) if one.id.startswith(policy_id)] if policy_id else []
    return found[0] if len(found) == 1 else None


def versions(connection: Connection, name: str | None = None) -> list[Version]:
    """Return the versions of one ladder or of all, oldest first."""
    held = (
        sa.select(sa.func.count())
        .where(plan.c.policy_id == policy_version.c.id, plan.c.state != "ended")
        .scalar_subquery()
    )
    columns = (policy_version.c.id, policy_version.c.name, policy_version.c.body, record.c.at, held)
    told = record.c.id == policy_version.c.record_id
    chosen = sa.select(*columns).join_from(policy_version, record, told, isouter=True)
    if name is not None:
        chosen = chosen.where(policy_version.c.name == name)
    return [Version(*row) for row in connection.execute(chosen.order_by(sa.nulls_last(record.c.position)))]


def chosen_version(connection: Connection, name: str) -> str | None:
    """Return the version that new notices of this ladder begin with; None where nobody chose one."""
    return connection.execute(sa.select(policy_choice.c.policy_id).where(policy_choice.c.id == name)).scalar()
