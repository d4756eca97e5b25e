"""WeChat's official account: known answers, the client that cannot loop, templates, QR codes and sign-in."""

import base64
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import combinations_with_replacement, permutations
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from wechatpy.crypto import PrpCrypto

from bot.channels.wechat_oa import events, push
from casework.messages import Media, Outcome
from handlers.ports import (
    Forged,
    Misconfigured,
    RawRequest,
    Refused,
    SendFailed,
    Throttled,
    Unreadable,
    Unsure,
)
from tests.channels import recorded
from tests.channels.receiver import Receiver
from tests.channels.scripted import Reply, Scripted

KEY = "hz0Kat1Kat2Kat3Kat4Kat5Kat6Kat7Kat8Kat9KatA"
TOKEN_PATH, SEND_PATH = "/cgi-bin/stable_token", "/cgi-bin/message/template/send"
SENT = b'{"errcode":0,"errmsg":"ok","msgid":3487542469355618313}'


def told(**answer: object) -> Reply:
    return Reply(json.dumps(answer).encode())


def token(number: int = 1) -> Reply:
    return told(access_token=f"token{number}", expires_in=7200)


def channel_at(server: Scripted, **settings: object):
    return recorded.made("wechat_oa", api_base=server.url, read_timeout=1.0, **settings)


def request_of(channel) -> bytes:
    return channel.prepare(recorded.envelope("oEMP0001"))


def failure_of(call) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        call()
    return caught.value


# ---- Known answers ----


