"""The registry: checks each channel's table, makes the channels and writes the example file."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

from bot import registry
from bot.config import ConfigError, Settings, load
from bot.pacing import Pacing
from bot.registry import CHANNELS, build_channels, example_toml, module_of
from tests.channels import recorded

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.toml"


def settings_with(**channels: object) -> Settings:
    return load(EXAMPLE, {}).model_copy(update={"channels": channels})


def table(name: str, **changes: object) -> dict[str, object]:
    return {k: v for k, v in (recorded.account(name)["settings"] | changes).items() if v is not None}


def test_each_account_becomes_a_channel_under_its_address():
    made = build_channels(
        settings_with(
            wechat_oa={"main": table("wechat_oa"), "shop": table("wechat_oa")},
            sms_twilio={"hk": table("sms_twilio")},
        )
    )
    assert list(made) == [("wechat_oa", "main"), ("wechat_oa", "shop"), ("sms_twilio", "hk")]
    assert [(channel.name, channel.account) for channel in made.values()] == list(made)


def test_no_channels_at_all_is_a_beginning():
    assert build_channels(settings_with()) == {}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"encoding_aes_key": "x" * 42},
            "channels.wechat_oa.main.encoding_aes_key must be 43 characters (it has 42): "
            "copy it again from the WeChat console.",
        ),
        (
            {"encoding_aes_key": "x" * 42 + "!"},
            "channels.wechat_oa.main.encoding_aes_key must be letters and digits: ",
        ),
        ({"token": ""}, "channels.wechat_oa.main.token must be 8 to 32 letters and digits: "),
        ({"token": "short"}, "channels.wechat_oa.main.token must be 8 to 32 letters and digits: "),
        (
            {"token": None},
            "channels.wechat_oa.main.token is missing: set HUIZHENG_CHANNELS__WECHAT_OA__MAIN__TOKEN.",
        ),
        ({"app_secret": ""}, "channels.wechat_oa.main.app_secret must be the AppSecret: "),
        ({"tokn": "x"}, "channels.wechat_oa.main.tokn is not a setting: correct it to token."),
        ({"api_base": "http://api.example.cn"}, "channels.wechat_oa.main.api_base must begin with https://"),
        ({"templates": {}}, 'channels.wechat_oa.main.templates has no "default": '),
        (
            {"templates": {"default": {"id": "T", "fields": {"thng1": "title"}}}},
            "channels.wechat_oa.main.templates.default.fields has the unknown field thng1: ",
        ),
        (
            {"templates": {"default": {"id": "T", "fields": {"thing1": "name"}}}},
            "channels.wechat_oa.main.templates.default.fields fills thing1 from an unknown word: ",
        ),
    ],
)
def test_a_wrong_setting_of_wechat_is_named_with_its_remedy(changes, said):
    given = table("wechat_oa", **changes)
    with pytest.raises(ConfigError) as caught:
        build_channels(settings_with(wechat_oa={"main": given}))
    sentence = str(caught.value)
    assert sentence.startswith(said) and sentence.endswith(".") and "\n" not in sentence
    assert "recorded-secret" not in sentence and "x" * 42 not in sentence


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"auth_token": "short"}, "channels.sms_twilio.hk.auth_token is too short to sign anything: "),
        ({"account_sid": "AC1"}, "channels.sms_twilio.hk.account_sid is not usable"),
        ({"from_number": "1500"}, "channels.sms_twilio.hk.from_number is not usable"),
        ({"allow_mainland": True}, "channels.sms_twilio.hk allows +86 without mainland_basis: "),
    ],
)
def test_a_wrong_setting_of_twilio_is_named_with_its_remedy(changes, said):
    with pytest.raises(ConfigError) as caught:
        build_channels(settings_with(sms_twilio={"hk": table("sms_twilio", **changes)}))
    assert str(caught.value).startswith(said)


def test_a_host_that_twilio_refuses_is_found_at_start_up():
    env = {"HUIZHENG_SERVER__PUBLIC_URL": "https://hz_1.example.cn"}
    settings = load(EXAMPLE, env).model_copy(update={"channels": {"sms_twilio": {"hk": table("sms_twilio")}}})
    with pytest.raises(ConfigError, match=r"^channels\.sms_twilio\.hk cannot work .* underscore"):
        build_channels(settings)


def test_an_unknown_channel_is_named_with_those_that_exist():
    with pytest.raises(
        ConfigError, match=r"channels\.pigeon is not a channel: use one of wechat_oa, sms_twilio"
    ):
        build_channels(settings_with(pigeon={"main": {}}))


@pytest.mark.parametrize("account", ["Main", "a/b", "", "主", "x" * 33])
def test_an_account_has_a_name_that_fits_into_an_address(account):
    with pytest.raises(ConfigError, match="unusable name"):
        build_channels(settings_with(wechat_oa={account: table("wechat_oa")}))


# ---- The example file ----


def test_the_committed_example_is_the_generated_one():
    assert EXAMPLE.read_text("utf-8") == example_toml()


def test_the_example_can_be_loaded_as_it_is():
    assert load(EXAMPLE, {}).server.public_url == "https://hz.example.cn"


def test_every_setting_has_a_line_and_a_comment_above_it():
    lines = EXAMPLE.read_text("utf-8").splitlines()
    keys = [(line, above) for above, line in pairwise(lines) if re.match(r"#?\w+ = ", line)]
    assert keys and all(re.match(r"# \S.{5,}", above) for _, above in keys)
    shown = tomllib.loads(re.sub(r"^#(?=\w+ = |\[)", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE))
    channels = shown.pop("channels")
    for section, table_ in shown.items():
        assert set(table_) == set(Settings.model_fields[section].annotation.model_fields)
    assert set(shown) == set(Settings.model_fields) - {"channels"}
    assert {name: set(accounts["main"]) for name, accounts in channels.items()} == {
        name: {*module_of(name).Settings.model_fields, *Pacing.model_fields} for name in CHANNELS
    }


def test_a_new_setting_without_its_line_is_noticed(monkeypatch):
    class Wider(module_of("sms_twilio").Settings):
        courage: bool = False

    wider = ModuleType("wider")
    wider.Settings = Wider
    monkeypatch.setattr(
        registry, "module_of", lambda name: wider if name == "sms_twilio" else module_of(name)
    )
    assert "courage" in example_toml() and EXAMPLE.read_text("utf-8") != example_toml()
