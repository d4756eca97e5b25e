"""The page and the command line say the same of every bundle, honest, forged, bent or packed again."""

import io
import zipfile
from itertools import combinations
from random import Random

import pytest

from evidence import policy as policies
from evidence.errors import PolicyError, UnreadableBundle
from tests.evidence import bundles, forgeries, keys, stamps
from tests.evidence.forgeries import BENT, stating
from tests.evidence.worlds import (
    SEEN_AT,
    TSA,
    WITNESS,
    authority,
    signed,
    signed_case,
    small_case,
)

pytestmark = pytest.mark.browser

SEED = 20261123


def python(data, folder, policy=None):
    """What the command line says, as the page's test entry would put it."""
    try:
        return bundles.judged(data, folder, policy).to_json()
    except (UnreadableBundle, PolicyError) as error:
        return {"refused": type(error).__name__}


def brief(report, leave_out=()):
    """What both must say: all but the file's name, the wording of a cause, and what time stamps prove."""
    if "refused" in report:
        return report["refused"]
    kept = {name: value for name, value in report.items() if name not in ("file", "not_proved", *leave_out)}
    for name in ("internal", "anchored", "complete"):
        if name in kept:
            found = [(one["code"], one["record"]) for one in report[name]["findings"]]
            kept[name] = report[name]["holds"], found
    return kept


def differences(verifier, folder, listed):
    return [
        (name, said, shown)
        for name, data in listed
        if (said := brief(python(data, folder))) != (shown := brief(verifier.verify(data)))
    ]


