"""``python -m evidence verify FILE.zip``: the verification alone, for somebody who has only this folder."""

import argparse
import json
import sys
from collections.abc import Sequence

from evidence.errors import UnreadableBundle
from evidence.printing import printed
from evidence.verify import verify_file

VERIFIED, REFUSED, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify a file, print the report, return the exit code of docs/evidence-format.md §8."""
    asked = _asked(arguments)
    try:
        report = verify_file(asked.file)
    except UnreadableBundle as error:
        print(f"读不出证据包 / cannot be read as a bundle: {error}", file=sys.stderr)
        return UNREADABLE
    if asked.json:
        print(json.dumps(report.to_json(asked.language), ensure_ascii=False, indent=1))
    else:
        print(printed(report, asked.language))
    return VERIFIED if report.verified else REFUSED


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evidence", description="核验证据包 / verify a bundle")
    verify = parser.add_subparsers(required=True, metavar="verify").add_parser("verify")
    verify.add_argument("file", metavar="FILE.zip")
    verify.add_argument("--json", action="store_true", help="print JSON")
    verify.add_argument("--language", choices=("zh", "en"), default="zh")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