def test_tencents_own_signature_is_reproduced():
    assert push.signature("AAAAA", "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"


CIPHER_A = (
    "S9cS02yrduWC5ck0oibMF6uicE/NboxZi/8Bv2YhHoeUF3o6TW6K0EuZ2FtOUhc15xpsDKZOSMUXxGnKGF8RpLgC8D2RlYssWjGFalOf7W"
    "ePYyANNE8aX/gZIJVBNV1MDI7qgtljZGEANVV1MVIvFKIIGzEgrEEWNRDYJVQqb5w="
)
CIPHER_B = "9KJyrRn0A2kbVxHSPmF+fppa6c8kJIEdoeJkC9TB9G7kQszP9svKPCL5u2nyH9vWXdSZObdW7umwePirC2TtEg=="
CIPHER_C = "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg=="
C_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.mark.parametrize(
    ("cipher", "key", "message", "made_for"),
    [
        (CIPHER_A, KEY, "<xml><MsgType>text</MsgType><Content>已收到</Content></xml>", "wx00000000000000aa"),
        (CIPHER_B, KEY, "4207849302175512", "ww00000000000000bb"),
        (CIPHER_C, C_KEY, "我是中文abcd123", "wxb11529c136998cb6"),
    ],
    ids="ABC",
)
def test_known_ciphertexts_are_opened_to_the_byte(cipher, key, message, made_for):
    assert push.unwrapped(base64.b64decode(cipher), key) == (message.encode(), made_for)


@pytest.mark.parametrize(
    ("parts", "signed"),
    [
        (("HuizhengKat1", "1795000001", "n0001", CIPHER_A), "9187b7b9be3af3841b54ceac50109f567048d5ab"),
        (("HuizhengKat1", "1795000001", "n0001"), "ef52698fc11c510c4a08898fb872deedd5b12865"),
        (("HuizhengKat1", "1795000002", "n0002", CIPHER_B), "6e8e72a4d1800dc86a3cb100d2123e0e7efe0c05"),
    ],
    ids=["A", "A without content", "B"],
)
def test_known_signatures_are_reproduced(parts, signed):
    assert push.signature(*parts) == signed


def test_vector_a_is_taken_as_a_push_and_its_content_kept_to_the_byte():
    signed = "msg_signature=9187b7b9be3af3841b54ceac50109f567048d5ab"
    query = f"timestamp=1795000001&nonce=n0001&encrypt_type=aes&{signed}"
    body = f"<xml><Encrypt><![CDATA[{CIPHER_A}]]></Encrypt></xml>".encode()
    (element,) = recorded.made("wechat_oa").authenticate(
        RawRequest("POST", f"/hooks/wechat_oa/main?{query}", {}, body)
    )
    assert element.inner == "<xml><MsgType>text</MsgType><Content>已收到</Content></xml>".encode()


def test_every_changed_character_of_a_genuine_query_is_noticed():
    channel = recorded.made("wechat_oa")
    genuine = recorded.Recording("wechat_oa", "menu-click").request
    target = genuine.target
    for name in ("timestamp", "nonce", "msg_signature", "encrypt_type"):
        value = parse_qs(urlsplit(target).query)[name][0]
        changed = target.replace(f"{name}={value}", f"{name}={value[:-1]}{'0' if value[-1] != '0' else '1'}")
        with pytest.raises(Forged):
            channel.authenticate(RawRequest("POST", changed, {}, genuine.body))


def test_a_forged_push_is_refused_before_anything_is_decrypted_or_parsed(monkeypatch):
    def touched(*_: object) -> None:
        raise AssertionError("the content was looked at")

    monkeypatch.setattr(PrpCrypto, "__init__", touched)
    monkeypatch.setattr("bot.channels.wechat_oa.events.ElementTree.fromstring", touched)
    forged = recorded.Recording("wechat_oa", "forged-wrong-token")
    with pytest.raises(Forged):
        recorded.made("wechat_oa").authenticate(forged.request)


# ---- What is signed, and what is not ----

OLD = "899cf89e464efb63f54ddac96b0a0a235f53aa78"  # signs the token AAAAA, 1714037059 and 486452656
A_MESSAGE = (
    "<FromUserName>oEMP0001</FromUserName><CreateTime>1795000140</CreateTime>"
    "<MsgType>text</MsgType><Content>收到</Content><MsgId>23456789012345140</MsgId>"
)


def pushed(timestamp: str, nonce: str, cipher: str, signed: str) -> RawRequest:
    query = f"timestamp={timestamp}&nonce={nonce}&encrypt_type=aes&msg_signature={signed}"
    body = f"<xml>{A_MESSAGE}<Encrypt>{cipher}</Encrypt></xml>"
    return RawRequest("POST", f"/hooks/wechat_oa/main?{query}", {}, body.encode())


def cut_anew(run: str) -> Iterator[tuple[str, str, str]]:
    """Yield every way to cut a run of characters into timestamp, nonce and ciphertext."""
    for first, second in combinations_with_replacement(range(len(run) + 1), 2):
        yield from set(permutations((run[:first], run[first:second], run[second:])))


def test_the_signature_of_an_old_request_signs_no_content_however_its_digits_are_cut():
    fitting = [
        parts
        for parts in cut_anew("1714037059486452656")
        if parts[2] and push.signature("AAAAA", *parts) == OLD
    ]
    assert {("1714037059", "", "486452656"), ("", "1714037059", "486452656")} < set(fitting)
    assert len(fitting) > 100
    for parts in fitting:
        with pytest.raises(Forged):
            push.opened(pushed(*parts, OLD), "AAAAA", KEY, "wx00000000000000aa")


def base64_of(size: int) -> str:
    return base64.b64encode(b"x" * size).decode()


@pytest.mark.parametrize(
    ("timestamp", "nonce", "cipher"),
    [
        ("179500000", "n0001", CIPHER_A),
        ("17950000011", "n0001", CIPHER_A),
        ("179500000a", "n0001", CIPHER_A),
        ("", "n0001", CIPHER_A),
        ("1795000001", "", CIPHER_A),
        ("1795000001", "n" * 65, CIPHER_A),
        ("1795000001", "n-0001", CIPHER_A),
        ("1795000001", "n0001", base64_of(16)),
        ("1795000001", "n0001", base64_of(48)),
        ("1795000001", "n0001", base64_of(63)),
        ("1795000001", "n0001", CIPHER_A.rstrip("=")),
        ("1795000001", "n0001", CIPHER_A + "="),
        ("1795000001", "n0001", CIPHER_A[:-2] + "x="),
        ("1795000001", "n0001", "=" + CIPHER_A),
    ],
)
def test_a_part_that_has_not_its_own_form_is_refused_even_with_a_fitting_signature(timestamp, nonce, cipher):
    channel = recorded.made("wechat_oa")
    good = pushed("1795000001", "n0001", CIPHER_A, "9187b7b9be3af3841b54ceac50109f567048d5ab")
    assert channel.authenticate(good)
    signed = push.signature("HuizhengKat1", timestamp, nonce, cipher)
    with pytest.raises(Forged):
        channel.authenticate(pushed(timestamp, nonce, cipher, signed))


@pytest.mark.parametrize(
    ("timestamp", "nonce"),
    [("", "1714037059486452656"), ("1714037059486452656", ""), ("17140370594", "86452656")],
)
def test_an_address_check_whose_parts_are_cut_anew_is_refused(timestamp, nonce):
    assert push.signature("AAAAA", timestamp, nonce) == OLD
    query = f"signature={OLD}&timestamp={timestamp}&nonce={nonce}&echostr=1"
    with pytest.raises(Forged):
        push.greeting(RawRequest("GET", f"/hooks/wechat_oa/main?{query}", {}, b""), "AAAAA")


@pytest.mark.parametrize("name", ["undecipherable", "wrong-padding", "other-appid"])
def test_an_unsigned_message_around_what_cannot_be_opened_is_never_read(name):
    channel, genuine = recorded.made("wechat_oa"), recorded.Recording("wechat_oa", name).request
    around = genuine.body.replace(b"<xml>", f"<xml>{A_MESSAGE}".encode())
    (element,) = channel.authenticate(RawRequest("POST", genuine.target, {}, around))
    cipher = genuine.body.partition(b"<Encrypt><![CDATA[")[2].partition(b"]]>")[0]
    assert element.inner == events.UNOPENED + cipher
    assert (element,) == channel.authenticate(genuine)
    with pytest.raises(Unreadable):
        channel.interpret(element.inner)


def test_a_key_stays_within_its_column_however_long_the_sender_and_the_word_are():
    for size in (1, 60, 90, 200, 5000):
        word = "x" * size
        inner = f"<xml><FromUserName>{word}</FromUserName><EventKey>{word}</EventKey></xml>".encode()
        assert 0 < len(events.key_of(inner)) <= 200


# ---- The client ----


def test_a_message_leaves_as_the_very_bytes_that_were_stored():
    bodies = []

    def script(path: str, target: str, body: bytes) -> Reply:
        bodies.append((path, target, body))
        return token() if path == TOKEN_PATH else Reply(SENT)

    with Scripted(script) as server:
        channel = channel_at(server)
        answer = channel.send(request_of(channel))
    assert (answer.outcome, answer.raw, answer.provider_id) == (Outcome.ACCEPTED, SENT, "3487542469355618313")
    (first, second) = bodies
    assert json.loads(first[2]) == {
        "grant_type": "client_credential",
        "appid": "wx00000000000000aa",
        "secret": "recorded-secret-0001",
        "force_refresh": False,
    }
    assert "secret" not in first[1] and second[1] == f"{SEND_PATH}?access_token=token1"
    assert second[2] == request_of(channel)


def test_a_token_refused_for_ever_ends_after_one_renewal():
    numbers = iter(range(1, 100))

    def script(path: str, *_: object) -> Reply:
        return (
            token(next(numbers)) if path == TOKEN_PATH else told(errcode=40001, errmsg="invalid credential")
        )

    with Scripted(script) as server:
        channel = channel_at(server)
        assert isinstance(failure_of(lambda: channel.send(request_of(channel))), Throttled)
        assert server.calls == {TOKEN_PATH: 2, SEND_PATH: 2}
        failure_of(lambda: channel.send(request_of(channel)))
        assert server.calls == {TOKEN_PATH: 3, SEND_PATH: 4}  # three calls with a token at hand


def test_a_refused_token_that_cannot_be_renewed_is_not_tried_again():
    with Scripted(lambda path, *_: token() if path == TOKEN_PATH else told(errcode=42001)) as server:
        channel = channel_at(server)
        assert isinstance(failure_of(lambda: channel.send(request_of(channel))), Throttled)
        assert server.calls == {TOKEN_PATH: 2, SEND_PATH: 1}


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_stale_token_is_renewed_once_and_the_message_goes_out(code):
    numbers = iter((1, 2))

    def script(path: str, target: str, _: bytes) -> Reply:
        if path == TOKEN_PATH:
            return token(next(numbers))
        return Reply(SENT) if target.endswith("token2") else told(errcode=code, errmsg="stale")

    with Scripted(script) as server:
        channel = channel_at(server)
        assert channel.send(request_of(channel)).provider_id
        assert server.calls == {TOKEN_PATH: 2, SEND_PATH: 2}


def in_twenty_threads(channel) -> list[str]:
    line = threading.Barrier(20)

    def send(number: int) -> str:
        request = channel.prepare(recorded.envelope("oEMP0001", client_ref=f"n-{number}"))
        line.wait()
        return channel.send(request).provider_id

    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(send, range(20)))


