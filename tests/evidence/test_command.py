"""The verification runs from its own folder on a bare Python, and its exit code says the result."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evidence.__main__ import main
from tests.evidence.bundles import edited, members, packed, policy, reworded
from tests.evidence.worlds import signed_case

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


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The one file that `make verifier` builds, alone in a folder."""
    file = tmp_path_factory.mktemp("alone") / "huizheng-verify.pyz"
    subprocess.run([sys.executable, "-S", HERE / ".ci/verifier.py", file], check=True, timeout=60)
    return file


def alone(archive, *arguments):
    return subprocess.run(
        [sys.executable, "-S", archive, *arguments],
        cwd=archive.parent,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONUTF8": "1"},
        timeout=60,
    )


def test_the_one_file_verifies_a_signed_bundle_under_a_policy_on_a_bare_python(archive, tmp_path):
    file, trusted = tmp_path / "signed.zip", tmp_path / "policy.txt"
    file.write_bytes(packed(members(signed_case())))
    trusted.write_text(policy())
    done = alone(archive, str(file), "--json", "--policy", str(trusted))
    told = json.loads(done.stdout)
    # Without the library that reads certificates a stamp stays present, and a policy that asks for it fails.
    assert {one["status"] for one in told["anchors"] if one["kind"] == "tsa"} == {"present"}
    assert [one["code"] for one in told["anchored"]["findings"]] == ["anchor"]
    assert any("没有核验所需的程序库" in text for text in told["not_proved"])
    trusted.write_text(policy().partition("tsa")[0])
    done = alone(archive, "verify", str(file), "--policy", str(trusted))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "结论：核验通过（verified）"


def test_the_one_file_is_built_the_same_from_the_same_sources(archive, tmp_path):
    again = tmp_path / "again.pyz"
    subprocess.run([sys.executable, HERE / ".ci/verifier.py", again], check=True, timeout=60)
    assert again.read_bytes() == archive.read_bytes()


def test_a_policy_that_cannot_be_used_ends_with_two_and_says_why(file, tmp_path, capsys):
    (tmp_path / "policy.txt").write_text("trust everybody\n")
    assert main(["verify", str(file), "--policy", str(tmp_path / "policy.txt")]) == 2
    assert main([str(file), "--policy", str(tmp_path / "none.txt")]) == 2
    assert capsys.readouterr().err.count("策略文件不可用") == 2


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
