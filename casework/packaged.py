"""Read the rule and notice files that travel inside this package."""

import tomllib
from importlib import resources
from typing import Any


class NotPackaged(LookupError):  # noqa: N818  (reads as what happened)
    """No packaged file has this name; the message lists those that exist."""


def read(folder: str, name: str) -> dict[str, Any]:
    """Return the parsed TOML file ``name`` of a folder such as ``rules`` or ``notices``."""
    known = names(folder)
    if name not in known:
        raise NotPackaged(f"没有名为“{name}”的文件；可用的有：{'、'.join(known)}")
    text = resources.files("casework").joinpath(*folder.split("/"), f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def names(folder: str) -> tuple[str, ...]:
    """List the files of a folder, without their ending, in alphabetical order."""
    files = resources.files("casework").joinpath(*folder.split("/")).iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))
