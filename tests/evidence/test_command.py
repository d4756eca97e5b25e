"""The verification runs from its own folder on a bare Python, and its exit code says the result."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evidence.__main__ import main
from tests.evidence.bundles import edited, members, packed, reworded

HERE = Path(__file__).parents[2]


@pytest.fixture
def bare(tmp_path):
    """A folder with nothing but the package, and a Python that sees no installed package."""
    shutil.copytree(HERE / "evidence", tmp_path / "evidence", ignore=shutil.ignore_patterns("__pycache__"))

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-S", "-m", "evidence", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={"PYTHONUTF8": "1"},
            timeout=60,
        )

    return run


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "bundle.zip"
    path.write_bytes(packed(members()))
    return path


def test_an_honest_bundle_ends_with_zero_on_a_bare_python(bare, file):
    done = bare("verify", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "结论：核验通过（verified）"
    assert "没有外部密钥" in done.stdout


def test_json_holds_the_same_report(bare, file):
    done = bare("verify", str(file), "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["verified"] is True


def test_a_forged_bundle_ends_with_one_and_names_the_finding(file, capsys):
    file.write_bytes(edited(lambda files: reworded(files, "data/tables.jsonl", "delivered", "returned")))
    assert main(["verify", str(file)]) == 1
    told = capsys.readouterr().out
    assert "[row-differs]" in told
    assert told.splitlines()[-1] == "结论：核验不通过（not verified）"


def test_english_is_spoken_when_asked(file, capsys):
    assert main(["verify", str(file), "--language", "en"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Result: verified"


def test_what_is_no_bundle_ends_with_two_and_a_sentence(tmp_path, capsys):
    (tmp_path / "no.zip").write_bytes(b"no")
    assert main(["verify", str(tmp_path / "no.zip")]) == 2
    assert main(["verify", str(tmp_path / "missing.zip")]) == 2
    assert capsys.readouterr().err.count("读不出证据包") == 2


def test_a_wrong_call_ends_with_two(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["verify"])
    assert ended.value.code == 2
    assert "FILE.zip" in capsys.readouterr().err
