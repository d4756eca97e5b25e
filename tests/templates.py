"""Templates are compiled once per run of the tests, although every test builds an application of its own."""

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class Remembered(BytecodeCache):
    """Compiled templates in memory, by name and source."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        known = self._known.get((bucket.key, bucket.checksum))
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def remember_templates() -> None:
    """Let every application of this process share them."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Remembered()}
