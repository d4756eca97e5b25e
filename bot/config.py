"""The settings: one TOML file, overridden by the environment, and refused in one clear sentence."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from bot.addresses import AnyAddress, DatabaseAddress, Listed, LogOrigin, PublicAddress, WebAddress

_PREFIX = "HUIZHENG_"


class ConfigError(Exception):
    """A setting is missing or wrong; the message is one sentence with the key and the remedy."""


class Strict(BaseModel):
    """A table of settings in which an unknown key is an error and no value ever shows in a message."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)


class Server(Strict):
    """Where we listen and under which address the world reaches us."""

    public_url: PublicAddress = Field(
        description="Address under which employees and gateways reach us; https except on this machine.",
        examples=["https://hz.example.cn"],
    )
    bind: str = Field("127.0.0.1:8460", pattern=r".+:\d+$", description="Host and port to listen on.")
    trusted_proxies: Annotated[tuple[str, ...], Listed] = Field(
        (), description="Addresses of reverse proxies whose X-Forwarded-For we believe."
    )
    sandbox: bool = Field(False, description="True only for demonstrations: the clock can be moved.")


class Database(Strict):
    """Where everything is written down."""

    url: DatabaseAddress = Field(
        description="sqlite:///… or postgresql+psycopg://…", examples=["sqlite:///var/huizheng.db"]
    )


class Keys(Strict):
    """The deployment key, which opens every other key."""

    file: Path = Field(
        description="File with the deployment key; never in the database.", examples=["var/keys.json"]
    )


class Evidence(Strict):
    """The log of evidence and those who vouch for it from outside."""

    origin: LogOrigin = Field(
        description="Name of the log, chosen once: huizheng.<8 letters or digits>/log/1.",
        examples=["huizheng.k7m2p9qx/log/1"],
    )
    data_dir: Path = Field(Path("var"), description="Folder for spool files and exports.")
    tsa_urls: Annotated[tuple[AnyAddress, ...], Listed] = Field(
        (), description="RFC 3161 time-stamp services."
    )
    witness_urls: Annotated[tuple[WebAddress, ...], Listed] = Field(
        (), description="Witnesses that cosign the log."
    )
    witness_keys: Annotated[tuple[str, ...], Listed] = Field(
        (),
        description="Their vkeys, as `huizheng witness` prints them, in that order; then of those that pull.",
    )
    anchor_mail_to: Annotated[tuple[str, ...], Listed] = Field(
        (), description="Addresses that receive the day's checkpoint by mail."
    )
    anchor_mail_from: str = Field("", description="Sender of that mail.", examples=["huizheng@example.cn"])
    anchor_smtp_url: SecretStr | None = Field(
        None,
        description="Mail server for it: smtps://user:password@host:465 or smtp://host:25.",
        examples=["smtps://huizheng:…@smtp.example.cn:465"],
    )
    anchor_hour: int = Field(2, ge=0, le=23, description="Beijing hour of the daily heads and anchors.")
    checkpoint_minutes: int = Field(5, ge=1, le=1440, description="At most this long between checkpoints.")
    signer_socket: Path | None = Field(
        None, description="Unix socket of `huizheng signer`; by default signer.sock in data_dir."
    )
    signer_dir: Path | None = Field(
        None, description="Folder of the signer's own key and state; by default signer/ in data_dir."
    )


class Sending(Strict):
    """How many messages one person may get, on all channels together; 0 means without limit."""

    person_hour: int = Field(6, ge=0, description="Messages to one person in one clock hour.")
    person_day: int = Field(12, ge=0, description="Messages to one person in one day, Beijing time.")


class Ops(Strict):
    """What tells the operator that all is well."""

    heartbeat_url: SecretStr | None = Field(
        None,
        description="Called while the worker is healthy; an outside monitor rings when it stops.",
        examples=["https://hc.example.cn/ping/…"],
    )
    spool_files: int = Field(
        10_000, ge=1, description="Webhooks that may wait on disk while the database is away; then 500."
    )
    spool_mib: int = Field(256, ge=1, description="MiB that they may take there.")


