"""The deployment key lies with two holders; only both together give it back, on screen or from paper."""

import json
from pathlib import Path

import pytest

from handlers.escrow import escrow, escrowed, rehearse, state_of_escrow
from storage.keys import KeyFault, Keys
from storage.shares import Share, joined, key_id_of, read_share, split, write_share
from tests.erasure.living import Lived

SECRET, PAD = bytes(range(32)), bytes(range(100, 132))
KEYS = Keys(key_id_of(SECRET), SECRET)


def test_both_shares_give_the_key_in_any_order():
    one, other = split(KEYS, PAD)

    assert joined(one, other) == joined(other, one) == KEYS


def test_each_share_alone_is_as_random_as_the_pad():
    one, other = split(KEYS, PAD)

    assert one.secret == PAD
    assert other.secret == bytes(a ^ b for a, b in zip(PAD, SECRET, strict=True))
    assert SECRET.hex() not in one.to_json() + other.to_json()


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ((split(KEYS, PAD)[0], split(KEYS, PAD)[0]), "the other holder's"),
        ((split(KEYS, PAD)[0], split(KEYS, bytes(32))[1]), "two different escrows"),
        ((split(KEYS, PAD)[0], split(Keys("x", b"k" * 32), PAD)[1]), "two keys"),
    ],
    ids=["the same twice", "of two escrows", "of two keys"],
)
def test_shares_that_do_not_belong_together_are_refused(shares: tuple[Share, Share], said: str):
    with pytest.raises(KeyFault, match=said):
        joined(*shares)


def test_a_share_is_written_for_its_owner_only_and_never_over_another(tmp_path: Path):
    path, share = tmp_path / "a.share", split(KEYS, PAD)[0]
    write_share(path, share)

    assert path.stat().st_mode & 0o777 == 0o600
    assert read_share(path) == share
    with pytest.raises(KeyFault, match="name a new file"):
        write_share(path, share)


def test_a_share_is_read_from_the_lines_of_its_sheet(tmp_path: Path):
    for share in split(KEYS, PAD):
        (tmp_path / "typed").write_text("\n".join(["seal of the firm", *share.lines(), "██"]))

        assert read_share(tmp_path / "typed") == share


def test_a_digit_typed_wrongly_is_named_by_its_line(tmp_path: Path):
    lines = split(KEYS, PAD)[0].lines()
    lines[3] = lines[3].replace("74", "75", 1)
    (tmp_path / "typed").write_text("\n".join(lines))

    with pytest.raises(KeyFault, match="line 3 was typed wrongly"):
        read_share(tmp_path / "typed")


GOOD = json.loads(split(KEYS, PAD)[0].to_json())
BROKEN = {
    "empty": "", "no share": "{}", "not JSON": "{", "other bytes": "\0", "a list": "[1]",
    "a digit changed": json.dumps({**GOOD, "share": GOOD["share"][:-1] + "0"}),
    "cut": json.dumps({**GOOD, "share": GOOD["share"][:-2]}),
    "holder 3": json.dumps({**GOOD, "holder": 3}),
    "a line left out": "\n".join(line for n, line in enumerate(split(KEYS, PAD)[0].lines()) if n != 2),
}  # fmt: skip


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_is_no_share_is_refused(tmp_path: Path, text: str):
    (tmp_path / "x").write_text(text)

    with pytest.raises(KeyFault, match="scan the code on the sheet"):
        read_share(tmp_path / "x")


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(KeyFault, match="cannot be read"):
        read_share(tmp_path / "nothing")


def lacking(lived: Lived) -> str:
    with lived.archive.reading() as view:
        return (state_of_escrow(view).lacking or "").partition(":")[0]


def test_one_is_reminded_until_the_shares_were_tried_and_again_after_a_year(lived: Lived):
    assert lacking(lived) == "the deployment key is not escrowed"
    old = escrow(lived.archive)
    escrowed(lived.archive, old)
    assert lacking(lived) == "the escrow was never rehearsed"
    rehearse(lived.archive, *old)
    assert lacking(lived) == ""
    new = escrow(lived.archive)
    escrowed(lived.archive, new)
    assert lacking(lived) == "the escrow was never rehearsed"  # those of the older one were
    rehearse(lived.archive, *reversed(new))
    assert lacking(lived) == ""
    lived.world.clock.pass_by(days=366)
    assert lacking(lived) == "the escrow was not rehearsed for a year"

    assert lived.findings() == set()


def test_a_rehearsal_with_the_shares_of_another_key_is_refused_and_not_recorded(lived: Lived):
    with pytest.raises(KeyFault, match="escrow it anew"):
        rehearse(lived.archive, *split(Keys("x", b"k" * 32), PAD))

    assert lived.rows("SELECT id FROM record WHERE kind = 'key.rehearsed'") == []
