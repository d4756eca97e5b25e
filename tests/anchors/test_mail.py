"""The daily mail, handed to a real mail server on this machine."""

import email
import email.policy
import socket
from datetime import datetime

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from bot.anchors.mail import Mailbox, Server, masked
from bot.anchors.submission import read
from bot.config import ConfigError
from casework.workdays import BEIJING
from handlers.vouching import AnchorFailed, Anchoring
from tests.anchors.trees import Tree

TREE = Tree()
AT = datetime(2026, 11, 23, 2, 0, 5, tzinfo=BEIJING)


class Inbox:
    """Keeps what it is sent; ``refuse`` is what it says instead."""

    def __init__(self):
        self.got, self.refuse = [], None

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  (aiosmtpd's name)
        if self.refuse:
            return self.refuse
        self.got.append(envelope)
        return "250 OK"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def inbox():
    made = Inbox()

    def known(server, session, envelope, mechanism, data):
        right = (data.login, data.password) == (b"hz@example.cn", b"p@ss/word")
        return AuthResult(success=right, handled=right)

    controller = Controller(
        made, "127.0.0.1", free_port(), authenticator=known, auth_require_tls=False, auth_required=False
    )
    controller.start()
    made.url = f"127.0.0.1:{controller.port}"
    yield made
    controller.stop()


def box(url, to="zhou@lawfirm.example"):
    return Mailbox(Server.at(url), "huizheng@example.cn", to, masked([to])[0], lambda: AT)


def asking(size=7, last=3):
    return Anchoring(TREE.note(size), TREE.checkpoint(size), lambda old: TREE.proof(old, size), last)


def test_counsel_gets_the_checkpoint_and_the_proof_since_the_last_mail(inbox):
    sent = box(f"smtp://{inbox.url}").anchor(asking())

    (got,) = inbox.got
    message = email.message_from_bytes(got.content, policy=email.policy.default)
    attached = {part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()}
    body = message.get_body().get_content()
    assert got.rcpt_tos == ["zhou@lawfirm.example"]
    assert message["Subject"] == "回证存证 2026-11-23：7 条记录"
    assert attached["checkpoint.txt"] == TREE.note(7)
    given = read(attached["add-checkpoint.txt"])
    assert (given.old, list(given.proof), given.note) == (3, TREE.proof(3, 7), TREE.note(7))
    for words in ("请保留", "不必回复", "7", "huizheng.a1b2c3d4/log/1", "2026-11-23 02:00"):
        assert words in body
    assert (sent.media, sent.time) == ("message/rfc822", None)
    assert (
        email.message_from_bytes(sent.token, policy=email.policy.default)["Message-ID"]
        == message["Message-ID"]
    )


def test_the_first_mail_has_no_proof_to_bring(inbox):
    box(f"smtp://{inbox.url}").anchor(asking(last=0))

    message = email.message_from_bytes(inbox.got[0].content, policy=email.policy.default)
    attached = {part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()}
    assert read(attached["add-checkpoint.txt"]).proof == ()


def test_name_and_password_in_the_address_are_used_decoded(inbox):
    box(f"smtp://hz%40example.cn:p%40ss%2Fword@{inbox.url}").anchor(asking())
    assert len(inbox.got) == 1


def test_a_wrong_password_is_named_but_never_shown(inbox):
    with pytest.raises(AnchorFailed, match="SMTPAuthenticationError 535") as caught:
        box(f"smtp://hz%40example.cn:geheim@{inbox.url}").anchor(asking())
    assert "geheim" not in str(caught.value) and "hz@" not in str(caught.value)


@pytest.mark.parametrize("answer", ["550 no such mailbox zhou@lawfirm.example", "451 later"])
def test_a_refusal_is_named_without_the_address(inbox, answer):
    inbox.refuse = answer
    with pytest.raises(AnchorFailed, match=f"not taken .*{answer[:3]}") as caught:
        box(f"smtp://{inbox.url}").anchor(asking())
    assert "zhou" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["smtp", "smtps", "starttls"])
def test_a_server_that_is_away_is_named(scheme):
    with pytest.raises(AnchorFailed, match="not taken"):
        box(f"{scheme}://127.0.0.1:{free_port()}").anchor(asking())


@pytest.mark.parametrize("scheme", ["smtps", "starttls"])
def test_where_encryption_is_asked_for_nothing_goes_in_clear(inbox, scheme):
    with pytest.raises(AnchorFailed):
        box(f"{scheme}://{inbox.url}").anchor(asking())
    assert inbox.got == []


def test_nothing_of_the_server_or_the_person_shows_when_it_is_printed():
    shown = repr(box("smtps://user:geheim@mail.example.cn"))
    assert not any(word in shown for word in ("geheim", "user", "zhou"))


@pytest.mark.parametrize(
    "url",
    ["mail.example.cn", "http://mail.example.cn", "smtps://", "smtp://h:x", "smtps://h/path", "smtp://["],
)
def test_what_is_no_mail_server_is_refused_without_being_shown(url):
    with pytest.raises(ConfigError, match="anchor_smtp_url") as caught:
        Server.at(url)
    assert "mail.example.cn" not in str(caught.value)


def test_a_password_is_not_sent_in_clear_to_another_machine():
    with pytest.raises(ConfigError, match="smtps"):
        Server.at("smtp://user:geheim@mail.example.cn:25")


def test_addresses_are_masked_and_stay_apart():
    assert masked(["zhou@a.cn", "zhang@a.cn", "li@a.cn"]) == ["z***@a.cn", "z***@a.cn (2)", "l***@a.cn"]


@pytest.mark.parametrize("address", ["zhou", "@a.cn", "zhou@", "a b@c.cn", "a@b.cn, c@d.cn"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ConfigError, match="anchor_mail_to"):
        masked([address])