class Settings(Strict):
    """Everything a deployment may set; the tables below channels are checked by bot.registry."""

    server: Server
    database: Database
    keys: Keys
    evidence: Evidence
    sending: Sending = Field(default_factory=lambda: Sending.model_validate({}))
    ops: Ops = Field(default_factory=lambda: Ops.model_validate({}))
    channels: dict[str, dict[str, dict[str, Any]]] = Field(default_factory=dict, repr=False)  # hold secrets


def load(path: Path | None, env: Mapping[str, str]) -> Settings:
    """Read the file, lay the environment over it and check everything but the channels' own tables.

    ``path`` None means the file that HUIZHENG_CONFIG names, or no file. Raises ConfigError.
    """
    path = path or (Path(env["HUIZHENG_CONFIG"]) if env.get("HUIZHENG_CONFIG") else None)
    tree = _parsed(path) if path else {}
    for name in sorted(env):
        if name.startswith(_PREFIX) and _is_setting(name):
            _plant(tree, name, env)
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(explain(error, Settings)) from None


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML ({error}): correct that line.") from None
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            f"{path} cannot be read as UTF-8 text: name another file with --config or HUIZHENG_CONFIG."
        ) from None


def explain(error: ValidationError, model: type[BaseModel], prefix: str = "") -> str:
    """Say the first fault as one sentence with key and remedy, and never with the value."""
    first = error.errors(include_url=False, include_context=True, include_input=False)[0]
    key = ".".join([*filter(None, [prefix]), *map(str, first["loc"])])
    if first["type"] == "extra_forbidden":
        close = difflib.get_close_matches(str(first["loc"][-1]), _names(model, first["loc"][:-1]), n=1)
        return f"{key} is not a setting: {f'correct it to {close[0]}' if close else 'remove it'}."
    if first["type"] == "missing":
        variable = _PREFIX + key.upper().replace(".", "__")
        remedy = f"set {variable}" if "." in key else f"add the table [{key}] as in config.example.toml"
        return f"{key} is missing: {remedy}."
    if first["type"] == "value_error":
        return f"{key} {first['ctx']['error']}."
    said = first["msg"][0].lower() + first["msg"][1:]
    return f"{key} is not usable ({said}): correct it as in config.example.toml."


def _names(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    for step in path:
        field = model.model_fields.get(str(step))
        if (
            field is None
            or not isinstance(field.annotation, type)
            or not issubclass(field.annotation, BaseModel)
        ):
            return []
        model = field.annotation
    return list(model.model_fields)


def _is_setting(name: str) -> bool:
    rest = name.removeprefix(_PREFIX).lower()
    for section in Settings.model_fields:
        if rest.startswith(section + "_") and not rest.startswith(section + "__"):
            raise ConfigError(f"{name} is not a setting: write two underscores for each dot of the key.")
    return "__" in rest


def _plant(tree: dict[str, Any], name: str, env: Mapping[str, str]) -> None:
    """Put one variable into the tables: HUIZHENG_SERVER__BIND=… is bind of [server]."""
    *tables, key = name.removeprefix(_PREFIX).lower().split("__")
    for table in tables:
        tree = tree.setdefault(table, {})
        if not isinstance(tree, dict):
            raise ConfigError(f"{name} lies below a key that holds a value: remove one of the two.")
    if key.endswith("_file"):
        key, value = key.removesuffix("_file"), _held_by(name, env)
    else:
        value = env[name]
    tree[key] = value


def _held_by(name: str, env: Mapping[str, str]) -> str:
    """Return what the file holds that a variable ending in _FILE names, the way for secrets."""
    if name.removesuffix("_FILE") in env:
        raise ConfigError(f"{name} and {name.removesuffix('_FILE')} are both set: keep one of them.")
    try:
        return Path(env[name]).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            f"{name} names a file that cannot be read: correct the path or its rights."
        ) from None
