"""What the tools cannot express: the shape of packages, what casework may touch, and where tests may go."""

import ast
import socket
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
ROOMS = SETTINGS["tool"]["importlinter"]["root_packages"]
MODULES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
DECLARED = [
    ROOT / "storage/schema.py",
    *(ROOT / "storage/history/versions").glob("*.py"),
]  # tables, not thought
REPORTS = {"ids": lambda path: str(path.relative_to(ROOT))}

# What would give casework a clock, dice, files or a network; its packaged rules come by importlib.resources.
OUTSIDE = {
    *("asyncio", "ctypes", "ftplib", "glob", "http", "io", "multiprocessing", "os", "pathlib", "random"),
    *("secrets", "select", "shutil", "smtplib", "socket", "sqlite3", "ssl", "subprocess", "tempfile"),
    *("threading", "time", "urllib", "uuid"),
}
CLOCKS = {"now", "today", "utcnow"}


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def reaches_outside(source):
    """Return what in this source reads a clock, throws dice or opens something."""
    tree = ast.parse(source)
    imported = {name.split(".")[0] for name in imports_of(tree)} & OUTSIDE
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    clocks = {func.attr for func in called if isinstance(func, ast.Attribute) and func.attr in CLOCKS}
    opened = {func.id for func in called if isinstance(func, ast.Name) and func.id == "open"}
    return imported | clocks | opened


@pytest.mark.parametrize(
    "source",
    ["import time", "from os import environ", "from datetime import date\ndate.today()", "open('x')"],
)
def test_the_check_on_casework_sees_what_it_looks_for(source):
    assert reaches_outside(source)


@pytest.mark.parametrize("path", sorted((ROOT / "casework").rglob("*.py")), **REPORTS)
def test_casework_reads_no_clock_throws_no_dice_and_opens_nothing(path):
    assert reaches_outside(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("path", MODULES, **REPORTS)
def test_a_file_opens_with_a_sentence_that_says_what_it_is_for(path):
    said = ast.get_docstring(tree_of(path)) or ""

    assert said.split("\n\n")[0].rstrip().endswith("."), "no whole sentence at the top"


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], **REPORTS)
def test_a_package_s_own_file_holds_its_sentence_and_nothing_else(path):
    assert len(tree_of(path).body) <= 1


@pytest.mark.parametrize("path", sorted({*MODULES} - {*DECLARED}), **REPORTS)
def test_a_module_stays_short_enough_to_be_read_in_one_go(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250


def test_every_room_travels_in_the_wheel():
    assert SETTINGS["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ROOMS


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_a_test_cannot_reach_beyond_this_machine(host):
    with pytest.raises(RuntimeError, match="tried to use"), pytest.warns(UserWarning):
        socket.create_connection((host, 80), timeout=1)


def test_a_test_reaches_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()


def test_these_tests_run_on_a_python_that_we_promise():
    assert sys.version_info >= (3, 11)
