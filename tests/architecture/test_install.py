"""`make` sets a bare machine up once, names what is wrong, and never trusts half an installation."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = """#!/bin/sh
echo "uv $1 $2" >> "$CALLS"
case "$1" in
venv)
    mkdir -p "$VENV/bin"
    for name in python huizheng; do
        printf '#!/bin/sh\\necho "$0 $* NO_PROXY=$NO_PROXY"\\n' > "$VENV/bin/$name"
        chmod +x "$VENV/bin/$name"
    done ;;
esac
"""
ONLY_ANSWERS_QUESTIONS = f"""#!/bin/sh
[ "$1" = -c ] && exec {sys.executable} "$@"
echo "python $2" >> "$CALLS"
[ "$3" = --without-pip ] && mkdir -p "$4/bin"
"""
FROM_BEFORE = "#!/bin/sh\nexit 1\n"


class Machine:
    """A copy of what `make` reads, with its own programs in front of the system's."""

    def __init__(self, folder):
        self.tree, self.programs, self.calls = folder / "tree", folder / "bin", folder / "calls"
        (self.tree / "bot/console").mkdir(parents=True)
        self.programs.mkdir()
        shutil.copytree(ROOT / ".ci", self.tree / ".ci")
        for name in ("Makefile", "requirements.lock", "pyproject.toml"):
            shutil.copy(ROOT / name, self.tree / name)
        self.program("python3", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        self.program("npm", "#!/bin/sh\nexit 1\n")

    def program(self, name, text):
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)

    def make(self, *words, **given):
        system = {"PATH": f"{self.programs}:/usr/bin:/bin", "HOME": str(self.tree), "CALLS": str(self.calls)}
        return subprocess.run(
            ["make", *words], cwd=self.tree, env=system | given, capture_output=True, text=True, timeout=60
        )

    def done(self):
        """Return what was called since the last question."""
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        return lines


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.fixture
def installed(machine):
    machine.program("uv", UV)
    assert machine.make("install").returncode == 0
    machine.done()
    return machine


def change(path):
    path.write_text(path.read_text() + "\n# changed\n")


def test_the_first_call_installs_everything(machine):
    machine.program("uv", UV)

    machine.make("install")

    assert machine.done() == ["uv venv --quiet", "uv pip install", "uv pip install"]


def test_the_second_call_installs_nothing(installed):
    installed.make("install")

    assert installed.done() == []


@pytest.mark.parametrize(
    ("changed", "calls"),
    [
        ("requirements.lock", ["uv venv --quiet", "uv pip install", "uv pip install"]),
        ("pyproject.toml", ["uv pip install"]),
    ],
)
def test_a_change_is_followed_and_no_more_than_that(installed, changed, calls):
    change(installed.tree / changed)

    installed.make("install")

    assert installed.done() == calls


def test_a_tree_that_was_moved_is_set_up_again(installed):
    installed.tree = installed.tree.rename(installed.tree.with_name("elsewhere"))

    installed.make("install")

    assert installed.done()[0] == "uv venv --quiet"


def test_half_an_installation_is_not_trusted(machine):
    machine.program("python3", ONLY_ANSWERS_QUESTIONS)

    first, second = machine.make("install"), machine.make("install")

    assert first.returncode != 0
    assert second.returncode != 0
    assert [*(machine.tree / ".venv").glob(".parts"), *(machine.tree / ".venv").glob(".project")] == []
    # a venv with its own pip, then one without, then the pip outside: for each of the two calls
    assert machine.done() == ["python venv", "python venv", "python pip"] * 2


def test_pip_steps_in_where_uv_cannot(machine):
    machine.program("uv", '#!/bin/sh\necho "uv $1" >> "$CALLS"\nexit 1\n')
    machine.program("python3", ONLY_ANSWERS_QUESTIONS)

    machine.make("install")

    assert machine.done() == ["uv venv", "python venv", "python venv", "python pip"]


@pytest.mark.parametrize("named", [False, True], ids=["found on PATH", "named by PYTHON"])
def test_an_older_python_is_refused_in_one_sentence(machine, named):
    for name in ("python", "python3", *(f"python3.{minor}" for minor in range(11, 15))):
        machine.program(name, FROM_BEFORE)

    refused = machine.make("run", **({"PYTHON": "python3"} if named else {}))

    assert refused.returncode == 2
    assert refused.stderr.splitlines()[0].startswith("huizheng: ")
    assert "Python 3.11 or newer" in refused.stderr.splitlines()[0]
    assert "PYTHON=" in refused.stderr.splitlines()[0]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "sandbox"),
        ({"ONCE": "1"}, "sandbox --once"),
        ({"ONCE": "0"}, "sandbox"),
        ({"ONCE": "1", "PORT": "8470", "DATA": "/tmp/a b"}, "sandbox --once --port 8470 --data /tmp/a b"),
    ],
)
def test_make_run_hands_its_words_to_the_sandbox(installed, given, words):
    said = installed.make("run", **given).stdout.splitlines()[-1]

    assert said.startswith(f".venv/bin/huizheng {words} NO_PROXY=")


@pytest.mark.parametrize(
    ("before", "after"),
    [({}, "127.0.0.1,localhost"), ({"NO_PROXY": "intern"}, "127.0.0.1,localhost,intern")],
    ids=["none set", "one set already"],
)
def test_no_proxy_carries_what_the_sandbox_says_to_itself(installed, before, after):
    said = installed.make("run", HTTP_PROXY="http://192.0.2.1:3128", **before).stdout

    assert said.splitlines()[-1].endswith(f"NO_PROXY={after}")


def test_without_npm_the_assets_are_one_line_and_no_failure(machine):
    (machine.programs / "npm").unlink()
    for tool in ("sh", "dirname", "make"):
        (machine.programs / tool).symlink_to(shutil.which(tool))

    said = machine.make("assets", PATH=str(machine.programs))

    assert (said.returncode, len(said.stdout.splitlines())) == (0, 1)


def test_an_archive_with_another_hash_is_not_used(machine):
    machine.program("npm", "#!/bin/sh\necho forged > htmx.org-4.0.1.tgz\n")

    said = machine.make("assets")

    assert said.returncode != 0
    assert "not the pinned one" in said.stderr
    assert not (machine.tree / "bot/console/static/vendor").exists()


@pytest.mark.parametrize("script", ["install", "assets", "run"])
def test_the_scripts_are_executable_and_plain_sh(script):
    path = ROOT / ".ci" / script

    assert os.access(path, os.X_OK)
    assert path.read_text().startswith("#!/bin/sh\n")
    assert subprocess.run(["sh", "-n", path]).returncode == 0
