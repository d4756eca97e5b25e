"""The pretend phone shows what arrived; what is done on it goes out as real webhooks."""

import pytest
from wechatpy import parse_message

from sandbox.pictures import sample

PERSON = "+85291234560"


@pytest.fixture
def page(hands):
    hands.person(openid="oEMP0000", phone=PERSON)

    def shown(app="wechat"):
        return hands.http.get(f"{hands.url}/phone/oEMP0000?app={app}").text

    return shown


def told(hands):
    return parse_message(hands.opened(hands.application.wait_for(1)[-1]))


def test_a_template_message_is_a_card_with_labels_and_a_link_of_the_phones_own(hands, page):
    hands.template("oEMP0000", link="http://127.0.0.1:1/n/abc")
    html = page()
    assert "人力资源服务号" in html and "提醒事项" in html and "待确认" in html and "查看详情" in html
    assert 'href="/phone/oEMP0000/open?url=http%3A//127.0.0.1%3A1/n/abc"' in html


def test_a_text_message_shows_its_link_in_place(hands, page):
    hands.sms(PERSON, "请打开 http://127.0.0.1:1/n/abc，谢谢")
    html = page("sms")
    assert "请打开 <a href=" in html and "</a>，谢谢" in html and "+15005550006" in html


def test_a_message_that_never_arrived_is_not_on_the_phone(hands, page):
    hands.admin("fates", address="oEMP0000", fate="phone_off")
    hands.template("oEMP0000")
    assert "查看详情" not in page()


def test_markup_in_a_message_stays_text(hands, page):
    hands.sms(PERSON, "<script>alert(1)</script>")
    assert "&lt;script&gt;" in page("sms") and "<script>alert" not in page("sms")


def test_opening_a_link_is_counted_and_only_wechat_tells_who_it_is(hands, page):
    link = f"{hands.application.url}/n/abc"
    hands.template("oEMP0000", link=link)
    hands.sms(PERSON, f"请打开 {link}")
    where = f"{hands.url}/phone/oEMP0000/open"
    in_chat = hands.http.get(where, params={"url": link}, allow_redirects=False)
    assert (in_chat.status_code, in_chat.headers["Location"]) == (302, link)
    assert "sandbox_openid=oEMP0000" in in_chat.headers["Set-Cookie"]
    assert "Path=/connect" in in_chat.headers["Set-Cookie"]
    by_sms = hands.http.get(where, params={"url": link, "via": "sms"}, allow_redirects=False)
    assert "sandbox_openid=;" in by_sms.headers["Set-Cookie"]
    assert hands.http.get(f"{hands.url}/admin/people").json()[0]["taps"] == 2


def test_the_phone_opens_only_what_it_was_sent(hands, page):
    opened = hands.http.get(
        f"{hands.url}/phone/oEMP0000/open?url=http://evil.example/", allow_redirects=False
    )
    assert opened.status_code == 404


def test_a_typed_text_goes_out_as_a_real_webhook(hands, page):
    hands.http.post(f"{hands.url}/phone/oEMP0000/say?app=wechat", data={"text": "收到，明天返岗"})
    assert told(hands).content == "收到，明天返岗"
    assert "收到，明天返岗" in page()


def test_an_empty_text_is_not_sent(hands, page):
    hands.http.post(f"{hands.url}/phone/oEMP0000/say?app=wechat", data={"text": "  "})
    hands.settle()
    assert hands.application.got == []


def test_a_picture_is_sent_and_shown(hands, page):
    files = {"picture": ("a.png", sample(), "image/png")}
    hands.http.post(f"{hands.url}/phone/oEMP0000/say?app=wechat", files=files)
    assert told(hands).type == "image"
    assert '<img src="/pictures/' in page()
    refused = hands.http.post(f"{hands.url}/phone/oEMP0000/say", files={"picture": ("a.exe", b"MZ")})
    assert refused.status_code == 415


def test_an_sms_reply_and_stop_go_to_the_inbound_address(hands, page):
    hands.http.post(f"{hands.url}/phone/oEMP0000/say?app=sms", data={"text": "STOP"})
    assert hands.application.wait_for(1)[0].form["Body"] == "STOP"
    assert "已退订" in page("sms")


def test_following_is_a_switch(hands, page):
    hands.http.post(f"{hands.url}/phone/oEMP0000/follow")
    assert told(hands).event == "unsubscribe"
    hands.http.post(f"{hands.url}/phone/oEMP0000/follow")
    hands.application.wait_for(2)
    assert told(hands).event == "subscribe"


def test_a_menu_message_is_answered_by_a_tap(hands, page):
    hands.admin("reply", channel="wechat", address="oEMP0000", text="在")
    choices = [{"id": "101", "content": "已收到"}, {"id": "102", "content": "有疑问"}]
    menu = {"head_content": "请确认", "list": choices, "tail_content": "可直接回复"}
    hands.wechat("message/custom/send", {"touser": "oEMP0000", "msgtype": "msgmenu", "msgmenu": menu})
    assert 'value="101"' in page() and "有疑问" in page()
    hands.http.post(f"{hands.url}/phone/oEMP0000/choose", data={"id": "101", "text": "已收到"})
    hands.application.wait_for(2)
    assert told(hands)._data["bizmsgmenuid"] == "101"


def test_the_page_shows_the_business_time_and_forms_for_the_applications_clock(hands, page):
    html = page()
    assert "11月24日 周二 09:00" in html
    assert f'action="{hands.application.url}/sandbox/clock"' in html
    assert 'name="hours" value="1"' in html and 'name="hours" value="24"' in html
    assert "沙箱模式" in html


def test_the_page_may_load_nothing_but_its_own_style_and_script(hands, page):
    policy = hands.http.get(f"{hands.url}/phone/oEMP0000").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'")
    assert f"form-action 'self' {hands.application.url};" in policy
    html = page()
    assert "style=" not in html and " on" not in html.split("<body>")[0] and "<script>" not in html


def test_the_list_names_everybody(hands, page):
    html = hands.http.get(f"{hands.url}/phone").text
    assert "张伟" in html and "/phone/oEMP0000" in html
    assert hands.http.get(f"{hands.url}/").url.endswith("/phone")


def test_a_person_without_wechat_has_text_messages_only(hands):
    person = hands.person(phone=PERSON)
    html = hands.http.get(person["page"]).text
    assert "短信" in html and "微信" not in html
    assert hands.http.post(f"{person['page']}/follow").status_code == 404
    hands.http.post(f"{person['page']}/say", data={"text": "收到"})
    assert hands.application.wait_for(1)[0].form["From"] == PERSON


def test_an_unknown_phone_is_not_found(hands):
    assert hands.http.get(f"{hands.url}/phone/nobody").status_code == 404
