"""No single byte of a bundle can change unnoticed, not even when the wrapping is put right afterwards."""

import random
import secrets

import pytest

from tests.evidence.bundles import members, packed, passes
from tests.evidence.large import large_bundle
from tests.evidence.worlds import signed_case, small_case

# What no record vouches for: only who can sign the export note again can change it, and the report says so.
UNVOUCHED = {"data/completeness.json", "data/timeline.txt", "data/log/policy.txt"}
WORLDS = {
    "unsigned": small_case(),
    "signed": signed_case(rotated=True),
    "restored": signed_case(restored=True),
}
each = pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)


def flipped(data, at, bits):
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]


def places(length, step):
    return range(0, length, step)


def fall_through(world, step, bits, folder):
    honest = packed(members(world))
    assert passes(honest, folder)
    return [at for at in places(len(honest), step) if passes(flipped(honest, at, bits), folder)]


def fall_through_inside(world, step, bits, folder):
    honest = members(world)
    bent = [
        (name, at)
        for name in sorted(honest.keys() - UNVOUCHED)
        for at in places(len(honest[name]), step)
        if passes(packed(honest | {name: flipped(honest[name], at, bits)}), folder)
    ]
    return bent


@each
def test_a_changed_byte_is_found(world, tmp_path):
    assert fall_through(world, 397, 1, tmp_path) == []


@each
def test_a_changed_byte_is_found_although_all_lists_were_made_and_signed_anew(world, tmp_path):
    assert fall_through_inside(world, 307, 1, tmp_path) == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("of", "step", "bits"), [("unsigned", 1, 255), ("signed", 1, 1), ("restored", 5, 128)]
)
def test_every_changed_byte_is_found(of, step, bits, tmp_path):
    assert fall_through(WORLDS[of], step, bits, tmp_path) == []


# Each check of a signed bundle takes a twentieth of a second, so that every byte would take hours.
@pytest.mark.long
@pytest.mark.parametrize(
    ("of", "step", "bits"),
    [("unsigned", 1, 1), ("unsigned", 3, 128), ("signed", 17, 1), ("restored", 23, 2)],
)
def test_every_changed_byte_is_found_although_all_lists_were_made_and_signed_anew(of, step, bits, tmp_path):
    assert fall_through_inside(WORLDS[of], step, bits, tmp_path) == []


@pytest.mark.long
def test_ten_thousand_changed_bits_of_a_large_bundle_are_found(tmp_path):
    large_bundle(tmp_path / "large.zip", 200)
    honest, seed = (tmp_path / "large.zip").read_bytes(), secrets.randbits(32)
    print("seed", seed)
    chosen = random.Random(seed).sample(range(8 * len(honest)), 10_000)
    assert passes(honest, tmp_path)
    assert [at for at in chosen if passes(flipped(honest, at // 8, 1 << at % 8), tmp_path)] == []


@pytest.mark.parametrize("name", sorted(one for one in members(WORLDS["restored"]) if "/parts/" not in one))
def test_no_changed_byte_makes_the_verifier_stumble(name, tmp_path):
    stumble(name, 8, tmp_path)


def test_no_changed_byte_of_a_part_makes_the_verifier_stumble(tmp_path):
    for name in members(WORLDS["restored"]):
        if "/parts/" in name:
            stumble(name, 2, tmp_path)


def stumble(name, count, folder):
    honest = members(WORLDS["restored"])
    for at in places(len(honest[name]), max(1, len(honest[name]) // count)):
        passes(packed(honest | {name: flipped(honest[name], at, 4 if at % 2 else 255)}), folder)