def test_twenty_threads_starting_cold_fetch_one_token():
    with Scripted(lambda path, *_: token() if path == TOKEN_PATH else Reply(SENT)) as server:
        assert all(in_twenty_threads(recorded.made("wechat_oa", api_base=server.url)))
        assert server.calls == {TOKEN_PATH: 1, SEND_PATH: 20}


def test_twenty_threads_whose_token_is_withdrawn_renew_it_once():
    numbers, valid = iter((1, 2)), {"token": "token1"}

    def script(path: str, target: str, _: bytes) -> Reply:
        if path == TOKEN_PATH:
            return token(next(numbers))
        return Reply(SENT) if target.endswith(valid["token"]) else told(errcode=40001)

    with Scripted(script) as server:
        channel = recorded.made("wechat_oa", api_base=server.url)
        channel.send(request_of(channel))
        valid["token"] = "token2"
        assert all(in_twenty_threads(channel))
        assert server.calls[TOKEN_PATH] == 2


def test_twenty_threads_do_not_queue_for_a_token_server_that_is_silent():
    with Scripted(lambda *_: Reply(silent=True)) as server:
        channel = channel_at(server)
        with ThreadPoolExecutor(20) as pool:
            failures = list(
                pool.map(lambda _: failure_of(lambda: channel.send(request_of(channel))), range(20))
            )
        assert {type(failure) for failure in failures} == {Throttled}
        assert server.calls == {TOKEN_PATH: 1}


