"""On a phone, with scripts switched off: nothing scrolls sideways, not even in very large letters."""

from threading import Thread

import pytest
from werkzeug.serving import make_server

from tests.pages.reading import bare_app
from tests.world import ID_TAIL, opened_world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def phone(browser):
    """A page as wide as a phone that runs no script."""
    page = browser.new_page(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    yield page
    page.close()


@pytest.fixture
def address(database_url):
    with opened_world(database_url) as world:
        world.notify()
        world.work()
        server = make_server("127.0.0.1", 0, bare_app(world), threaded=True)
        serving = Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.port}/n/{world.token()}"
        server.shutdown()
        serving.join()
        server.server_close()


def too_wide(page):
    """Return how many pixels lie beyond the right edge; with scripts off the layout itself must tell."""
    boxes = [one.bounding_box() for one in page.locator("body *").all()]
    return max(0, *(box["x"] + box["width"] - 390 for box in boxes if box))


@pytest.mark.parametrize("letters", ["", "?big=1"], ids=["ordinary letters", "28 px letters"])
def test_the_whole_way_from_the_gate_to_the_receipt_fits_a_phone(phone, address, letters):
    seen = []
    phone.goto(address + letters)
    seen.append(too_wide(phone))
    phone.fill("#tail", ID_TAIL)
    phone.click("text=打开通知")
    phone.goto(address + letters)
    for summary in phone.locator("summary").all():
        summary.click()
    seen.append(too_wide(phone))
    phone.fill("#cannot", "医生要我再休息两周")
    phone.click("text=告诉公司我去不了")
    seen.append(too_wide(phone))

    assert "已记下：您去不了" in phone.content()
    assert seen == [0, 0, 0]
