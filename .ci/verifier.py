"""Packs the evidence package into one file that a bare Python runs; the same files give the same bytes."""

import sys
from pathlib import Path
from zlib import crc32

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from evidence.container import Writer  # noqa: E402  (the package is found only now)

MAIN = b"import sys\n\nfrom evidence.__main__ import main\n\nsys.exit(main())\n"


def build(target: Path) -> None:
    """Write the archive: the package's modules, and the entry point that Python looks for."""
    modules = {f"evidence/{path.name}": path.read_bytes() for path in (ROOT / "evidence").glob("*.py")}
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        writer = Writer(file)
        for name, data in sorted({**modules, "__main__.py": MAIN}.items()):
            writer.member(name, len(data), crc32(data), [data])
        writer.finish()


if __name__ == "__main__":
    build(Path(sys.argv[1]))
