"""The daily mail to counsel: the signed checkpoint, kept where the firm cannot change it afterwards."""

import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

from bot.addresses import is_loopback
from bot.anchors.submission import written
from bot.config import ConfigError
from casework.workdays import BEIJING
from handlers.vouching import Anchored, AnchorFailed, Anchoring

MEDIA = "message/rfc822"
PATIENCE = 5.0  # seconds for one word of the conversation
PORTS = {"smtp": 25, "smtps": 465, "starttls": 587}
TEXT = """您好：

这是回证系统自动发出的存证邮件，请保留，不必回复。

附件 checkpoint.txt 是本单位工伤证据日志截至发信时的“签名校验点”：日志的名称、记录条数和全部记录的校验值，
不含任何个人信息，也看不出案件内容。这封邮件存在您的邮箱里，单位无法再改动；日后如有人删改、
抽换或补写此前的记录，与本邮件一对照即可发现。

附件 add-checkpoint.txt 另含从上一封邮件到这一封的“连续性证明”，供见证程序核对，平时不必打开。

需要核对时，请运行 huizheng verify，或把本邮件连同证据包交给鉴定机构。

日志名称：{origin}
记录条数：{size}
发信时间：{at}（北京时间）
"""


@dataclass(frozen=True)
class Server:
    """The mail server of a URL; ``smtp`` is plain, ``starttls`` and ``smtps`` are encrypted or fail."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)

    @classmethod
    def at(cls, url: str) -> "Server":
        """Read a URL; raises ConfigError, which never shows it."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if host is None or parts.scheme not in PORTS or parts.path.strip("/"):
            raise ConfigError(
                "evidence.anchor_smtp_url is not a mail server: write smtps://user:password@host:465,"
                " starttls://user:password@host:587 or smtp://host:25."
            )
        if parts.username and parts.scheme == "smtp" and not is_loopback(host):
            raise ConfigError(
                "evidence.anchor_smtp_url would send the password in clear: write smtps:// or starttls://."
            )
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.scheme, host, port or PORTS[parts.scheme], user, password)

    def send(self, message: EmailMessage) -> None:
        """Hand a message over; raises SMTPException or OSError."""
        encryption = ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(self.host, self.port, timeout=PATIENCE, context=encryption)
            if self.scheme == "smtps"
            else smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
        ) as server:
            if self.scheme == "starttls":
                server.starttls(context=encryption)
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message)


@dataclass(frozen=True)
class Mailbox:
    """One recipient of the daily mail; ``service`` is the address as records and logs may show it."""

    server: Server = field(repr=False)
    sender: str
    to: str = field(repr=False)
    service: str
    now: Callable[[], datetime] = field(repr=False)
    kind: str = field(default="mail", init=False)

    def anchor(self, asked: Anchoring) -> Anchored:
        """Mail the checkpoint. Raises AnchorFailed."""
        message = self._message(asked)
        try:
            self.server.send(message)
        except (smtplib.SMTPException, OSError) as error:
            raise AnchorFailed(_said(error)) from error
        return Anchored(message.as_bytes(), MEDIA, None)

    def _message(self, asked: Anchoring) -> EmailMessage:
        at = self.now().astimezone(BEIJING)
        message = EmailMessage()
        message["From"], message["To"] = self.sender, self.to
        message["Subject"] = f"回证存证 {at:%Y-%m-%d}：{asked.checkpoint.size} 条记录"
        message["Date"] = format_datetime(at)
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2] or None)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices in return
        message.set_content(
            TEXT.format(origin=asked.checkpoint.origin, size=asked.checkpoint.size, at=f"{at:%Y-%m-%d %H:%M}")
        )
        for name, data in (("checkpoint.txt", asked.note), ("add-checkpoint.txt", _continued(asked))):
            # As bytes: a text would lose its exact line ends on the way.
            message.add_attachment(data, "text", "plain", filename=name, params={"charset": "utf-8"})
        return message


def masked(addresses: Sequence[str]) -> list[str]:
    """Return addresses as records may show them, all different: the first letter, and the host."""
    names: list[str] = []
    for address in addresses:
        local, at, host = address.rpartition("@")
        if not (local and at and host) or any(c.isspace() or c in ",;<>" for c in address):
            raise ConfigError("evidence.anchor_mail_to holds what is no mail address: correct it.")
        name = f"{local[0]}***@{host}"
        names.append(name if name not in names else f"{name} ({len(names) + 1})")
    return names


def _continued(asked: Anchoring) -> bytes:
    try:
        proof = asked.proof_from(asked.last) if asked.last else ()
    except ValueError as error:
        raise AnchorFailed(f"no proof from size {asked.last} to {asked.checkpoint.size}") from error
    return written(asked.last, proof, asked.note)


def _said(error: Exception) -> str:
    """Say what went wrong without what a server may repeat: names, passwords, addresses."""
    code = getattr(error, "smtp_code", None)
    return f"the mail was not taken ({type(error).__name__}{f' {code}' if code else ''})"
