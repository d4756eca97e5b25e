"""Before the reader is known, a page shows the firm's name and a question, and nothing else."""

import pytest
import time_machine

from handlers.ports import Unsure
from storage import page_tokens
from tests.pages.reading import bare_app, identified, kinds_of, opened, tail
from tests.web import WECHAT, field_of
from tests.world import FIRM, ID_TAIL, NAME, OPENID, REMINDER, opened_world

SECRETS = (
    NAME, "返岗", "停工留薪", "受伤", "工伤", ID_TAIL, "GS-2026", "李娜", *REMINDER.values(), "回证码",
)  # fmt: skip

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(database_url):
    with opened_world(database_url) as world:
        world.notify()
        world.work()
        yield world


@pytest.fixture
def client(world):
    return bare_app(world).test_client()


def reveals(text):
    return [secret for secret in SECRETS if secret in text]


def test_the_gate_shows_the_firm_and_nothing_of_the_notice(world, client):
    response = client.get(f"/n/{world.token()}")

    assert response.status_code == 200
    assert FIRM in response.text
    assert reveals(response.text) == []
    assert kinds_of(world, "page.") == []


@pytest.mark.parametrize("path", ["done", "notice.pdf"])
def test_nothing_behind_the_gate_opens_without_identity(world, client, path):
    response = client.get(f"/n/{world.token()}/{path}")

    assert response.status_code == 303
    assert reveals(response.text) == []


def test_an_answer_without_identity_changes_nothing(world, client):
    token = world.token()
    form = field_of(client.get(f"/n/{token}").text, "form")

    response = client.post(f"/n/{token}/answer", data={"form": form, "choice": "read"})

    assert response.status_code == 303
    assert kinds_of(world, "page.") == []


def test_the_right_tail_opens_the_notice(world, client):
    response = opened(client, world.token(), ID_TAIL)

    assert response.status_code == 200
    assert "返岗提醒" in response.text
    assert REMINDER["report_at"] in response.text


@pytest.mark.parametrize("typed", ["４２１７", " 4217"])
def test_the_tail_may_be_typed_as_phones_type_it(world, client, typed):
    assert "返岗提醒" in opened(client, world.token(), typed).text


def test_a_wrong_tail_says_how_many_tries_are_left(world, client):
    response = tail(client, world.token(), "0000")

    assert response.status_code == 422
    assert "还可以试 4 次" in response.text
    assert reveals(response.text) == []


def test_five_wrong_tails_close_the_page_for_good_and_the_case_says_so(world, client):
    token = world.token()
    for _ in range(5):
        last = tail(client, token, "0000")

    assert last.status_code == 404
    assert "次数过多" in last.text
    assert client.get(f"/n/{token}").status_code == 404
    assert kinds_of(world, "page.") == ["page.refused"]


def test_a_tail_without_the_form_s_token_is_refused_and_not_counted(world, client):
    token = world.token()
    client.get(f"/n/{token}")

    response = client.post(f"/n/{token}/who", data={"tail": "0000"})

    assert response.status_code == 403
    with world.desk.archive.reading() as view:
        held = page_tokens.find_token(view.connection, view.keys, token)
    assert held.failures == 0


def test_an_employee_without_id_number_is_sent_to_hr(database_url):
    with opened_world(database_url, id_number=None) as world:
        world.notify()
        world.work()
        response = bare_app(world).test_client().get(f"/n/{world.token()}")

    assert "联系人事" in response.text
    assert 'name="tail"' not in response.text
    assert reveals(response.text) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda world: "2222222222222", "不存在"),
        (lambda world: (world.token(), world.clock.pass_by(days=181))[0], "已失效"),
    ],
    ids=["unknown", "expired"],
)
def test_an_unknown_or_old_link_says_so_kindly(world, client, spoil, said):
    response = client.get(f"/n/{spoil(world)}")

    assert response.status_code == 404
    assert said in response.text
    assert reveals(response.text) == []


