"""Runs the pretend gateways by themselves: python -m sandbox --web-url http://127.0.0.1:8460."""

import argparse
import json
import signal
import sys
import threading
from dataclasses import MISSING, fields
from pathlib import Path

from sandbox.server import serve
from sandbox.settings import Settings, from_mapping

NOT_OPTIONS = ("wechat_templates", "twilio_verified")  # lists: by JSON only
NUMBERS: dict[str, type] = {
    "port": int,
    **dict.fromkeys(("hold_seconds", "pace_seconds", "retry_seconds", "lag_seconds", "ahead_seconds"), float),
    "blind": bool,
}


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; 2 when the settings cannot be used."""
    given = _parser().parse_args(arguments)
    try:
        settings = _settings(given)
    except (ValueError, TypeError, OSError) as wrong:
        print(f"sandbox: {wrong}", file=sys.stderr)
        return 2
    _serve_until_told(settings)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument(
        "--settings", metavar="FILE", help='settings as one JSON object; "-" reads standard input'
    )
    for field in fields(Settings):
        if field.name not in NOT_OPTIONS:
            default = "required" if field.default is MISSING else f"default {field.default}"
            option = f"--{field.name.replace('_', '-')}"
            parser.add_argument(option, type=NUMBERS.get(field.name, str), help=default)
    return parser


def _settings(given: argparse.Namespace) -> Settings:
    file = given.settings
    text = "{}" if file is None else sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    read = json.loads(text)
    if not isinstance(read, dict):
        raise ValueError("the settings must be one JSON object")
    options = {name: value for name, value in vars(given).items() if name != "settings" and value is not None}
    return from_mapping(read | options)


def _serve_until_told(settings: Settings) -> None:
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    with serve(settings) as running:
        print(json.dumps({"url": running.url}), flush=True)
        told.wait()


if __name__ == "__main__":
    sys.exit(main())
