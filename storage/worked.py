"""On which channels an employee was reached before."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from casework.messages import Outcome
from storage.schema import contact_point, delivery, receipt

_REACHED = (Outcome.DELIVERED, Outcome.DISPLAYED, Outcome.READ, Outcome.REPLIED)


def channels_that_worked(connection: Connection, employee_id: str) -> frozenset[str]:
    """Return the channels on which a notice once arrived, was opened or was answered."""
    chosen = (
        sa.select(contact_point.c.channel)
        .join_from(receipt, delivery, delivery.c.id == receipt.c.delivery_id)
        .join(contact_point, contact_point.c.id == delivery.c.contact_point_id)
        .where(contact_point.c.employee_id == employee_id, receipt.c.outcome.in_(_REACHED))
        .distinct()
    )
    return frozenset(connection.execute(chosen).scalars())
