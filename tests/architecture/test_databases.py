"""The databases that all other tests stand on are real, fresh and given back."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from tests.databases import KINDS, TestRun, started_run

ONE_KIND = {"sqlite": "select sqlite_version()", "postgresql": "select version()"}


def rows(url, statement):
    engine = create_engine(url)
    with engine.begin() as connection:
        found = connection.execute(text(statement)).fetchall()
    engine.dispose()
    return found


def test_each_kind_is_the_real_thing(empty_database_url):
    kind = make_url(empty_database_url).get_backend_name()

    ((version,),) = rows(empty_database_url, ONE_KIND[kind])

    assert version.startswith("PostgreSQL 18" if kind == "postgresql" else "3.")


@pytest.mark.parametrize("time", ["first", "second"])
def test_what_one_test_writes_no_other_test_sees(empty_database_url, time):
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("create table seen (id integer)"))

    assert inspect(engine).get_table_names() == ["seen"]

    engine.dispose()


def test_a_migrated_database_has_its_tables_from_the_start(database_url):
    engine = create_engine(database_url)

    assert "alembic_version" in inspect(engine).get_table_names()

    engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_is_gone_after_its_test_even_where_a_connection_was_left_open(test_run, tmp_path, kind):
    with test_run.database(kind, tmp_path, migrated=False) as url:
        left_open = create_engine(url).connect()
        left_open.execute(text("select 1"))
    left_open.invalidate()
    left_open.close()

    if kind == "sqlite":
        assert list(tmp_path.glob("*.sqlite3*")) == []
    else:
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(url.replace("+psycopg", ""))


def test_a_server_of_its_own_can_be_stopped_and_started_again(own_postgres):
    rows(own_postgres.url(), "select 1")

    own_postgres.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(own_postgres.url().replace("+psycopg", ""))
    own_postgres.start()

    assert rows(own_postgres.url(), "select 1") == [(1,)]


KILLED = """
import os, pathlib, signal
from tests.databases import started_run

with started_run() as run, run.database("postgresql", run.folder, migrated=False) as url:
    print(run.folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_next_run_clears_away_what_a_killed_run_left():
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=Path.cwd(), stdout=subprocess.PIPE, text=True, timeout=60
    )
    left = Path(killed.stdout.strip())
    server = int((left / "pg/data/postmaster.pid").read_text().split()[0])
    assert killed.returncode == -signal.SIGKILL
    assert is_alive(server)

    with started_run() as run:
        assert run.folder.exists()

    assert not left.exists()
    assert not run.folder.exists()
    assert not is_alive(server)


def test_a_run_that_still_goes_on_is_left_alone(test_run):
    with started_run():
        pass

    assert test_run.folder.exists()


def is_alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "postgres" in Path(f"/proc/{process}/cmdline").read_text()


def test_the_folder_of_a_run_is_short_enough_for_a_unix_socket(monkeypatch, tmp_path):
    long = tmp_path / ("long" * 20)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))

    with started_run() as run:
        assert len(str(run.folder / "pg/s/.s.PGSQL.5432.lock")) < 107
        assert isinstance(run, TestRun)
