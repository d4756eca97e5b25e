"""How a test reads a page: as a browser that has cookies and no scripts."""

from flask import Flask

from bot.pages.web import pages
from storage.timeline import lines_of
from tests.web import field_of
from tests.world import ID_TAIL, World


def bare_app(world: World) -> Flask:
    app = Flask("huizheng", static_folder=None)
    app.register_blueprint(pages(world.desk))
    return app


def tail(client, token, typed):
    """Answer the question of the gate."""
    form = field_of(client.get(f"/n/{token}?ask=id").text, "form")
    return client.post(f"/n/{token}/who", data={"form": form, "tail": typed})


def opened(client, token, typed):
    tail(client, token, typed)
    return client.get(f"/n/{token}")


def identified(world, number=0):
    """Return a browser whose reader has shown who they are, and has the notice before them."""
    client = bare_app(world).test_client()
    opened(client, world.token(number), ID_TAIL)
    return client


def press(client, token, choice, **fields):
    """Press a button below the notice."""
    form = field_of(client.get(f"/n/{token}").text, "form")
    data = {"form": form, "choice": choice, **fields}
    return client.post(f"/n/{token}/answer", data=data, content_type="multipart/form-data")


def kinds_of(world, prefix, told=None):
    """Return the kinds of the case's records, or what they tell under a name."""
    with world.desk.archive.reading() as view:
        lines = [line for line in lines_of(view, world.case_id) if line.kind.startswith(prefix)]
    return [line.told[told] if told else line.kind for line in lines]
