"""The sandbox seals and signs as WeChat does, seen from known answers and from wechatpy."""

import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from sandbox.wechat_oa.envelope import encrypt, query, signature, xml

TOKEN, KEY = "HuizhengKat1", "hz0Kat1Kat2Kat3Kat4Kat5Kat6Kat7Kat8Kat9KatA"
A = (
    "S9cS02yrduWC5ck0oibMF6uicE/NboxZi/8Bv2YhHoeUF3o6TW6K0EuZ2FtOUhc15xpsDKZOSMUXxGnKGF8RpLgC8D2RlYssWjGFalOf7W"
    "ePYyANNE8aX/gZIJVBNV1MDI7qgtljZGEANVV1MVIvFKIIGzEgrEEWNRDYJVQqb5w="
)
B = "9KJyrRn0A2kbVxHSPmF+fppa6c8kJIEdoeJkC9TB9G7kQszP9svKPCL5u2nyH9vWXdSZObdW7umwePirC2TtEg=="
C = "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg=="
A_MESSAGE = "<xml><MsgType>text</MsgType><Content>已收到</Content></xml>"
C_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.mark.parametrize(
    ("key", "receiver", "random16", "message", "sealed"),
    [
        (KEY, "wx00000000000000aa", b"0123456789abcdef", A_MESSAGE, A),
        (KEY, "ww00000000000000bb", b"fedcba9876543210", "4207849302175512", B),
        (C_KEY, "wxb11529c136998cb6", b"aaaabbbbccccdddd", "我是中文abcd123", C),
    ],
    ids=["A", "B", "C"],
)
def test_a_known_message_is_sealed_into_the_known_bytes(key, receiver, random16, message, sealed):
    assert encrypt(key, receiver, message.encode(), random16) == sealed


@pytest.mark.parametrize(
    ("parts", "signed"),
    [
        ((TOKEN, "1795000001", "n0001", A), "9187b7b9be3af3841b54ceac50109f567048d5ab"),
        ((TOKEN, "1795000001", "n0001"), "ef52698fc11c510c4a08898fb872deedd5b12865"),
        ((TOKEN, "1795000002", "n0002", B), "6e8e72a4d1800dc86a3cb100d2123e0e7efe0c05"),
        (("AAAAA", "1714037059", "486452656"), "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
    ],
    ids=["A message", "A request", "B message", "Tencent's own"],
)
def test_a_known_request_gets_the_known_signature(parts, signed):
    assert signature(*parts) == signed


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200).filter(lambda text: text == text.strip()))
def test_wechatpy_reads_back_whatever_the_sandbox_seals(content):
    inner = xml(("MsgType", "text"), ("Content", content))
    sealed = encrypt(KEY, "wx00000000000000aa", inner, secrets.token_bytes(16))
    outer = xml(("ToUserName", "gh_demo"), ("Encrypt", sealed))
    signed = signature(TOKEN, "1795000001", "n0001", sealed)

    read = WeChatCrypto(TOKEN, KEY, "wx00000000000000aa").decrypt_message(
        outer, signed, "1795000001", "n0001"
    )

    assert read.encode() == inner


def test_a_text_that_would_close_the_cdata_section_stays_text():
    assert (
        xml(("Content", "]]><Evil/>")) == b"<xml><Content><![CDATA[]]]]><![CDATA[><Evil/>]]></Content></xml>"
    )


def test_the_query_names_both_signatures_and_the_mode():
    asked = query(TOKEN, "1795000001", "n0001", "oEMP0001", A)
    assert "encrypt_type=aes" in asked
    assert "signature=ef52698fc11c510c4a08898fb872deedd5b12865" in asked
    assert "msg_signature=9187b7b9be3af3841b54ceac50109f567048d5ab" in asked
