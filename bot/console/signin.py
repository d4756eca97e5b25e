"""Signing in by a one-time link, signing out, and choosing the language."""

import re

from flask import Response, redirect, request, session
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response as AnyResponse

from bot.console.guard import Member, me
from bot.console.language import CHINESE, ENGLISH
from bot.console.shell import Shell
from handlers.desk import Desk
from storage import access


class SignIn:
    """The door of the console."""

    def __init__(self, desk: Desk, shell: Shell) -> None:
        self._desk, self._shell = desk, shell

    def sign_in(self, secret: str) -> Response:
        """Show a button only: programs that look through mails open links, and must not use them up."""
        del secret
        return self._shell.draw("sign_in.html")

    def use_link(self, secret: str) -> AnyResponse:
        """Use the link up and sign its user in."""
        archive = self._desk.archive
        with archive.writing() as book:
            user = access.use_login_link(book.connection, secret, archive.clock.real())
        if user is None or not user.active:
            return self._shell.draw("signed_out.html", 403, used=True)
        language = session.get("language")
        session.clear()  # whatever was there before the sign-in is worth nothing after it
        if language:
            session["language"] = language
        session.permanent = True
        login_user(Member(user))
        return redirect("/", 303)

    def sign_out(self) -> AnyResponse:
        """End the session, here and wherever else the same user is signed in."""
        with self._desk.archive.engine.begin() as connection:
            access.end_sessions(connection, me().user.id)
        logout_user()
        session.clear()
        return redirect("/", 303)

    def language(self, code: str) -> AnyResponse:
        """Switch the language and go back to where the reader was."""
        session["language"] = ENGLISH if code == ENGLISH else CHINESE
        there = request.args.get("next", "/")
        own = re.fullmatch(
            r"/(?![/\\])[!-~]*", there
        )  # visible ASCII only: a tab would be dropped on the way
        return redirect(there if own else "/", 303)
