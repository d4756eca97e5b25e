"""`python -m scheduler.signer`: the signer alone; it reads no settings and so knows no other secret."""

import argparse
import os
import sys
from pathlib import Path

from scheduler.signer.files import Refusal
from scheduler.signer.run import EVERY, Place, run

URL = "HUIZHENG_DATABASE__URL"  # in the environment, where other users do not see it


def main() -> None:
    """Read what is needed from the command line and run."""
    os.umask(0o077)
    asked = argparse.ArgumentParser(prog="python -m scheduler.signer", description=__doc__)
    asked.add_argument("--origin", required=True, help="evidence.origin")
    asked.add_argument("--folder", required=True, type=Path, help="for its own key and state")
    asked.add_argument("--socket", required=True, type=Path, help="where it listens")
    asked.add_argument("--group", help="a group whose members may ask it too")
    asked.add_argument("--every", type=float, default=EVERY, help="seconds between two looks at the log")
    given = vars(asked.parse_args())
    try:
        run(Place(os.environ[URL], **given))
    except KeyError:
        sys.exit(f"{URL} is not set: name the database there")
    except Refusal as refusal:
        sys.exit(f"Error: {refusal}")


if __name__ == "__main__":
    main()