HTML = Reply(b"<html>log in to the proxy</html>", headers={"Content-Type": "text/html"})


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (HTML, Unsure),
        (Reply(b"[]"), Unsure),
        (Reply(b"null"), Unsure),
        (Reply(b"{}"), Unsure),
        (Reply(b'{"errcode": null}'), Unsure),
        (Reply(b'{"errcode": "zero"}'), Unsure),
        (Reply(b"[" * 100_000), Unsure),
        (Reply(b"", status=502), Unsure),
        (Reply(b"", status=302, headers={"Location": "/"}), Unsure),
        (Reply(b"", status=429), Throttled),
        (Reply(silent=True), Unsure),
        (Reply(hang_up=True), Unsure),
        (told(errcode=-1, errmsg="system error"), Unsure),
        (told(errcode=45009, errmsg="quota"), Throttled),
        (told(errcode=45011, errmsg="too often"), Throttled),
        *[
            (told(errcode=code), Refused)
            for code in (40003, 43004, 43019, 43101, 45015, 45047, 48002, 50005, 99999)
        ],
        *[
            (told(errcode=code), Misconfigured)
            for code in (40013, 40037, 40125, 40164, 40243, 47003, 48001, 48004, 50002)
        ],
    ],
)
def test_each_answer_of_wechat_is_told_in_our_words(reply, failure):
    with Scripted(lambda path, *_: token() if path == TOKEN_PATH else reply) as server:
        channel = channel_at(server)
        assert type(failure_of(lambda: channel.send(request_of(channel)))) is failure
        assert server.calls[SEND_PATH] == 1


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (HTML, Throttled),
        (Reply(b"{}"), Throttled),
        (Reply(silent=True), Throttled),
        (Reply(hang_up=True), Throttled),
        (Reply(b"", status=500), Throttled),
        (told(access_token="t", expires_in="soon"), Throttled),
        (told(errcode=-1, errmsg="busy"), Throttled),
        (told(errcode=45009, errmsg="quota"), Throttled),
        *[
            (told(errcode=code, errmsg="no"), Misconfigured)
            for code in (40001, 40013, 40125, 40164, 40243, 41004)
        ],
    ],
)
def test_a_failed_token_call_never_leaves_us_unsure_about_the_message(reply, failure):
    with Scripted(lambda *_: reply) as server:
        channel = channel_at(server)
        assert type(failure_of(lambda: channel.send(request_of(channel)))) is failure
        assert SEND_PATH not in server.calls


