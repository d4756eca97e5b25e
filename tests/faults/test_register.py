"""Each of the 54 faults is proved by tests that exist, or says why none can reach it."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.faults.register import FAULTS, OUT_OF_REACH

ROOT = Path(__file__).parents[2]
NUMBERS = range(1, 55)


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef))


@pytest.mark.parametrize("number", NUMBERS)
def test_a_fault_is_proved_by_tests_that_exist(number: int):
    if number in OUT_OF_REACH:
        pytest.skip(f"fault {number}: {OUT_OF_REACH[number]}")
    for test in FAULTS[number]:
        path, _, name = test.partition("::")
        assert name in names_in(path), f"{test} is not there any more"


def test_no_fault_is_missing_and_none_is_named_twice():
    assert sorted([*FAULTS, *OUT_OF_REACH]) == list(NUMBERS)
    assert all(FAULTS.values())


def test_every_test_of_this_folder_that_names_a_fault_is_entered_under_its_number():
    for path in sorted((ROOT / "tests" / "faults").glob("test_*.py")):
        inside = str(path.relative_to(ROOT))
        for name in names_in(inside):
            if name.startswith("test_fault_"):
                assert f"{inside}::{name}" in FAULTS[int(name.split("_")[2])]