def test_they_agree_on_the_whole_corpus(verifier, tmp_path):
    listed = list(bundles.corpus())
    assert differences(verifier, tmp_path, listed) == []
    honest = [name for name, data in listed if verifier.verify(data).get("verified")]
    assert honest == [name for name, _ in listed if name.startswith("honest")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_they_agree_in_every_word_where_no_time_stamp_is_concerned(language, verifier, tmp_path):
    for edit in (lambda files: None, *(one for one, _ in list(forgeries.FORGERIES.values())[:12])):
        data = bundles.edited(edit)
        said = bundles.judged(data, tmp_path).to_json(language)
        assert verifier.verify(data, language=language) == said | {"file": "bundle.zip"}


def witnesses_only(*more):
    return "".join(f"{line}\n" for line in bundles.policy(*more).splitlines() if not line.startswith("tsa"))


POLICIES = {
    "the right keys": witnesses_only(),
    "nobody": "quorum none\n",
    "another log's key": witnesses_only().replace(witnesses_only().splitlines()[0], "# no log"),
    "no quorum line": "# nothing\n",
    "not a policy": "trust me\n",
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize("world", [signed_case, small_case], ids=["signed", "unsigned"])
def test_they_agree_under_a_policy_of_keys_and_witnesses(world, policy, verifier, tmp_path):
    data = bundles.packed(bundles.members(world()))
    assert brief(verifier.verify(data, policy)) == brief(python(data, tmp_path, policy))


@pytest.mark.parametrize(
    ("make", "policy", "holds", "codes"), forgeries.JUDGED.values(), ids=forgeries.JUDGED
)
def test_they_agree_on_what_a_policy_leads_to(make, policy, holds, codes, verifier, tmp_path):
    data = make()
    shown = verifier.verify(data, policy)
    assert shown["anchored"]["holds"] is holds
    assert {one["code"] for one in shown["anchored"]["findings"]} == codes
    assert brief(shown) == brief(python(data, tmp_path, policy))


def test_a_policy_with_time_stamps_is_never_answered_with_yes_here(verifier, tmp_path):
    data = bundles.packed(bundles.members(signed_case()))
    said, shown = python(data, tmp_path, bundles.policy()), verifier.verify(data, bundles.policy())
    assert said["anchored"]["holds"] is True
    assert shown["anchored"] == {"holds": None, "findings": []}
    assert {one["status"] for one in shown["anchors"] if one["kind"] == "tsa"} == {"present"}
    assert any("时间戳的签名未在此检查" in text for text in shown["not_proved"])
    left = ("anchored", "anchors", "times")
    assert brief(shown, left) == brief(said, left)


def test_a_witness_that_the_policy_asks_for_and_that_is_not_there_is_missed(verifier, tmp_path):
    data = bundles.packed(bundles.members(signed_case(witnessed=False)))
    shown = verifier.verify(data, witnesses_only())
    assert shown["anchored"]["holds"] is False
    assert [one["code"] for one in shown["anchored"]["findings"]] == ["witness"]
    assert brief(shown) == brief(python(data, tmp_path, witnesses_only()))


@pytest.mark.parametrize("bend", BENT.values(), ids=BENT)
def test_they_agree_on_heads_that_do_not_bind_the_case(bend, verifier, tmp_path):
    data = stating(bend)
    said, shown = python(data, tmp_path), verifier.verify(data)
    assert not shown["verified"]
    assert shown["complete"] == said["complete"]
    assert brief(shown) == brief(said)


@pytest.mark.parametrize("behind", [False, True])
def test_they_agree_on_what_stands_behind_the_heads(behind, verifier, tmp_path):
    world = signed_case()
    if behind:
        world.add("case.changed", {})
    data = bundles.packed(bundles.members(world))
    assert any("检查点大小为" in text for text in verifier.verify(data)["not_proved"]) is behind
    assert brief(verifier.verify(data)) == brief(python(data, tmp_path))


def cosigned(made, name=WITNESS, at=SEEN_AT):
    return keys.witness(name).line(made.partition(b"\n\n")[0] + b"\n", at)


def stamped(message):
    root, stamper = authority()
    return stamps.response(message, stamper, (root,))


ANCHORS = {
    "an honest witness": (WITNESS, "witness", cosigned),
    "a witness twice": (WITNESS, "witness", lambda made: cosigned(made) * 2),
    "an unknown witness": ("other.example/w", "witness", lambda made: cosigned(made, "other.example/w")),
    "a witness in another's name": (WITNESS, "witness", lambda made: cosigned(made, "other.example/w")),
    "a witness over something else": (WITNESS, "witness", lambda made: cosigned(b"a\n1\n\n")),
    "a witness beyond our calendar": (WITNESS, "witness", lambda made: cosigned(made, at=1 << 40)),
    "no witness's line": (WITNESS, "witness", lambda made: b"seen\n"),
    "an honest stamp": (TSA, "tsa", stamped),
    "a stamp over something else": (TSA, "tsa", lambda made: stamped(made + b"\n")),
    "no stamp": (TSA, "tsa", lambda made: b"stamped"),
    "another kind": (TSA, "moon", stamped),
}


@pytest.mark.parametrize(("service", "kind", "token"), ANCHORS.values(), ids=ANCHORS)
@pytest.mark.parametrize("more", [0, 1], ids=["of the right size", "of another size"])
def test_they_agree_on_honest_and_false_anchors(service, kind, token, more, verifier, tmp_path):
    world = signed_case(witnessed=False)
    point = world.checkpoint()
    made = world.notes.setdefault((1, point.size), signed(point, world.holders[-1]))
    told = {"origin": point.origin, "size": point.size + more, "time": None}
    parts = {"note": made, "token": token(made)}
    world.system("anchor.received", parts, kind=kind, service=service, **told)
    data = bundles.packed(bundles.members(world))
    for policy in (None, witnesses_only()):
        assert brief(verifier.verify(data, policy)) == brief(python(data, tmp_path, policy))


def test_they_agree_on_what_makes_a_quorum(verifier):
    made = {name: keys.witness(f"{name}.example/w", name).key for name in "abcd"}
    lines = [f"witness {name} {key.vkey}" for name, key in made.items()]
    lines += ["group first 2 a b c", "group all all first d"]
    every = [chosen for count in range(5) for chosen in combinations(made, count)]
    for quorum in ("none", "a", "first", "all"):
        text = "\n".join([*lines, f"quorum {quorum}", ""])
        judged = """(text, all) => {
          const read = policy.parse(text);
          return all.map((keys) => policy.satisfied(read, new Set(keys)));
        }"""
        shown = verifier.call(judged, text, [[made[name].vkey for name in chosen] for chosen in every])
        read = policies.parse(text, None)
        assert shown == [read.satisfied([made[name] for name in chosen]) for chosen in every]


def repacked(data, compression, comment=b"", prefix=""):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as packed:
        packed.comment = comment
        for name, content in bundles.unzipped(data).items():
            packed.writestr(prefix + name, content)
    return target.getvalue()


def unusual(data):
    """The bundle as other programs might hand it on, and files that are none."""
    yield "compressed", repacked(data, zipfile.ZIP_DEFLATED)
    yield "stored anew", repacked(data, zipfile.ZIP_STORED)
    yield "with a comment", repacked(data, zipfile.ZIP_DEFLATED, b"made by somebody")
    yield "in another way", repacked(data, zipfile.ZIP_BZIP2)
    yield "in a folder", repacked(data, zipfile.ZIP_DEFLATED, prefix="folder/")
    yield "with a Chinese name more", bundles.packed(bundles.unzipped(data) | {"data/timeline.txt": b""})
    yield "behind other bytes", b"MZ" + data
    yield "before other bytes", data + b"\0"
    yield "nothing", b""
    yield "a text", b"not a ZIP file"
    yield "an empty ZIP file", b"PK\5\6" + bytes(18)


def test_they_agree_on_files_of_other_programs(verifier, tmp_path):
    for world in (small_case, signed_case):
        data = bundles.packed(bundles.members(world()))
        assert differences(verifier, tmp_path, unusual(data)) == []


def bent(data, random, count):
    """The file with single bits changed, half of them in its directory, and cut off."""
    directory = data.index(b"PK\1\2")
    for number in range(count):
        at = random.randrange(directory if number % 2 else 0, len(data))
        yield f"bit at {at} of {len(data)}", data[:at] + bytes([data[at] ^ 1 << number % 8]) + data[at + 1 :]
    for _ in range(count // 10):
        at = random.randrange(len(data))
        yield f"cut at {at}", data[:at]


def bent_inside(files, random, count):
    """The bundle with single bits of its files changed and all lists made anew."""
    names = sorted(name for name, data in files.items() if data and name != "data/case.json")
    for number in range(count):
        name = random.choice(names)
        at = random.randrange(len(files[name]))
        data = files[name][:at] + bytes([files[name][at] ^ 1 << number % 8]) + files[name][at + 1 :]
        yield f"bit at {at} of {name}", bundles.packed(files | {name: data})


def wrong_bits(verifier, folder, count):
    print("seed", SEED)
    random = Random(SEED)
    for world in (small_case(), signed_case(rotated=True, restored=True)):
        files = bundles.members(world)
        listed = [*bent(bundles.packed(files), random, count), *bent_inside(files, random, count)]
        yield from differences(verifier, folder, listed)


def test_they_agree_on_wrong_bits(verifier, tmp_path):
    assert list(wrong_bits(verifier, tmp_path, 60)) == []


@pytest.mark.long
def test_they_agree_on_very_many_wrong_bits(verifier, tmp_path):
    assert list(wrong_bits(verifier, tmp_path, 3000)) == []