def test_what_wechat_says_is_kept_with_its_reference_number():
    with Scripted(
        lambda path, *_: token() if path == TOKEN_PATH else told(errcode=43004, errmsg="no rid: 6a-1")
    ) as server:
        channel = channel_at(server)
        failure = failure_of(lambda: channel.send(request_of(channel)))
    assert (failure.code, failure.said) == ("43004", "no rid: 6a-1") and b"43004" in failure.raw


def test_wechat_cannot_be_asked_about_a_message():
    channel = recorded.made("wechat_oa")
    with pytest.raises(Unsure):
        channel.find(request_of(channel), datetime.now(UTC))


# ---- Templates ----


def data_of(fields: dict[str, str], **envelope: object) -> dict[str, str]:
    channel = recorded.made("wechat_oa", templates={"default": {"id": "T", "fields": fields}})
    message = json.loads(channel.prepare(recorded.envelope("oEMP0001", **envelope)))
    return {name: value["value"] for name, value in message["data"].items()}


@pytest.mark.parametrize(
    ("field", "text", "sent"),
    [
        ("thing1", "返岗提醒", "返岗提醒"),
        ("thing1", "一" * 20, "一" * 20),
        ("thing1", "一" * 21, "一" * 19 + "…"),
        ("thing1", "😀" * 20, "😀" * 9 + "…"),
        ("thing1", "a\nb\t c", "a b c"),
        ("thing1", "", "请点击查看"),
        ("phrase3", "请尽快确认一下", "请尽快确认"),
        ("phrase3", "OK", "请查看"),
        ("character_string2", "编号7K2M-9QXW " * 9, ("7K2M-9QXW" * 9)[:32]),
        ("number4", "共12人", "12"),
        ("name5", "欧阳" * 9, "欧阳" * 4 + "欧…"),
        ("name5", "A" * 30, "A" * 19 + "…"),
        ("time6", "请于2026年11月24日 09:00前到岗", "2026年11月24日 09:00"),
        ("date7", "2026-11-24起", "2026-11-24"),
        ("amount8", "共计￥1234.50元", "￥1234.50元"),
        ("phone_number9", "电话 0571-8800 0000", "0571-88000000"),
        ("car_number1", "浙A12345678", "浙A123456"),
        ("symbol1", "，。！？；：", "，。！？；"),
    ],
)
def test_a_field_is_cut_to_what_wechat_takes(field, text, sent):
    assert data_of({field: "line1"}, lines=(text,)) == {field: sent}


def test_fields_are_filled_from_the_notice_or_with_a_fixed_text():
    fields = {
        "thing1": "title",
        "thing2": "line2",
        "thing3": "firm",
        "character_string4": "record_code",
        "const5": "=待确认",
    }
    values = ["返岗提醒", "如需延期请点开填写", "云杉机械", "7K2M-9QXW", "待确认"]
    assert data_of(fields) == dict(zip(fields, values, strict=True))


def test_a_field_that_stays_empty_is_found_before_anything_is_sent():
    with pytest.raises(Misconfigured, match="time2"):
        data_of({"time2": "line1"}, lines=("尽快",))


def test_a_kind_of_notice_may_have_its_own_template():
    templates = {
        name: {"id": name.upper(), "fields": {"thing1": "title"}} for name in ("default", "return_notice")
    }
    channel = recorded.made("wechat_oa", templates=templates)
    ids = [
        json.loads(channel.prepare(recorded.envelope("o1", kind=k)))["template_id"]
        for k in ("return_notice", "other")
    ]
    assert ids == ["RETURN_NOTICE", "DEFAULT"]


# ---- Media, QR code and sign-in ----


def test_a_picture_is_fetched_as_it_is():
    picture = Reply(b"\xff\xd8picture", headers={"Content-Type": "image/jpeg; q=1"})
    with Scripted(lambda path, *_: token() if path == TOKEN_PATH else picture) as server:
        assert channel_at(server).fetch(Media("M1", "image/jpeg")) == (b"\xff\xd8picture", "image/jpeg")
        assert server.targets[-1] == "/cgi-bin/media/get?media_id=M1&access_token=token1"


def test_a_video_is_fetched_from_where_wechat_says():
    def script(path: str, *_: object) -> Reply:
        if path == "/video":
            return Reply(b"video", headers={"Content-Type": "video/mp4"})
        return token() if path == TOKEN_PATH else told(video_url=f"{server.url}/video")

    with Scripted(script) as server:
        assert channel_at(server).fetch(Media("M1", "video/mp4")) == (b"video", "video/mp4")
        assert server.targets[-1] == "/video"


