"""The tables. Rows that carry ``record_id`` are vouched for by a record (docs/evidence-format.md §5)."""

import sqlalchemy as sa

from storage.columns import Instant, Personal

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.String(36), primary_key=True)


def _vouched() -> sa.Column[str]:
    return sa.Column("record_id", sa.String(36), nullable=False)


def _to(name: str, target: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(
        name, sa.String(64 if target == "policy_version" else 36), sa.ForeignKey(f"{target}.id"),
        nullable=nullable, index=True,
    )  # fmt: skip


def _text(name: str, length: int = 100, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant, nullable=nullable)


def _number(name: str, default: int | None = 0) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, default=default)


# --- the evidence log -------------------------------------------------------------------------------

log_head = sa.Table(
    "log_head", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _text("origin"),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("frontier", sa.LargeBinary, nullable=False),
    _number("epoch", 1),
    _text("halted", 500, nullable=True),  # why nothing may be appended; null while all is well
)  # fmt: skip

# An epoch that ended with a restore. Leaf i of epoch n has position ((n - 1) << 40) + i, a node of level l
# and index i has position ((n - 1) << (40 - l)) + i, so that one table holds every epoch's tree.
log_epoch = sa.Table(
    "log_epoch", metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    _text("origin"),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("frontier", sa.LargeBinary, nullable=False),
)  # fmt: skip

# Signed notes, newest last; machinery, since a signature proves itself.
checkpoint = sa.Table(
    "checkpoint", metadata,
    sa.Column("origin", sa.String(100), primary_key=True),
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("note", sa.LargeBinary, nullable=False),
    _moment("made_at"),
)  # fmt: skip

# What one outside service is still to be asked: machinery, its answer is a record.
anchor_job = sa.Table(
    "anchor_job", metadata,
    _id(),
    _text("origin"),
    sa.Column("size", sa.BigInteger, nullable=False),
    _text("kind", 20),
    _text("service", 200),
    _text("state", 20),
    _number("tries"),
    _moment("since"),
    _moment("next_at"),
    _moment("missed_at", nullable=True),
    _text("said", 500, nullable=True),
    sa.UniqueConstraint("origin", "size", "kind", "service"),
)  # fmt: skip

log_node = sa.Table(
    "log_node", metadata,
    sa.Column("level", sa.Integer, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True),
    sa.Column("hash", sa.LargeBinary(32), nullable=False),
)  # fmt: skip

