"""Which machine this is, without telling its name."""

import hashlib
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")
MACHINE = Path("/etc/machine-id")


def host_mark() -> str:
    """Return a name for this running machine: the same for all its users and containers, new at each boot."""
    for path in (BOOT, MACHINE):
        try:
            return hashlib.sha256(b"huizheng/v1/host\n" + path.read_bytes().strip()).hexdigest()[:32]
        except OSError:
            continue
    return ""
