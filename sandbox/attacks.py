"""Requests that an attacker would send to the application's webhooks; none may change anything there."""

import secrets
from dataclasses import replace
from urllib.parse import urldefrag

from sandbox.gateways.twilio_callbacks import signed_form
from sandbox.gateways.wechat_callbacks import enveloped
from sandbox.postman import Manner, Outgoing, post
from sandbox.wechat_oa.envelope import query, signature, xml
from sandbox.world import World

WECHAT = ("unsigned", "plaintext", "bad_signature", "broken_xml", "huge")
SMS = ("unsigned", "bad_signature", "huge")
HUGE = 2_000_000  # bytes
BROKEN = "<xml><MsgType><![CDATA[text]]></MsgType><Content>没有写完".encode()
ONCE = Manner(1, 5, 15, lambda heard: True)
FORGER = "oFORGED000"


def attack(world: World, kind: str, channel: str, times: int) -> list[int]:
    """Send an attack so many times and return the statuses; 0 where no answer came.

    A kind that the channel does not know raises ValueError.
    """
    if kind not in (WECHAT if channel == "wechat" else SMS):
        raise ValueError(f"{channel} knows no attack {kind!r}")
    forge = _wechat if channel == "wechat" else _sms
    return [post(forge(world, kind), ONCE).status for _ in range(times)]


def _wechat(world: World, kind: str) -> Outgoing:
    if kind == "plaintext":
        return _plaintext(world)
    if kind == "huge":
        return _huge(world)
    honest = enveloped(world, FORGER, BROKEN if kind == "broken_xml" else _message(world))
    if kind == "unsigned":
        return replace(honest, url=world.settings.wechat_hook + "?encrypt_type=aes")
    if kind == "bad_signature":
        url, _, good = honest.url.rpartition("msg_signature=")
        return replace(honest, url=f"{url}msg_signature={good[::-1]}")
    return honest


def _plaintext(world: World) -> Outgoing:
    """The downgrade: a captured signature covers no body, so any plain body fits it."""
    stamp, nonce = str(int(world.clock.now().timestamp())), secrets.token_hex(5)
    signed = signature(world.settings.wechat_token, stamp, nonce)
    asked = f"signature={signed}&timestamp={stamp}&nonce={nonce}&openid={FORGER}"
    return Outgoing(f"{world.settings.wechat_hook}?{asked}", {"Content-Type": "text/xml"}, _message(world))


def _huge(world: World) -> Outgoing:
    sealed, stamp = "A" * HUGE, str(int(world.clock.now().timestamp()))
    asked = query(world.settings.wechat_token, stamp, secrets.token_hex(5), FORGER, sealed)
    body = xml(("ToUserName", world.settings.wechat_gh_id), ("Encrypt", sealed))
    return Outgoing(f"{world.settings.wechat_hook}?{asked}", {"Content-Type": "text/xml"}, body)


def _message(world: World) -> bytes:
    return xml(
        ("ToUserName", world.settings.wechat_gh_id),
        ("FromUserName", FORGER),
        ("CreateTime", int(world.clock.now().timestamp())),
        ("MsgType", "text"),
        ("Content", "我同意，已收到"),
        ("MsgId", 7_000_000_000_000_000_001),
    )


def _sms(world: World, kind: str) -> Outgoing:
    settings = world.settings
    fields = [
        ("MessageSid", "SM" + "0" * 32),
        ("AccountSid", settings.twilio_sid),
        ("From", "+85290000000"),
        ("To", settings.twilio_number),
        ("Body", "收到" if kind != "huge" else "A" * HUGE),
        ("NumMedia", "0"),
    ]
    token = settings.twilio_token if kind == "huge" else "not the token"
    forged = signed_form(token, urldefrag(settings.twilio_inbound).url, fields, secrets.token_hex(8))
    if kind == "unsigned":
        bare = {name: value for name, value in forged.headers.items() if name != "X-Twilio-Signature"}
        return replace(forged, headers=bare)
    return forged
