"""A case with very many records is written and verified in bounded memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.evidence.large import large_bundle

ROOT = Path(__file__).parents[2]
VERIFY = """
from evidence.verify import verify_file
assert verify_file({!r}).verified
"""
WRITE = """
import hashlib
from pathlib import Path
from evidence.bag import Bag
from evidence.checkpoint import Checkpoint
from evidence.names import PAYLOAD
with Bag(Path({folder!r})) as bag, open({target!r}, "wb") as file:
    for name in PAYLOAD:
        bag.add(name, b"")
    for number in range({count}):
        data = b"%d" % number
        bag.add("data/parts/" + hashlib.sha256(data).hexdigest(), data * 40)
    bag.write(file, {{}}, None, "", Checkpoint("huizheng.k3v9q2xw/log/1", 0, bytes(32)))
"""
# What rusage tells of a process began in its parent; the kernel's own mark begins with the program.
MARK = """
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


def peak(code):
    """The most memory in megabytes that these lines take in a Python of their own."""
    if not Path("/proc/self/status").exists():
        pytest.skip("this system does not tell how much memory a process took")
    command = [sys.executable, "-c", code + MARK]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=3000)
    assert done.returncode == 0, done.stderr
    return int(done.stdout) // 1024


def test_a_case_of_two_thousand_records_is_verified_in_little_memory(tmp_path):
    large_bundle(tmp_path / "large.zip", 2000)
    assert peak(VERIFY.format(str(tmp_path / "large.zip"))) < 60


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_a_case_of_a_hundred_thousand_records_is_verified_below_300_megabytes(tmp_path):
    large_bundle(tmp_path / "large.zip", 100_000)
    assert peak(VERIFY.format(str(tmp_path / "large.zip"))) < 300


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_two_hundred_thousand_files_are_packed_below_150_megabytes(tmp_path):
    code = WRITE.format(folder=str(tmp_path), target=str(tmp_path / "many.zip"), count=200_000)
    assert peak(code) < 150
