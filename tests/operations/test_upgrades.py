"""Migrations: one that is killed half-way, and programs that are older or newer than their database."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from storage import readiness
from storage.engine import open_engine
from storage.migrations import HISTORY, newest_revision, revision_of, stands, upgrade

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("statement", [pytest.param(5, marks=pytest.mark.long), 60])
def test_fault_51_a_migration_killed_half_way_leaves_nothing_and_the_next_one_completes(
    empty_database_url: str, statement: int
):
    """Until then no worker starts; both databases undo what the dead process had made."""
    command = [sys.executable, "-m", "tests.operations.dying_migration", empty_database_url, str(statement)]
    dying = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert dying.returncode == -signal.SIGKILL, dying.stderr
    engine = open_engine(empty_database_url)
    assert "huizheng migrate" in readiness.problem_with(engine)

    upgrade(empty_database_url)
    assert stands(engine) == "current"
    engine.dispose()


@pytest.mark.parametrize(
    ("revision", "said"),
    [("0001", "run `huizheng migrate`"), ("9999", "upgrade this one")],
    ids=["older", "newer"],
)
def test_fault_50_a_program_says_whether_it_or_its_database_is_too_old(
    database_url: str, revision: str, said: str
):
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
        assert revision_of(connection) != newest_revision()

    assert said in readiness.problem_with(engine)
    engine.dispose()


def test_the_number_in_a_migration_s_file_name_is_the_one_by_which_alembic_knows_it():
    config = Config()
    config.set_main_option("script_location", str(HISTORY))
    known = ScriptDirectory.from_config(config)

    assert known.get_current_head() == newest_revision()
    assert all(Path(one.path).name.startswith(f"{one.revision}_") for one in known.walk_revisions())
