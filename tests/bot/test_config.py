"""Settings: read from a file and the environment, and refused in one sentence that names key and remedy."""

from pathlib import Path

import pytest

from bot.config import ConfigError, load

GOOD = """
[server]
public_url = "https://hz.example.cn"
[database]
url = "sqlite:///var/huizheng.db"
[keys]
file = "var/keys.json"
[evidence]
origin = "huizheng.k7m2p9qx/log/1"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(GOOD, "utf-8")
    return path


def refusal(path: Path | None, **env: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, env)
    return str(caught.value)


def test_a_short_file_is_enough(file):
    settings = load(file, {})
    assert settings.server.public_url == "https://hz.example.cn"
    assert settings.server.bind == "127.0.0.1:8460"
    assert settings.database.url.get_secret_value() == "sqlite:///var/huizheng.db"
    assert (settings.channels, settings.server.sandbox, settings.ops.heartbeat_url) == ({}, False, None)


def test_the_environment_can_name_the_file_and_the_command_line_wins(file, tmp_path):
    assert load(None, {"HUIZHENG_CONFIG": str(file)}).keys.file == Path("var/keys.json")
    assert load(file, {"HUIZHENG_CONFIG": str(tmp_path / "other.toml")}).keys.file == Path("var/keys.json")


def test_the_environment_alone_is_enough():
    env = {
        "HUIZHENG_SERVER__PUBLIC_URL": "http://127.0.0.1:8460/",
        "HUIZHENG_DATABASE__URL": "postgresql+psycopg://u:p@h/d",
        "HUIZHENG_KEYS__FILE": "/run/keys",
        "HUIZHENG_EVIDENCE__ORIGIN": "huizheng.k7m2p9qx/log/1",
    }
    settings = load(None, env)
    assert (settings.server.public_url, settings.keys.file) == ("http://127.0.0.1:8460", Path("/run/keys"))


def test_the_environment_goes_before_the_file(file):
    env = {
        "HUIZHENG_SERVER__BIND": "0.0.0.0:80",
        "HUIZHENG_SERVER__TRUSTED_PROXIES": "10.0.0.1, 10.0.0.2",
        "HUIZHENG_SERVER__SANDBOX": "true",
        "HUIZHENG_EVIDENCE__TSA_URLS": "http://tsa.example.cn",
        "HUIZHENG_CHANNELS__SMS_TWILIO__HK__AUTH_TOKEN": "0123456789012345",
    }
    settings = load(file, env)
    assert settings.server.bind == "0.0.0.0:80" and settings.server.sandbox
    assert settings.server.trusted_proxies == ("10.0.0.1", "10.0.0.2")
    assert settings.evidence.tsa_urls == ("http://tsa.example.cn",)
    assert settings.channels == {"sms_twilio": {"hk": {"auth_token": "0123456789012345"}}}


def test_a_secret_may_lie_in_a_file_of_its_own(file, tmp_path):
    (tmp_path / "secret").write_text(" geheim \n", "utf-8")
    env = {"HUIZHENG_CHANNELS__WECHAT_OA__MAIN__APP_SECRET_FILE": str(tmp_path / "secret")}
    assert load(file, env).channels["wechat_oa"]["main"] == {"app_secret": " geheim "}


def test_variables_that_are_no_settings_are_left_alone(file):
    load(file, {"HUIZHENG_TEST_POSTGRES": "x", "HUIZHENG_CONFIG": "x", "PATH": "/bin"})


@pytest.mark.parametrize(
    "host", ["http://localhost:8460", "http://127.0.0.2", "http://[::1]:1", "https://hz.example.cn:8443"]
)
def test_plain_http_is_allowed_on_this_machine_only(file, host):
    assert load(file, {"HUIZHENG_SERVER__PUBLIC_URL": host}).server.public_url == host


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SERVER__PUBLIC_URL", "http://hz.example.cn", "server.public_url must begin with https:// unless"),
        (
            "SERVER__PUBLIC_URL",
            "http://127.0.0.1.example.cn",
            "server.public_url must begin with https:// unless",
        ),
        ("SERVER__PUBLIC_URL", "hz.example.cn", "server.public_url is not a plain web address"),
        (
            "SERVER__PUBLIC_URL",
            "https://u:geheim@hz.example.cn",
            "server.public_url is not a plain web address",
        ),
        ("SERVER__PUBLIC_URL", "https://hz.example.cn:x", "server.public_url is not a plain web address"),
        ("SERVER__PUBLIC_URL", "https://hz.example.cn/app", "server.public_url must end after the host"),
        ("SERVER__BIND", "8460", "server.bind is not usable"),
        ("SERVER__SANDBOX", "geheim", "server.sandbox is not usable"),
        ("SERVER__PUBLIK_URL", "x", "server.publik_url is not a setting: correct it to public_url."),
        ("SERVR__BIND", "x", "servr is not a setting: correct it to server."),
        ("WEATHER__TODAY", "x", "weather is not a setting: remove it."),
        ("DATABASE_URL", "x", "HUIZHENG_DATABASE_URL is not a setting: write two underscores"),
        (
            "DATABASE__URL",
            "postgres://u:geheim@h/d",
            "database.url must begin with sqlite:/// or postgresql+psycopg://",
        ),
        ("DATABASE__URL_FILE", "/nowhere", "HUIZHENG_DATABASE__URL_FILE names a file that cannot be read"),
        ("DATABASE__URL__MORE", "x", "HUIZHENG_DATABASE__URL__MORE lies below a key that holds a value"),
        ("EVIDENCE__ORIGIN", "two words", "evidence.origin must be huizheng."),
        ("EVIDENCE__WITNESS_URLS", "http://w.example.cn", "evidence.witness_urls.0 must begin with https://"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy_and_without_its_value(file, variable, value, said):
    sentence = refusal(file, **{f"HUIZHENG_{variable}": value})
    assert sentence.startswith(said)
    assert sentence.endswith(".") and ": " in sentence and "\n" not in sentence
    assert "geheim" not in sentence


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('url = "sqlite:///var/huizheng.db"', "database.url is missing: set HUIZHENG_DATABASE__URL."),
        (
            '[keys]\nfile = "var/keys.json"',
            "keys is missing: add the table [keys] as in config.example.toml.",
        ),
    ],
)
def test_a_missing_setting_is_named(file, line, said):
    file.write_text(GOOD.replace(line, ""), "utf-8")
    assert refusal(file) == said


def test_a_value_and_a_file_for_the_same_setting_is_one_too_many(file):
    env = {"HUIZHENG_OPS__HEARTBEAT_URL": "x", "HUIZHENG_OPS__HEARTBEAT_URL_FILE": "y"}
    assert refusal(file, **env).endswith("are both set: keep one of them.")


@pytest.mark.parametrize("content", [b"[server\n", b"\xff\xfe"], ids=["not TOML", "not UTF-8"])
def test_a_file_that_cannot_be_read_is_named(file, content):
    file.write_bytes(content)
    assert refusal(file).startswith(str(file))


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert "--config" in refusal(tmp_path / "missing.toml")


def test_no_secret_shows_when_settings_are_printed(file):
    env = {
        "HUIZHENG_DATABASE__URL": "postgresql+psycopg://u:geheim@h/d",
        "HUIZHENG_OPS__HEARTBEAT_URL": "https://hc.example.cn/geheim",
        "HUIZHENG_CHANNELS__WECHAT_OA__MAIN__APP_SECRET": "geheim",
    }
    assert "geheim" not in repr(load(file, env))
