"""The channels there are, one line each; from here come their settings, objects and the example file."""

import json
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Protocol, cast

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from bot.config import ConfigError, Settings, explain
from bot.pacing import Pacing, split
from handlers.ports import Channel

CHANNELS = {
    "wechat_oa": "bot.channels.wechat_oa.channel",
    "sms_twilio": "bot.channels.sms_twilio.channel",
}

Channels = dict[tuple[str, str], Channel]  # by name and account, as in /hooks/<name>/<account>
_HEAD = """\
# Settings of Huizheng. This file is generated; copy it to config.toml and edit the copy.
#
# Every setting can also come from the environment, with two underscores for each dot:
#   HUIZHENG_SERVER__PUBLIC_URL=https://hz.example.cn
# and from a file, which is the way for secrets:
#   HUIZHENG_CHANNELS__WECHAT_OA__MAIN__APP_SECRET_FILE=/run/secrets/wechat
# A line that begins with # and a name shows a setting that may be left out.
"""


class Made(Protocol):
    """What the module of a channel offers."""

    Settings: type[BaseModel]

    def build(self, account: str, settings: Any, public_url: str) -> Channel:
        """Make the channel of one account. Raises ValueError saying what is wrong."""


def module_of(name: str) -> Made:
    """Return the module of a channel. Raises KeyError."""
    return cast(Made, import_module(CHANNELS[name]))


def build_channels(settings: Settings) -> Channels:
    """Check every table [channels.<name>.<account>] and make its channel. Raises ConfigError."""
    return {
        (name, account): _built(name, account, table, settings.server.public_url)
        for name, accounts in settings.channels.items()
        for account, table in accounts.items()
    }


def example_toml() -> str:
    """Return config.example.toml: every setting with its meaning, the channels commented out."""
    parts = [_HEAD]
    for section, field in Settings.model_fields.items():
        model = field.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            parts.append("\n".join([f"[{section}]  # {_doc(model)}", *_lines(model, optional=False)]) + "\n")
    for name in CHANNELS:
        model = module_of(name).Settings
        title = f"# {_doc(model)} See docs/channels/{name}.md; main is a name of your choice."
        lines = [*_lines(model, optional=True), *_lines(Pacing, optional=True)]
        parts.append("\n".join([title, f"#[channels.{name}.main]", *lines]) + "\n")
    return "\n".join(parts)


def _built(name: str, account: str, table: Mapping[str, Any], public_url: str) -> Channel:
    prefix = f"channels.{name}.{account}"
    if name not in CHANNELS:
        raise ConfigError(f"channels.{name} is not a channel: use one of {', '.join(CHANNELS)}.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,31}", account):
        raise ConfigError(f"{prefix} has an unusable name: use up to 32 small letters, digits, - and _.")
    made, (own, shared) = module_of(name), split(table)
    try:
        _checked(Pacing, shared, prefix)
        return made.build(account, _checked(made.Settings, own, prefix), public_url)
    except ValueError as error:
        raise ConfigError(f"{prefix} {error}.") from None


def _checked(model: type[BaseModel], table: Mapping[str, Any], prefix: str) -> BaseModel:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        raise ConfigError(explain(error, model, prefix)) from None


def _lines(model: type[BaseModel], optional: bool) -> Iterator[str]:
    for key, field in model.model_fields.items():
        yield f"# {field.description}"
        given = field.is_required() and not optional
        yield f"{'' if given else '#'}{key} = {_toml(_shown(field))}"


def _shown(field: FieldInfo) -> object:
    if field.examples and (field.is_required() or field.default is None):
        return field.examples[0]
    return field.default


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return json.dumps(str(value), ensure_ascii=False)


def _doc(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").split("\n")[0]
