"""`witness`: on counsel's machine, cosign the firm's log as long as it only ever grows."""

import re
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
from waitress import create_server

from bot.commands.common import unusable
from bot.witness.keyfile import KeyUnusable, WitnessKey, make_key, read_key
from bot.witness.pull import Contradicted, Evaded, NotReached, OtherLog, Shrunk, pull
from bot.witness.serving import witness_app
from bot.witness.store import Store
from bot.witness.witness import Forked, Refused, Witness
from evidence.errors import NoteError
from evidence.note import LOG, Key, parse_vkey
from sandbox.clock import Clock
from storage.ids import SystemIds

THREADS = 4
UNITS = {"m": 60, "h": 3600, "d": 86400}
WHAT_TO_DO = """请立即：
  1. 不要删除 --state 文件夹；把它整个复制到别处保存，它就是证据。
  2. 联系该单位和承办律师，书面询问原因：日志被改动过，还是从旧备份恢复过？
  3. 在得到解释之前，不要继续为这本日志见证，也不要换一个空文件夹重新开始。
Keep the --state folder, ask the firm in writing, and do not go on before a person has decided."""


@click.command("witness")
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="The witness's own key file; made at the first start.")  # fmt: skip
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="Folder in which it remembers what it saw.")  # fmt: skip
@click.option("--log", "logs", multiple=True, required=True, metavar="VKEY",
              help="The log's public key, received from the firm on a safe way; may repeat.")  # fmt: skip
@click.option("--name", help="Name of the key at the first start, e.g. witness.lawfirm.example.")
@click.option("--bind", default="127.0.0.1:8470", show_default=True, help="Serve tlog-witness here.")
@click.option("--pull", "url", metavar="URL", help="Pull from the firm's server instead (behind NAT).")
@click.option("--once", is_flag=True, help="With --pull: once, then end.")
@click.option("--every", default="1h", show_default=True, help="With --pull: again after 30m, 1h, 1d …")
@click.option("--accept-epoch", is_flag=True, help="A person has accepted the log's new epoch.")
@click.option("--time-url", hidden=True, help="Where a demonstration's business time is told.")
def witness_command(
    key: Path, state: Path, logs: tuple[str, ...], name: str | None, bind: str, url: str | None,
    once: bool, every: str, accept_epoch: bool, time_url: str | None,
) -> None:  # fmt: skip
    """Cosign a firm's evidence log on a machine that the firm does not control.

    Needs neither a database nor settings. It cosigns a checkpoint only when it
    continues the last one that it saw; of a log that was changed, shortened or
    forked it keeps both versions as evidence and says what to do.
    """
    held = _key(key, name)
    witness = Witness(held, Store(state), [_log_key(one) for one in logs], _clock(time_url))
    _must_accept(witness, accept_epoch)
    if url is None:
        _serve(witness, bind)
    elif once:
        _pull(witness, url.rstrip("/"), patient=False)
    else:
        _pull_for_ever(witness, url.rstrip("/"), _seconds(every))


def _key(path: Path, name: str | None) -> WitnessKey:
    ids = SystemIds()
    first = not path.exists()
    try:
        held = make_key(path, name or f"witness.{ids.token(8)}", ids.bytes(32)) if first else read_key(path)
    except KeyUnusable as error:
        raise unusable(f"--key: {error}.") from None
    if first:
        click.echo(f"已生成见证密钥 {path}：请另存一份，不要交给任何人。")
        click.echo("请把下面这一行公钥交给该单位，由其写入设置 evidence.witness_keys：")
        click.echo("Give the next line to the firm, for its setting evidence.witness_keys:")
    click.echo(held.public.vkey)
    return held


def _log_key(text: str) -> Key:
    try:
        key = parse_vkey(text)
    except NoteError as error:
        raise unusable(
            f"--log is not a vkey ({error}): copy the whole line that the firm gave you."
        ) from None
    if key.kind != LOG:
        raise unusable("--log is a witness's key: give the log's.")
    return key


def _clock(time_url: str | None) -> Callable[[], datetime]:
    return Clock(time_url).now if time_url else lambda: datetime.now(UTC)


def _must_accept(witness: Witness, accepted: bool) -> None:
    """A new epoch is a new log: whether the firm's reason for it is good is not for a program to decide."""
    known = witness.store.origins()
    new = [key.name for key in witness.logs if key.name not in known]
    older = [origin for origin in known if _deployment(origin) in map(_deployment, new)]
    if older and not accepted:
        click.echo(
            f"{', '.join(new)} 是同一单位日志的新纪元，此前见证的是 {', '.join(older)}。新纪元意味着该单位\n"
            "从旧备份恢复过，可能丢失了记录。请先问清原因并核对丢失范围，认可后再加 --accept-epoch。\n"
            "A new epoch: ask the firm why, then start again with --accept-epoch.",
            err=True,
        )
        raise SystemExit(1)


def _deployment(origin: str) -> str:
    return origin.partition("/log/")[0]


def _serve(witness: Witness, bind: str) -> None:
    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit():
        raise unusable("--bind must be a host and a port: write 127.0.0.1:8470.")
    try:
        server = create_server(
            witness_app(witness, _alarm), host=host, port=int(port), threads=THREADS, ident=None
        )
    except OSError as error:
        raise click.ClickException(
            f"--bind {bind} cannot be listened on ({error.strerror}): choose another"
        ) from None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    click.echo(f"Serving tlog-witness on {host}:{server.effective_port}")
    try:
        server.run()
    finally:
        server.close()


def _stop(*_: object) -> None:
    raise SystemExit(0)


def _pull_for_ever(witness: Witness, url: str, seconds: int) -> None:
    while True:
        _pull(witness, url, patient=True)
        time.sleep(seconds)


def _pull(witness: Witness, url: str, *, patient: bool) -> None:
    """Pull once; ``patient`` lets a server that is away be asked again later."""
    try:
        for origin in _to_pull(witness):
            seen = pull(witness, url, origin)
            click.echo(f"已见证 cosigned {seen.origin}：{seen.size} 条记录，{seen.root.hex()[:16]}…")
    except NotReached as error:
        click.echo(f"没有取到 not reached：{error}", err=True)
        if not patient:
            raise SystemExit(1) from None
    except (Contradicted, Refused) as error:
        _contradiction(error)
        raise SystemExit(1) from None


def _to_pull(witness: Witness) -> list[str]:
    """Return the newest epoch alone: the server no longer offers those before it."""
    return [max((key.name for key in witness.logs), key=lambda name: (len(name), name))]


def _contradiction(error: Exception) -> None:
    what = {
        Forked: "日志分叉：对方签名的两个版本互相矛盾",
        Shrunk: "日志变短：记录比此前见证的少",
        Evaded: "答非所问：对方没有从上次见证的地方接着出示",
        OtherLog: "不是同一本日志：可能是新纪元，需换用新的 --log，并加 --accept-epoch",
    }.get(type(error), "拒绝见证：签名或内容不对")
    click.echo(f"\n！！！{what}\nREFUSED: {error}", err=True)
    if isinstance(error, (Forked, Contradicted)) and error.folder:
        click.echo(f"两个版本保存在 both versions are kept in {error.folder}", err=True)
    click.echo(WHAT_TO_DO, err=True)


def _alarm(forked: Forked) -> None:
    _contradiction(forked)


def _seconds(every: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,3})([mhd])", every)
    if found is None:
        raise unusable("--every must be a number and m, h or d: write 30m, 1h or 1d.")
    return int(found[1]) * UNITS[found[2]]
