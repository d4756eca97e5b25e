"""An invented notice for 2027, as somebody would write it into a file."""

import tomllib
from pathlib import Path
from typing import Any

TEXT = (Path(__file__).parents[2] / "docs/calendar.md").read_text("utf-8").split("```toml")[1].split("```")[0]


def notice(**changes: Any) -> dict[str, Any]:
    """Return the notice as it is read from its file, with these changes."""
    return {**tomllib.loads(TEXT), **changes}
