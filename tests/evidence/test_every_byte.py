"""No single byte of a bundle can change unnoticed, not even when the wrapping is put right afterwards."""

import pytest

from tests.evidence.bundles import members, packed, passes

# What nobody vouches for yet; the report says so, and export.note will sign it.
UNVOUCHED = {"data/case.json", "data/completeness.json", "data/timeline.txt"}


def flipped(data, at, bits):
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]


def places(length, step):
    return range(0, length, step)


def fall_through(step, bits, folder):
    honest = packed(members())
    assert passes(honest, folder)
    return [at for at in places(len(honest), step) if passes(flipped(honest, at, bits), folder)]


def fall_through_inside(step, bits, folder):
    honest = members()
    bent = [
        (name, at)
        for name in sorted(honest.keys() - UNVOUCHED)
        for at in places(len(honest[name]), step)
        if passes(packed(honest | {name: flipped(honest[name], at, bits)}), folder)
    ]
    return bent


def test_a_changed_byte_is_found(tmp_path):
    assert fall_through(7, 1, tmp_path) == []


def test_a_changed_byte_is_found_although_all_lists_were_made_anew(tmp_path):
    assert fall_through_inside(5, 1, tmp_path) == []


@pytest.mark.long
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16, 32, 64, 128, 255])
def test_every_changed_byte_is_found(bits, tmp_path):
    assert fall_through(1, bits, tmp_path) == []


@pytest.mark.long
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16, 32, 64, 128, 255])
def test_every_changed_byte_is_found_although_all_lists_were_made_anew(bits, tmp_path):
    assert fall_through_inside(1, bits, tmp_path) == []


@pytest.mark.parametrize("name", sorted(members()))
def test_no_changed_byte_makes_the_verifier_stumble(name, tmp_path):
    honest = members()
    for at in places(len(honest[name]), 11):
        for bits in (4, 255):
            passes(packed(honest | {name: flipped(honest[name], at, bits)}), tmp_path)
