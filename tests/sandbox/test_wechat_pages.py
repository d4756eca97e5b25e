"""Silent OAuth names the person only inside WeChat, and parametric QR codes carry their scene."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest


def authorize(hands, **changed):
    asked = {
        "appid": hands.settings.wechat_app_id,
        "redirect_uri": f"{hands.application.url}/n/abc/back",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "s-1",
    }
    address = f"{hands.url}/connect/oauth2/authorize?{urlencode(asked | changed)}"
    return hands.http.get(address, allow_redirects=False)


def exchange(hands, code, **changed):
    asked = {
        "appid": hands.settings.wechat_app_id,
        "secret": hands.settings.wechat_secret,
        "code": code,
        "grant_type": "authorization_code",
    }
    return hands.http.get(f"{hands.url}/sns/oauth2/access_token", params=asked | changed).json()


@pytest.fixture
def inside(hands):
    """A browser that opened a link in 张伟's chat."""
    hands.person(openid="oEMP0000")
    hands.template("oEMP0000", link=f"{hands.application.url}/n/abc")
    opened = hands.http.get(
        f"{hands.url}/phone/oEMP0000/open",
        params={"url": f"{hands.application.url}/n/abc"},
        allow_redirects=False,
    )
    assert opened.headers["Location"] == f"{hands.application.url}/n/abc"
    return hands


def test_outside_wechat_there_is_a_page_that_says_so_and_no_code(hands):
    answer = authorize(hands)
    assert answer.status_code == 200 and "请在微信客户端打开链接" in answer.text


def test_inside_wechat_the_browser_comes_back_with_a_code_for_the_phones_owner(inside):
    back = urlsplit(authorize(inside).headers["Location"])
    came = {name: values[0] for name, values in parse_qs(back.query).items()}
    assert (back.path, came["state"]) == ("/n/abc/back", "s-1")

    answer = exchange(inside, came["code"])

    assert (answer["openid"], answer["scope"]) == ("oEMP0000", "snsapi_base")
    assert "is_snapshotuser" not in answer
    assert exchange(inside, came["code"])["errcode"] == 40163


def test_a_query_in_the_return_address_is_kept(inside):
    where = f"{inside.application.url}/n/abc/back?step=1"
    assert "?step=1&code=" in authorize(inside, redirect_uri=where).headers["Location"]


def test_a_code_is_not_given_to_a_stranger(inside):
    code = parse_qs(urlsplit(authorize(inside).headers["Location"]).query)["code"][0]
    assert exchange(inside, code, secret="no")["errcode"] == 40125
    assert exchange(inside, "invented")["errcode"] == 40029
    inside.pass_time(minutes=5)
    assert exchange(inside, code)["errcode"] == 42003


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"appid": "wx1"}, "AppID 参数错误"),
        ({"redirect_uri": "http://evil.example/"}, "redirect_uri 域名"),
        ({"scope": "snsapi_userinfo"}, "scope 参数错误"),
    ],
)
def test_a_wrong_request_stops_at_an_error_page(inside, changed, words):
    answer = authorize(inside, **changed)
    assert answer.status_code == 200 and words in answer.text


def test_a_snapshot_visitor_is_marked(inside):
    inside.person(openid="oEMP0000", snapshot=True)
    code = parse_qs(urlsplit(authorize(inside).headers["Location"]).query)["code"][0]
    assert exchange(inside, code)["is_snapshotuser"] == 1


def test_a_code_is_drawn_and_its_link_scanned(hands):
    order = {
        "action_name": "QR_STR_SCENE",
        "expire_seconds": 600,
        "action_info": {"scene": {"scene_str": "bind.1"}},
    }
    code = hands.wechat("qrcode/create", order).json()
    assert code["expire_seconds"] == 600
    shown = hands.http.get(f"{hands.url}/cgi-bin/showqrcode", params={"ticket": code["ticket"]})
    assert shown.content.startswith(b"\x89PNG")
    drawn = hands.http.get(
        f"{hands.url}/cgi-bin/showqrcode", params={"ticket": code["ticket"], "format": "svg"}
    )
    assert b"<svg" in drawn.content
    hands.person(openid="oNEW0000", following=False)
    assert hands.http.post(f"{hands.url}/phone/oNEW0000/scan", data={"code": code["url"]}).status_code == 200
    hands.settle()
    assert hands.callbacks()[0]["kind"] == "subscribe"
    hands.pass_time(minutes=10)
    assert hands.http.post(f"{hands.url}/phone/oNEW0000/scan", data={"code": code["url"]}).status_code == 404


@pytest.mark.parametrize(
    "order",
    [
        {"action_name": "QR_OTHER"},
        {"action_name": "QR_STR_SCENE", "expire_seconds": 2_592_001},
        {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x" * 65}}},
    ],
)
def test_a_code_that_breaks_the_limits_is_refused(hands, order):
    assert hands.wechat("qrcode/create", order).json()["errcode"] == 40053


def test_an_unknown_ticket_has_no_picture(hands):
    assert hands.http.get(f"{hands.url}/cgi-bin/showqrcode?ticket=x").status_code == 404