@pytest.mark.parametrize(
    ("reply", "failure"), [(told(errcode=40007, errmsg="gone"), Refused), (HTML, Unsure)]
)
def test_a_picture_that_is_gone_is_not_taken_for_a_file(reply, failure):
    with Scripted(lambda path, *_: token() if path == TOKEN_PATH else reply) as server:
        channel = channel_at(server)
        assert type(failure_of(lambda: channel.fetch(Media("M1", "image/jpeg")))) is failure


def test_an_invitation_holds_the_code_and_its_address_comes_from_wechat():
    asked = []

    def script(path: str, _: str, body: bytes) -> Reply:
        asked.append(json.loads(body))
        return (
            token()
            if path == TOKEN_PATH
            else told(ticket="g", expire_seconds=1, url="http://weixin.qq.com/q/1")
        )

    with Scripted(script) as server:
        assert channel_at(server).invitation("7f3c9a") == "http://weixin.qq.com/q/1"
    assert asked[-1] == {
        "expire_seconds": 2_592_000,
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": "7f3c9a"}},
    }


@pytest.mark.parametrize("code", ["", "0", "x" * 65, "工号"])
def test_a_code_that_a_scene_cannot_hold_is_refused(code):
    with pytest.raises(Refused):
        recorded.made("wechat_oa").invitation(code)


def test_the_reader_is_sent_to_wechats_silent_sign_in():
    address = recorded.made("wechat_oa").ask_who("https://hz.example.cn/n/k7?x=1", "s1")
    query = parse_qs(urlsplit(address).query)
    assert address.startswith("https://open.weixin.qq.com/connect/oauth2/authorize?")
    assert address.endswith("#wechat_redirect")
    assert query == {
        "appid": ["wx00000000000000aa"],
        "redirect_uri": ["https://hz.example.cn/n/k7?x=1"],
        "response_type": ["code"],
        "scope": ["snsapi_base"],
        "state": ["s1"],
    }


USER = {"access_token": "t", "refresh_token": "r", "expires_in": 7200, "openid": "oEMP0001"}


def test_the_reader_is_who_wechat_says():
    with Scripted(lambda *_: told(**USER)) as server:
        assert channel_at(server).who("code1") == "oEMP0001"


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (told(**USER, is_snapshotuser=1), Refused),
        (told(errcode=40163, errmsg="code been used"), Refused),
        (told(**(USER | {"openid": ""})), Unsure),
        (HTML, Unsure),
        (Reply(silent=True), Unsure),
        (Reply(b"", status=500), Unsure),
    ],
    ids=["preview", "used code", "nobody", "web page", "silence", "error"],
)
def test_a_preview_or_a_failed_sign_in_names_nobody(reply, failure):
    with Scripted(lambda *_: reply) as server:
        channel = channel_at(server)
        caught = failure_of(lambda: channel.who("code1"))
    assert type(caught) is failure and "recorded-secret" not in str(caught)


# ---- Against the sandbox ----


def test_a_person_who_scans_follows_writes_and_leaves_is_understood():
    acknowledgement = recorded.made("wechat_oa").acknowledgement()
    with (
        Receiver(acknowledgement) as receiver,
        recorded.emulator("wechat_oa").started(receiver.url) as changed,
    ):
        channel = recorded.made("wechat_oa", **changed)
        admin = changed["api_base"] + "/admin"

        def does(what: str, **words: object) -> None:
            requests.post(f"{admin}/{what}", json=words, timeout=5).raise_for_status()

        assert channel.invitation("bind.7f3c9a").startswith("http")
        does("scan", openid="oNEW0000", scene="bind.7f3c9a")
        does("reply", channel="wechat", address="oNEW0000", text="  收到 ")
        does("reply", channel="wechat", address="oNEW0000", image="sample")
        does("unfollow", openid="oNEW0000")
        bound, text, picture, gone = receiver.told(channel, 4)
        content, kind = channel.fetch(picture.media[0])
    assert (bound.address, bound.code) == ("oNEW0000", "bind.7f3c9a")
    assert text.text == "  收到 " and gone.address == "oNEW0000"
    assert kind.startswith("image/") and content
