"""/healthz, /readyz and /metrics: what a balancer, an alarm and a graph ask, without anybody's data."""

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from handlers.desk import Desk
from handlers.selfcheck import last_selfcheck
from handlers.vitals import look, spool_of
from storage import inbox
from storage.anchors import unanswered
from storage.book import Reader
from storage.health import Vitals, read_vitals
from storage.log import read_head
from storage.readiness import is_away
from storage.spool import Figures

AWAY = "the database cannot be used; webhooks are kept on this host's disk"

Sample = tuple[str, str, dict[str, str], float]  # name, help, labels, value


def monitoring(desk: Desk) -> Blueprint:
    """Return the three routes."""
    blueprint = Blueprint("monitoring", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        """Whether this process serves; a balancer asks this one, since webhooks need no database."""
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """Whether all that is due is done; an alarm asks this one."""
        return _readiness(desk)

    @blueprint.get("/metrics")
    def metrics() -> Response:
        return Response(_drawn(_samples(desk)), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def _readiness(desk: Desk) -> tuple[Response, int]:
    spooled = spool_of(desk).figures().files
    try:
        found = look(desk)
    except Exception as error:
        if not is_away(error):
            raise
        return jsonify(status=AWAY, findings=[], spooled=spooled), 503
    findings = [{"code": one.code, "said": one.said} for one in found]
    status = found[0].said if found else "ok"
    return jsonify(status=status, findings=findings, spooled=spooled), 503 if found else 200


def _samples(desk: Desk) -> Iterator[Sample]:
    real = desk.archive.clock.real()
    yield from _of_spool(spool_of(desk).figures(), real)
    try:
        with desk.archive.reading() as view:
            found = [*_of_log(view), *_of_counters(view)]
            vitals = read_vitals(view.connection, view.now, real)
            found += _of_work(vitals, view.now, real)
        up = True
    except Exception as error:
        if not is_away(error):
            raise
        found, up = [], False
    yield "huizheng_database_up", "1 while this process can use the database", {}, up
    yield from found


def _of_log(view: Reader) -> Iterator[Sample]:
    head, last = read_head(view.connection), last_selfcheck(view)
    yield "huizheng_log_records", "Records in the evidence log", {}, head.size
    yield "huizheng_log_halted", "1 while nothing may be recorded or sent", {}, head.halted is not None
    for one in unanswered(view.connection, head.origin):
        said = "How long an outside service owes us an answer"
        labels, owed = {"kind": one.kind, "service": one.service}, view.now - one.since
        yield "huizheng_anchor_unanswered_seconds", said, labels, owed.total_seconds()
    if last is not None:
        yield "huizheng_selfcheck_findings", "Findings of the last self-check", {}, last.findings


def _of_counters(view: Reader) -> Iterator[Sample]:
    for name, times in inbox.counts(view.connection).items():
        what, _, source = name.partition("/")
        yield "huizheng_events", "Counted events", {"what": what, "source": source}, times


def _of_work(vitals: Vitals, now: datetime, real: datetime) -> Iterator[Sample]:
    yield (
        "huizheng_overdue_seconds",
        "By how much the oldest due rung is late",
        {},
        _age(vitals.overdue_since, now),
    )
    yield (
        "huizheng_unread_seconds",
        "How long the oldest webhook waits to be read",
        {},
        _age(vitals.unread_since, now),
    )
    yield (
        "huizheng_attempts_late",
        "Attempts past their deadline, not looked into",
        {},
        vitals.open_late,
    )
    yield "huizheng_dead_letters", "Webhooks given up within a day", {}, vitals.dead_letters
    yield "huizheng_paused", "Emergency stops that stand", {}, len(vitals.paused)
    if vitals.beat is not None:
        yield "huizheng_sweep_age_seconds", "Since when no worker took due rungs", {}, _age(vitals.beat, real)


def _of_spool(spool: Figures, real: datetime) -> Iterator[Sample]:
    yield "huizheng_spool_files", "Webhooks that wait on this host's disk", {}, spool.files
    yield "huizheng_spool_bytes", "Bytes that they take", {}, spool.bytes
    yield "huizheng_spool_age_seconds", "How long the oldest of them waits", {}, _age(spool.oldest, real)
    yield "huizheng_spool_aside", "Files that lie aside for a person", {}, spool.aside


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def _drawn(samples: Iterator[Sample]) -> bytes:
    registry, gauges = CollectorRegistry(), {}
    for name, said, labels, value in samples:
        if name not in gauges:
            gauges[name] = Gauge(name, said, list(labels), registry=registry)
        (gauges[name].labels(**labels) if labels else gauges[name]).set(value)
    return generate_latest(registry)
