"""The web application as tests build it: the same blueprints, registered as bot/app.py does."""

import re

from flask import Flask
from flask.testing import FlaskClient

from bot.console.web import console
from bot.console.web import init_app as init_console
from bot.pages.web import pages
from handlers.access import make_login_link
from tests.world import World

WECHAT = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50"}


def web_app(world: World) -> Flask:
    app = Flask("huizheng", static_folder=None)
    csrf = init_console(app, world.desk)
    public = pages(world.desk)
    csrf.exempt(public)
    app.register_blueprint(public)
    app.register_blueprint(console(world.desk))
    return app


def field_of(html: str, name: str) -> str:
    """Return the value of the first hidden field of this name."""
    found = re.search(rf'name="{name}" value="([^"]+)"', html)
    assert found is not None, f"no field {name}"
    return found[1]


def post(client: FlaskClient, at: str, to: str, /, **fields: object):
    """Open a page of the console and press a button on it: the token comes from the page."""
    token = field_of(client.get(at).text, "csrf_token")
    return client.post(to, data={"csrf_token": token, **fields}, content_type="multipart/form-data")


def signed_in(world: World, app: Flask, role: str = "hr") -> FlaskClient:
    """Return a browser in which this role has used its one-time link."""
    with world.desk.archive.writing() as book:
        secret = make_login_link(book, world.users[role])
    client = app.test_client()
    assert post(client, f"/sign-in/{secret}", f"/sign-in/{secret}").status_code == 303
    return client
