"""A step's place in the queue: a rung that takes over from one that never left does not go to its end."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Give every step the place that it has by the time it was due."""
    op.add_column("plan_step", sa.Column("queued_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE plan_step SET queued_at = due_at")
    op.drop_index("ix_plan_step_due", "plan_step")
    op.create_index("ix_plan_step_queue", "plan_step", ["state", "queued_at"])
