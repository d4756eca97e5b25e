"""``python -m evidence verify FILE.zip``: the verification alone, for somebody who has only this folder."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from evidence.errors import PolicyError, UnreadableBundle
from evidence.printing import printed
from evidence.verify import verify_file

VERIFIED, REFUSED, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify a file, print the report, return the exit code of docs/evidence-format.md §8.

    The word ``verify`` before the file may be left out.
    """
    asked = _asked(sys.argv[1:] if arguments is None else arguments)
    try:
        report = verify_file(asked.file, asked.policy)
    except UnreadableBundle as error:
        print(f"读不出证据包 / cannot be read as a bundle: {error}", file=sys.stderr)
        return UNREADABLE
    except PolicyError as error:
        print(f"策略文件不可用 / the policy cannot be used: {error}", file=sys.stderr)
        return UNREADABLE
    if asked.json:
        print(json.dumps(report.to_json(asked.language), ensure_ascii=False, indent=1))
    else:
        print(printed(report, asked.language))
    return VERIFIED if report.verified else REFUSED


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="huizheng-verify", description="核验证据包 / verify a bundle")
    parser.add_argument("file", metavar="FILE.zip")
    parser.add_argument("--policy", type=Path, help="whom you trust: a C2SP tlog-policy with tsa lines")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--language", choices=("zh", "en"), default="zh")
    return parser.parse_args(arguments[1:] if arguments[:1] == ["verify"] else arguments)


if __name__ == "__main__":
    sys.exit(main())
