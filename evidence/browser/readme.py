"""README.txt of a bundle: how a notary, an appraiser or the other side checks it without us, step by step."""

from evidence.browser.assemble import FOLDER


def readme() -> bytes:
    """Return README.txt in UTF-8: Chinese first, then English, with the same commands in both."""
    return (FOLDER / "readme.txt").read_bytes()
