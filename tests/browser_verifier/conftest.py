"""verify.html in a real browser, opened from a file as a clerk would open it."""

from base64 import b64encode

import pytest

from evidence.browser import assemble


class Verifier:
    """The opened page, and what tests ask of it."""

    def __init__(self, page):
        self.page = page
        self.wrong = []
        self.asked = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda message: self.wrong.append(message.text))
        page.on("request", lambda request: self.asked.append(request.url))

    def call(self, function, *arguments):
        """Call a function of the page's script, whose arguments are JSON."""
        return self.page.evaluate(f"async (given) => ({function})(...given)", list(arguments))

    def verify(self, data, policy=None, language="zh"):
        """Return the report's JSON, or the name and message of the refusal."""
        return self.call(_VERIFY, b64encode(data).decode(), policy, language)


_VERIFY = """async (text, policy, language) => {
  const data = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  try {
    return await window.huizheng.verify(data, policy, "bundle.zip", language);
  } catch (error) {
    return { refused: error.constructor.name, why: error.message };
  }
}"""


@pytest.fixture(scope="session")
def page_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "verify.html"
    file.write_bytes(assemble.page())
    return file


@pytest.fixture(scope="module")
def verifier(browser, page_file):
    """The page on a wide screen; it must neither complain nor ask for anything."""
    opened = open_page(browser, page_file, width=1280)
    yield opened
    opened.page.close()
    assert opened.wrong == []
    assert opened.asked == [page_file.as_uri()]


@pytest.fixture
def open_wide(browser, page_file):
    """Open the page anew with these settings of the browser."""
    opened = []

    def open(**settings):
        opened.append(open_page(browser, page_file, **settings))
        return opened[-1]

    yield open
    for one in opened:
        one.page.close()


def open_page(browser, file, width=1280, height=900, **settings):
    page = browser.new_page(viewport={"width": width, "height": height}, **settings)
    verifier = Verifier(page)
    page.goto(file.as_uri())
    return verifier