def test_the_cookie_is_for_this_page_alone_and_no_script_may_read_it(world, client):
    token = world.token()
    client.get(f"/n/{token}")
    cookie = tail(client, token, ID_TAIL).headers["Set-Cookie"]

    assert f"Path=/n/{token};" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_over_https_the_cookie_never_travels_in_the_clear(database_url):
    with opened_world(database_url, public_url="https://hz.example.cn") as world:
        world.notify()
        world.work()
        response = bare_app(world).test_client().get(f"/n/{world.token()}")

    assert "; Secure;" in response.headers["Set-Cookie"]


def test_a_borrowed_phone_forgets_after_two_hours(world):
    with time_machine.travel("2026-11-23 10:00+08:00", tick=False) as real:
        client = bare_app(world).test_client()
        client.set_cookie("unused", "1")
        assert "返岗提醒" in opened(client, world.token(), ID_TAIL).text
        value = client.get_cookie("hz_visit", path=f"/n/{world.token()}").value
        real.shift(2 * 3600 + 1)
        client.set_cookie("hz_visit", value, path=f"/n/{world.token()}")

        assert reveals(client.get(f"/n/{world.token()}").text) == []


def test_the_visit_of_one_page_opens_no_other(world):
    client = bare_app(world).test_client()
    opened(client, world.token(), ID_TAIL)
    value = client.get_cookie("hz_visit", path=f"/n/{world.token()}").value
    world.clock.pass_by(days=1)
    world.work()
    other = world.token(1)

    client.set_cookie("hz_visit", value, path=f"/n/{other}")

    assert reveals(client.get(f"/n/{other}").text) == []


def test_not_me_forgets_the_reader(world):
    client = identified(world)

    response = client.get(f"/n/{world.token()}/not-me", follow_redirects=True)

    assert "最后四位" in response.text
    assert reveals(response.text) == []


def to_wechat(client, token):
    response = client.get(f"/n/{token}", headers=WECHAT)
    assert response.status_code == 303
    return response.headers["Location"].partition("&state=")


def test_in_wechat_the_bound_account_opens_the_notice_without_a_question(world, client):
    token = world.token()
    there, _, state = to_wechat(client, token)

    response = client.get(
        f"/n/{token}/back", query_string={"code": "c1", "state": state}, headers=WECHAT, follow_redirects=True
    )

    assert there == f"https://open.example.test/authorize?redirect_uri=http://localhost/n/{token}/back"
    assert REMINDER["report_at"] in response.text
    assert kinds_of(world, "page.displayed", "identity") == ["account"]


@pytest.mark.parametrize(
    ("reader", "spoiled"),
    [("oSomebodyElse", ""), (Unsure("timeout", "no answer"), ""), (OPENID, "x")],
    ids=["another account", "WeChat does not answer", "a sign-in that began elsewhere"],
)
def test_when_wechat_cannot_say_who_reads_the_question_is_asked_kindly(world, client, reader, spoiled):
    token, world.wechat.reader = world.token(), reader
    _, _, state = to_wechat(client, token)

    response = client.get(
        f"/n/{token}/back",
        query_string={"code": "c1", "state": state + spoiled},
        headers=WECHAT,
        follow_redirects=True,
    )

    assert "没关系" in response.text
    assert "最后四位" in response.text
    assert reveals(response.text) == []
    assert kinds_of(world, "page.") == []


def test_outside_wechat_the_question_is_asked_at_once(world, client):
    assert "最后四位" in client.get(f"/n/{world.token()}").text


def test_a_link_from_an_sms_is_never_sent_to_wechat(world, client):
    world.clock.pass_by(days=1)
    world.work()

    response = client.get(f"/n/{world.token(1)}", headers=WECHAT)

    assert "最后四位" in response.text


def test_every_answer_is_kept_from_caches_search_engines_frames_and_scripts(world, client):
    for response in (client.get(f"/n/{world.token()}"), client.get("/n/2222222222222")):
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';")
        assert "script" not in policy
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert "<script" not in response.text
        assert "style=" not in response.text