record = sa.Table(
    "record", metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    _text("stream", 160),
    sa.Column("cseq", sa.BigInteger, nullable=False),
    _text("kind", 40),
    _moment("at"),
    sa.Column("leaf_hash", sa.LargeBinary(32), nullable=False, index=True),
    sa.Column("leaf", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("stream", "cseq"),
)  # fmt: skip

stream_head = sa.Table(
    "stream_head", metadata,
    sa.Column("stream", sa.String(160), primary_key=True),
    sa.Column("cseq", sa.BigInteger, nullable=False),
    sa.Column("leaf_hash", sa.LargeBinary(32), nullable=False),
)  # fmt: skip

scope_key = sa.Table(
    "scope_key", metadata,
    sa.Column("scope", sa.String(160), primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)  # fmt: skip

blob = sa.Table(
    "blob", metadata,
    _id(),
    _text("scope", 160),
    sa.Column("address", sa.LargeBinary(32), nullable=False),
    sa.Column("commitment", sa.LargeBinary(32), nullable=False),
    _text("media"),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("erased_by", sa.String(36), nullable=True),  # the erase.done that destroyed it
    sa.UniqueConstraint("scope", "address"),
)  # fmt: skip

# With scope_key the key table: backed up apart and briefly, so that what was erased stays erased.
blob_key = sa.Table(
    "blob_key", metadata,
    sa.Column("blob_id", sa.String(36), primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)  # fmt: skip

blob_chunk = sa.Table(
    "blob_chunk", metadata,
    sa.Column("blob_id", sa.String(36), sa.ForeignKey("blob.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)  # fmt: skip

record_part = sa.Table(
    "record_part", metadata,
    sa.Column("record_id", sa.String(36), primary_key=True),
    sa.Column("name", sa.String(40), primary_key=True),
    _to("blob_id", "blob"),
)  # fmt: skip

# --- firms and people -------------------------------------------------------------------------------

firm = sa.Table("firm", metadata, _id(), _text("name", 200), _vouched())
site = sa.Table("site", metadata, _id(), _to("firm_id", "firm"), _text("name", 200), _vouched())

user = sa.Table(
    "user", metadata,
    _id(),
    sa.Column("login", sa.String(100), nullable=False, unique=True),
    _text("name"), _text("role", 20),
    sa.Column("active", sa.Boolean, nullable=False),
    _vouched(),
    _number("sessions"),  # machinery: raised at every sign-out, so that older cookies are worth nothing
)  # fmt: skip

login_link = sa.Table(
    "login_link", metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    _to("user_id", "user"),
    _moment("expires_at"), _moment("used_at", nullable=True),
)  # fmt: skip

api_token = sa.Table(
    "api_token", metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    _to("user_id", "user"),
    _text("name"),
    sa.Column("scopes", sa.JSON, nullable=False),
    _moment("created_at"), _moment("revoked_at", nullable=True),
)  # fmt: skip

idempotency = sa.Table(
    "idempotency", metadata,
    sa.Column("key", sa.String(200), primary_key=True),
    _text("fingerprint", 64),
    sa.Column("status", sa.Integer, nullable=True),
    sa.Column("body", Personal("idempotency.body"), nullable=True),
    _moment("at"),
)  # fmt: skip

employee = sa.Table(
    "employee", metadata,
    _id(),
    sa.Column("employee_no", sa.String(60), nullable=False, unique=True),
    _to("firm_id", "firm"), _to("site_id", "site"),
    sa.Column("name", Personal("employee.name"), nullable=False),
    sa.Column("id_number", Personal("employee.id_number"), nullable=True),
    sa.Column("emergency_contact", Personal("employee.emergency_contact"), nullable=True),
    _text("job", nullable=True),
    sa.Column("preference", sa.JSON, nullable=False),
    _vouched(),
)  # fmt: skip

contact_point = sa.Table(
    "contact_point", metadata,
    _id(),
    _to("employee_id", "employee"),
    _text("channel", 40), _text("account", 60),
    sa.Column("address", Personal("contact_point.address"), nullable=False),
    sa.Column("address_index", sa.String(64), nullable=False, index=True),
    _text("state", 20),
    _moment("since"),
    _text("how", 200),
    _vouched(),
)  # fmt: skip

bind_code = sa.Table(
    "bind_code", metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    _to("employee_id", "employee"),
    _text("channel", 40), _text("account", 60),
    _moment("expires_at"), _moment("used_at", nullable=True),
)  # fmt: skip

# --- casework ---------------------------------------------------------------------------------------

injury_case = sa.Table(
    "injury_case", metadata,
    _id(),
    sa.Column("case_no", sa.String(60), nullable=False, unique=True),
    _to("employee_id", "employee"), _to("firm_id", "firm"), _to("site_id", "site"),
    _moment("accident_at"),
    _text("stage", 20), _text("state", 20),
    sa.Column("summary", Personal("injury_case.summary"), nullable=True),
    _vouched(),
)  # fmt: skip

notice = sa.Table(
    "notice", metadata,
    _id(),
    _to("case_id", "injury_case"),
    _text("kind", 40), _text("title"),
    _moment("composed_at"),
    _to("text_blob", "blob"), _to("paper_blob", "blob", nullable=True),
    sa.Column("composed_record", sa.String(36), nullable=False),  # its leaf hash gives the record code
    _vouched(),
)  # fmt: skip

policy_version = sa.Table(
    "policy_version", metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    _text("name"),
    sa.Column("body", sa.JSON, nullable=False),
    _vouched(),
)  # fmt: skip

# Which version of a ladder new notices begin with; versions themselves never change.
policy_choice = sa.Table(
    "policy_choice", metadata,
    sa.Column("id", sa.String(40), primary_key=True),  # the ladder's name
    _to("policy_id", "policy_version"),
    _moment("since"),
    _vouched(),
)  # fmt: skip

calendar_version = sa.Table(
    "calendar_version", metadata,
    sa.Column("id", sa.String(20), primary_key=True),  # the version's name, e.g. 2027.1
    sa.Column("body", sa.JSON, nullable=False),
    _moment("since"),
    _vouched(),
)  # fmt: skip

plan = sa.Table(
    "plan", metadata,
    _id(),
    _to("case_id", "injury_case"), _to("notice_id", "notice"), _to("policy_id", "policy_version"),
    _text("calendar"),
    _text("state", 20),  # running, paused, ended
    _moment("started_at"), _moment("resumed_at", nullable=True), _moment("ended_at", nullable=True),
    _vouched(),
)  # fmt: skip

plan_step = sa.Table(
    "plan_step", metadata,
    _id(),
    _to("plan_id", "plan"),
    _number("ordinal", None), _number("rung", None),
    _text("action", 20), _text("channel", nullable=True),
    _moment("due_at"),
    _text("state", 20),  # planned, waiting (for a person), done, skipped, lapsed
    _text("why", 300),
    _moment("finished_at", nullable=True),
    _vouched(),
    # machinery, vouched for by nobody:
    _text("lease_owner", nullable=True), _moment("lease_until", nullable=True),
    _number("fence"), _number("poison"),
    _moment("queued_at"),  # its place in the queue: when it is due, or the rung that it took over from
    _moment("hold_until", nullable=True),
    _text("lane", 120, nullable=True),  # the account it waits for, where no other may serve its address
    sa.UniqueConstraint("plan_id", "ordinal"),
    sa.Index("ix_plan_step_queue", "state", "queued_at"),
)  # fmt: skip

# Visits to somebody who recovers: notices that are composed by themselves on certain days.
follow_up = sa.Table(
    "follow_up", metadata,
    _id(),
    _to("case_id", "injury_case"),
    _moment("since"),
    _moment("until", nullable=True),  # when the certificate ends, if it is known
    _text("state", 20),  # running, ended
    _vouched(),
    _moment("next_at", nullable=True),  # machinery: when the next one is composed
    sa.Index("ix_follow_up_next", "state", "next_at"),
)  # fmt: skip

delivery = sa.Table(
    "delivery", metadata,
    _id(),
    sa.Column("step_id", sa.String(36), sa.ForeignKey("plan_step.id"), nullable=False, unique=True),
    _to("notice_id", "notice"), _to("contact_point_id", "contact_point"),
    _vouched(),
)  # fmt: skip

page_token = sa.Table(
    "page_token", metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("delivery_id", sa.String(36), sa.ForeignKey("delivery.id"), nullable=False, unique=True),
    sa.Column("token", Personal("page_token.token"), nullable=False),
    _moment("expires_at"), _moment("revoked_at", nullable=True),
    _number("failures"),
)  # fmt: skip

OPEN_ATTEMPT = ("sending", "unknown")

attempt = sa.Table(
    "attempt", metadata,
    _id(),
    _to("delivery_id", "delivery"),
    _number("number", None),
    _text("channel", 40), _text("account", 60),
    sa.Column("client_ref", sa.String(32), nullable=False, unique=True),
    _text("state", 20),  # sending, accepted, rejected_temp, rejected_perm, unknown, absent, human, repeated
    _moment("started_at"), _moment("deadline_at"),
    sa.Column("provider_id", sa.String(100), nullable=True, index=True),
    _to("request_blob", "blob"), _to("response_blob", "blob", nullable=True),
    _vouched(),
    # machinery:
    _text("lease_owner", nullable=True), _moment("lease_until", nullable=True),
    _number("fence"), _number("looks"), _moment("look_at", nullable=True),
    _number("absences"),  # how often the gateway was reached and said that it does not have it
    _number("poison"),  # how often looking into it raised something unforeseen
    sa.UniqueConstraint("delivery_id", "number"),
    sa.Index("ix_attempt_look", "state", "look_at"),
)  # fmt: skip

sa.Index(
    "uq_attempt_open", attempt.c.delivery_id, unique=True,
    sqlite_where=attempt.c.state.in_(OPEN_ATTEMPT), postgresql_where=attempt.c.state.in_(OPEN_ATTEMPT),
)  # fmt: skip

receipt = sa.Table(
    "receipt", metadata,
    _id(),
    _text("channel", 120), _text("event_key", 200),
    _to("attempt_id", "attempt", nullable=True), _to("delivery_id", "delivery", nullable=True),
    _text("outcome", 20), _text("said", 200),
    _moment("event_at", nullable=True), _moment("received_at"),
    _vouched(),
    sa.UniqueConstraint("channel", "event_key"),
)  # fmt: skip

reply = sa.Table(
    "reply", metadata,
    _id(),
    _text("channel", 120), _text("external_key", 200),
    _to("employee_id", "employee"), _to("case_id", "injury_case"), _to("notice_id", "notice", nullable=True),
    _to("text_blob", "blob"),
    _text("proposed", 20), _text("confirmed", 20, nullable=True),
    _moment("received_at"),
    _vouched(),
    sa.UniqueConstraint("channel", "external_key"),
)  # fmt: skip

legal_hold = sa.Table(
    "legal_hold", metadata,
    _id(),
    _to("case_id", "injury_case"),
    _text("ground", 200),
    _moment("set_at"),
    _moment("lifted_at", nullable=True),
    _vouched(),
)  # fmt: skip

erasure = sa.Table(
    "erasure", metadata,
    _id(),
    sa.Column("case_id", sa.String(36), nullable=True),  # null for what belongs to no case
    _number("level", 1),
    _text("ground", 40),
    _text("state", 20),
    _text("asked_by", 60),
    _text("approved_by", 60, nullable=True),
    _moment("asked_at"),
    _moment("done_at", nullable=True),
    _vouched(),
)  # fmt: skip

task = sa.Table(
    "task", metadata,
    _id(),
    _to("case_id", "injury_case"), _to("step_id", "plan_step", nullable=True),
    _text("kind", 30),
    _moment("due_at"),
    _text("state", 20),  # open, done, withdrawn
    _text("outcome", 40, nullable=True), _text("done_by", 60, nullable=True),
    _moment("done_at", nullable=True),
    sa.Column("about", sa.String(36), nullable=True),  # attempt or reply that a person must look at
    _vouched(),
    sa.Index("ix_task_open", "state", "due_at"),
)  # fmt: skip

# --- what came in, before it is understood -----------------------------------------------------------

intake = sa.Table(
    "intake", metadata,
    _id(),
    _text("channel", 40), _text("account", 60), _text("event_key", 200),
    _text("state", 20),  # new, read, orphan, unmatched, unreadable, failed
    _moment("received_at"),
    _number("tries"), _moment("look_at"),  # tries that came to nothing; waiting as an orphan is not one
    _number("looks"),  # how often a report that came too early was looked at again
    _number("repeats"),
    sa.Column("spoken", sa.Boolean, nullable=False, server_default=sa.true()),  # may hold a person's words
    sa.Column("record_id", sa.String(36), nullable=False),
    sa.UniqueConstraint("channel", "account", "event_key"),
    sa.Index("ix_intake_look", "state", "look_at"),
)  # fmt: skip

counter = sa.Table(
    "counter", metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
)  # fmt: skip

# --- machinery -----------------------------------------------------------------------------------

clock_shift = sa.Table(
    "clock_shift", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("offset_ms", sa.BigInteger, nullable=False),
)  # fmt: skip

gateway_token = sa.Table(
    "gateway_token", metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("token", Personal("gateway_token.token"), nullable=False),
    _moment("expires_at"),
)  # fmt: skip

# Emergency stops: nothing leaves while one of them stands.
pause = sa.Table(
    "pause", metadata,
    _id(),
    _text("scope", 60),  # "" for everything, or a channel's name
    _text("why", 300),
    _moment("set_at"),
    _moment("lifted_at", nullable=True),
    _vouched(),
)  # fmt: skip

# How many messages may leave now: tokens of an account, a person or a vendor's quota.
bucket = sa.Table(
    "bucket", metadata,
    sa.Column("name", sa.String(160), primary_key=True),
    sa.Column("tokens", sa.Float, nullable=False),
    _moment("refilled_at"),
    _moment("closed_until", nullable=True),  # the gateway asked us to wait
)  # fmt: skip

# A role that only one process may hold: the embedded worker, the host of a SQLite file.
role_lock = sa.Table(
    "role_lock", metadata,
    sa.Column("name", sa.String(60), primary_key=True),
    _text("owner", 120),
    _text("host", 120),
    _moment("until"),
)  # fmt: skip

sweep_run = sa.Table(
    "sweep_run", metadata,
    sa.Column("worker", sa.String(60), primary_key=True),
    sa.Column("sweep", sa.String(40), primary_key=True),
    _moment("finished_at"),
    sa.Column("runs", sa.BigInteger, nullable=False),
)  # fmt: skip
