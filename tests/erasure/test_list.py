"""The list outside the database: nobody loses another's line, and what cannot be used says what to do."""

import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.erase_list import EraseList, EraseListDamaged, EraseListFault, Listed
from storage.erasure import Target


def listed(name: str) -> Listed:
    return Listed(name, f"r-{name}", Target(1, ["a"] * 300, ["b"]), None, "unlawful", "x", "y", "2026", 1, 9)


def test_many_who_write_at_once_lose_no_line(tmp_path: Path):
    def live(number: int) -> None:
        for turn in range(25):
            outside = EraseList(tmp_path)
            outside.begin(listed(f"{number}-{turn}"))
            outside.end(f"{number}-{turn}", f"r-{number}-{turn}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(live, range(8)))

    assert {one.state for one in EraseList(tmp_path).read()} == {"done"}
    assert len(EraseList(tmp_path).read()) == 8 * 25


def test_whoever_writes_waits_until_the_list_is_free(tmp_path: Path):
    EraseList(tmp_path).begin(listed("first"))
    with (tmp_path / "erased.jsonl").open("ab") as file, ThreadPoolExecutor(1) as pool:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(b'{"half')  # its writer has not finished
        file.flush()
        second = pool.submit(EraseList(tmp_path).begin, listed("second"))
        with pytest.raises(TimeoutError):
            second.result(timeout=0.2)
        os.ftruncate(file.fileno(), os.fstat(file.fileno()).st_size - len('{"half'))
        fcntl.flock(file, fcntl.LOCK_UN)
        second.result(timeout=10)

    assert [one.erasure for one in EraseList(tmp_path).read()] == ["first", "second"]


def test_an_end_without_a_beginning_is_damage_unless_it_came_to_nothing(tmp_path: Path):
    EraseList(tmp_path).end("never-begun", "r", "void")
    assert EraseList(tmp_path).read() == []
    EraseList(tmp_path).end("lost", "r")

    with pytest.raises(EraseListDamaged, match=r"line 2 .* restore the file from its backup"):
        EraseList(tmp_path).read()


@pytest.mark.parametrize(
    "line", ["[]", "7", "null", '{"erasure": [], "state": "done", "record": "r"}', "\xff"]
)
def test_what_is_no_line_of_the_list_is_named_by_its_number(tmp_path: Path, line: str):
    (tmp_path / "erased.jsonl").write_bytes(line.encode("latin-1") + b"\n")

    with pytest.raises(EraseListDamaged, match="line 1 "):
        EraseList(tmp_path).read()


def test_a_list_that_cannot_be_reached_says_what_to_do(tmp_path: Path):
    (tmp_path / "data").write_text("a file where the folder should be")
    outside = EraseList(tmp_path / "data")
    for act in (outside.read, lambda: outside.begin(listed("x"))):
        with pytest.raises(EraseListFault, match="let the service's user own the file"):
            act()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write for somebody else")
def test_a_list_that_root_writes_belongs_to_the_owner_of_its_folder(tmp_path: Path):
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    EraseList(folder).begin(listed("x"))

    assert (folder / "erased.jsonl").stat().st_uid == 65534
