"""/check/<code>: whether a code on a paper or a phone is one of ours; says nothing about anybody."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response

from bot.pages.shell import draw, guard
from handlers.desk import Desk
from storage.public_check import find_code

BEIJING = ZoneInfo("Asia/Shanghai")


def public_check(desk: Desk) -> Blueprint:
    """Return the public check of a record code."""
    blueprint = Blueprint("public_check", __name__, template_folder="templates")

    @blueprint.get("/check/<code>")
    def check(code: str) -> Response:
        with desk.archive.reading() as view:
            found = find_code(view.connection, code)
        at = found.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") if found else ""
        return draw(
            "check.html", 200 if found else 404, code=code[:40], found=found, at=at, sandbox=desk.sandbox
        )

    blueprint.after_request(guard)
    return blueprint
