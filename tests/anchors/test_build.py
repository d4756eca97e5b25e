"""Which anchors the settings make, and how contradictions are refused."""

import pytest

from bot.anchors.build import build_anchors
from bot.config import ConfigError, load
from bot.witness.keyfile import witness_key
from storage.ids import SystemIds
from tests.anchors.trees import Tree
from tests.bot.test_config import GOOD
from tests.engine.world import HandClock

ONE, TWO = (witness_key(f"witness.{name}.example", bytes([number]) * 32).public.vkey
            for number, name in enumerate(("one", "two"), 1))  # fmt: skip
MAIL = {"anchor_smtp_url": '"smtps://u:p@mail.example.cn"', "anchor_mail_from": '"hz@example.cn"'}


def built(tmp_path, **more):
    path = tmp_path / "config.toml"
    path.write_text(GOOD + "".join(f"{name} = {value}\n" for name, value in more.items()), "utf-8")
    settings = load(path, {})
    return [(one.kind, one.service) for one in build_anchors(settings, HandClock(), SystemIds())]


def test_nothing_is_asked_unless_it_is_named(tmp_path):
    assert built(tmp_path) == []


def test_services_witnesses_and_mailboxes_stand_in_their_order(tmp_path):
    found = built(
        tmp_path,
        tsa_urls='["http://tsa.example.cn/tsr", "https://b.example.cn"]',
        witness_urls='["https://w.example.cn"]',
        witness_keys=f'["{ONE}", "{TWO}"]',
        anchor_mail_to='["zhou@lawfirm.example"]',
        **MAIL,
    )
    assert found == [
        ("tsa", "tsa.example.cn"),
        ("tsa", "b.example.cn"),
        ("witness", "witness.one.example"),
        ("witness", "witness.two.example"),
        ("mail", "z***@lawfirm.example"),
    ]


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"witness_urls": '["https://w.example.cn"]'}, "evidence.witness_keys"),
        ({"witness_keys": '["nonsense"]'}, "evidence.witness_keys"),
        ({"witness_keys": f'["{ONE[:-6]}"]'}, "evidence.witness_keys"),
        ({"witness_keys": f'["{Tree().key.vkey}"]'}, "log's key"),
        ({"witness_keys": f'["{ONE}", "{ONE}"]'}, "twice"),
        ({"tsa_urls": '["http://a.cn/x", "http://a.cn/y"]'}, "twice"),
        ({"anchor_mail_to": '["zhou@lawfirm.example"]'}, "anchor_smtp_url"),
        ({"anchor_mail_to": '["zhou"]', **MAIL}, "anchor_mail_to"),
    ],
)
def test_what_is_missing_or_contradicts_itself_is_named(tmp_path, more, key):
    with pytest.raises(ConfigError, match=key):
        built(tmp_path, **more)
