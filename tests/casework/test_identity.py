"""Recognising a person by the end of the ID number, and hiding what a reader need not see."""

import pytest

from casework.identity import id_tail_matches, mask_id, mask_name, mask_phone

ID = "33010219900307451X"  # invented


@pytest.mark.parametrize("tail", ["451X", "451x", " 451x ", "４５１Ｘ", "４５１ｘ", "451×"])
def test_the_last_four_characters_are_recognised_however_they_are_typed(tail):
    assert id_tail_matches(ID, tail)


@pytest.mark.parametrize("tail", ["", "51X", "7451X", "4510", "451Y", "X154", ID, "451", "四五一X", "45 1X"])
def test_anything_else_is_not_recognised(tail):
    assert not id_tail_matches(ID, tail)


@pytest.mark.parametrize("id_number", ["", "X", "无", "12"])
def test_an_id_number_that_is_missing_or_broken_matches_nothing(id_number):
    assert not any(id_tail_matches(id_number, tail) for tail in ("", id_number, "0000"))


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800005678", "138****5678"),
        ("+8613800005678", "138****5678"),
        ("138 0000 5678", "138****5678"),
        ("+85255500123", "+852 55****23"),
        ("0571-5550-0100", "057*****0100"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_a_phone_number_is_masked_in_its_middle(phone, masked):
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(("name", "masked"), [("张伟", "张*"), ("欧阳小明", "欧***"), ("伟", "*"), ("", "")])
def test_a_name_is_masked_after_its_first_character(name, masked):
    assert mask_name(name) == masked


def test_a_masked_id_number_never_shows_the_tail_that_opens_the_page():
    masked = mask_id(ID)

    assert masked == "33****************"
    assert not set(ID[-4:]) & set(masked[2:])
