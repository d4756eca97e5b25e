"""What the page calculates with, held against public test vectors and against Python."""

import hashlib
import hmac
import json
import zlib
from base64 import b64decode, b64encode
from random import Random

import pytest

from evidence import anchors, canonical
from evidence.checkpoint import parse
from evidence.errors import CanonicalError, CheckpointError, PolicyError, StampError
from evidence.note import parse_vkey
from evidence.policy import parse as parse_policy
from evidence.stamp import look

pytestmark = pytest.mark.browser

HEX = "one => bytes.fromHex(one)"


def cases(vectors, name, key="cases"):
    return json.loads((vectors / name).read_text(encoding="utf-8"))[key]


def lines(vectors, name):
    return [json.loads(line) for line in (vectors / name).read_text(encoding="utf-8").splitlines()]


def raw(value):
    return b64decode(value or "").hex()


def hexes(values):
    return [raw(value) for value in values or ()]


@pytest.mark.parametrize(
    "check", ["verifies", "verified"], ids=["our own check", "the browser's, where it has one"]
)
def test_ed25519_accepts_and_refuses_what_wycheproof_says(check, verifier, vectors):
    groups = cases(vectors, "ed25519_wycheproof.json", "data")["testGroups"]
    tests = [(group["publicKey"]["pk"], one) for group in groups for one in group["tests"]]
    given = [[key, one["msg"], one["sig"]] for key, one in tests]
    found = verifier.call(f"all => Promise.all(all.map(one => ed25519.{check}(...one.map({HEX}))))", given)
    assert len(found) == 151
    assert found == [one["result"] == "valid" for _, one in tests]


@pytest.mark.parametrize("length", [0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 1000, 100_000])
def test_hashes_are_those_of_the_standard(length, verifier):
    data = Random(length).randbytes(length)
    found = verifier.call(
        """text => {
          const data = bytes.fromHex(text), half = data.length >> 1;
          const split = sha512.begun();
          split.update(data.subarray(0, half));
          split.update(data.subarray(half));
          return [sha256.sha256(data), sha512.sha512(data), sha512.sha384(data), split.digest(),
            sha256.hmac(bytes.toUtf8("key"), data)].map(bytes.toHex).concat(crc32.crc32(data));
        }""",
        data.hex(),
    )
    long = hashlib.sha512(data).hexdigest()
    expected = [hashlib.sha256(data).hexdigest(), long, hashlib.sha384(data).hexdigest(), long]
    assert found == [*expected, hmac.digest(b"key", data, "sha256").hex(), zlib.crc32(data)]


def test_inclusion_proofs_are_judged_as_the_vectors_say(verifier, vectors):
    probes = lines(vectors, "rfc6962_inclusion.jsonl")
    given = [
        (
            raw(one["leafHash"]),
            str(one["leafIdx"]),
            str(one["treeSize"]),
            hexes(one["proof"]),
            raw(one["root"]),
        )
        for one in probes
    ]
    found = verifier.call(
        f"""all => all.map(([leaf, index, size, proof, root]) => {{
          const [first, last, ...path] = [leaf, root, ...proof].map({HEX});
          try {{
            merkle.verifyInclusion(first, BigInt(index), BigInt(size), path, last);
            return false;
          }} catch (error) {{
            return error instanceof merkle.ProofError;
          }}
        }})""",
        given,
    )
    assert len(found) == 98
    assert found == [one["wantErr"] for one in probes]


def test_consistency_proofs_are_judged_as_the_vectors_say(verifier, vectors):
    probes = lines(vectors, "rfc6962_consistency.jsonl")
    given = [
        (str(one["size1"]), raw(one["root1"]), str(one["size2"]), raw(one["root2"]), hexes(one["proof"]))
        for one in probes
    ]
    found = verifier.call(
        f"""all => all.map(([size1, root1, size2, root2, proof]) => {{
          const roots = [bytes.fromHex(root1), bytes.fromHex(root2)];
          try {{
            merkle.verifyConsistency(BigInt(size1), roots[0], BigInt(size2), roots[1], proof.map({HEX}));
            return false;
          }} catch (error) {{
            return error instanceof merkle.ProofError;
          }}
        }})""",
        given,
    )
    assert len(found) == 98
    assert found == [one["wantErr"] for one in probes]


OPENED = """async (note64, vkeys) => {
  try {
    const data = Uint8Array.from(atob(note64), (one) => one.charCodeAt(0));
    return (await note.opened(data, vkeys.map(note.parseVkey))).signers.map((key) => key.name);
  } catch (error) {
    if (!(error instanceof note.NoteError)) throw error;
    return "refused";
  }
}"""


def test_signed_notes_are_opened_and_refused_as_the_vectors_say(verifier, vectors):
    for one in cases(vectors, "signed_note.json"):
        found = verifier.call(OPENED, one["note_b64"], one["trusted_vkeys"])
        wanted = {"ok": one["verified_names"], "unverified": []}.get(one["want"], "refused")
        assert found == wanted, one["desc"]


def test_a_vkey_that_is_not_in_its_form_is_refused(verifier, vectors):
    keys = cases(vectors, "signed_note.json", "vkeys")
    judged = "all => all.map((one) => { try { return note.parseVkey(one).vkey; } catch { return null; } })"
    assert verifier.call(judged, keys["good"]) == keys["good"]
    assert verifier.call(judged, keys["bad"]) == [None] * len(keys["bad"])


def test_a_cosignature_holds_only_over_its_own_time(verifier, vectors):
    made = json.loads((vectors / "cosignature_made_here.json").read_text(encoding="utf-8"))
    keys = [made["log_vkey"], made["witness_vkey"]]
    for name, wanted in (
        ("cosigned_checkpoint", ["example.com/log/testdata", "Wit1"]),
        ("timestamp_changed", "refused"),
    ):
        packed = verifier.call("text => bytes.toBase64(bytes.toUtf8(text))", made[name])
        assert verifier.call(OPENED, packed, keys) == wanted


def test_checkpoint_bodies_are_read_as_python_reads_them(verifier, vectors):
    def python(body):
        try:
            return parse(body.encode()).origin
        except CheckpointError:
            return None

    bodies = [one["body"] for one in cases(vectors, "checkpoint.json", "bodies")]
    found = verifier.call(
        """all => all.map((body) => {
          try {
            return checkpoint.parse(bytes.toUtf8(body)).origin;
          } catch (error) {
            if (!(error instanceof checkpoint.CheckpointError)) throw error;
            return null;
          }
        })""",
        bodies,
    )
    assert found == [python(body) for body in bodies]
    assert None in found
    assert any(found)


def test_real_checkpoints_open_with_the_keys_of_their_logs(verifier, vectors):
    for one in cases(vectors, "checkpoint.json", "signed"):
        packed = verifier.call("text => bytes.toBase64(bytes.toUtf8(text))", one["checkpoint"])
        assert verifier.call(OPENED, packed, [one["vkey"]]) == [parse_vkey(one["vkey"]).name]


def test_tlog_proof_files_are_read_and_refused_as_the_vectors_say(verifier, vectors):
    for one in cases(vectors, "tlog_proof.json"):
        found = verifier.call(
            """text => {
              try {
                tlog_proof.read(bytes.toUtf8(text));
                return false;
              } catch (error) {
                return error instanceof note.NoteError;
              }
            }""",
            one["proof"],
        )
        assert found == one["want_error"], one["desc"]


def strict(data):
    try:
        return [canonical.loads(data)]
    except CanonicalError:
        return None


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"b":[true,false,null,"x"]}',
        '{"a":1,"a":1}',
        '{"b":1,"a":1}',
        "-0",
        "1.0",
        "1e2",
        "9007199254740991",
        "9007199254740992",
        "-9007199254740991",
        "0.5",
        "NaN",
        '"\\u0041"',
        '"A"',
        '"\\u000a"',
        '"\\n"',
        '"\\/"',
        '"/"',
        '"\\ud800"',
        '"\\uD83D\\uDE00"',
        '"😀"',
        '{"é":1,"e":2}',
        '{"\U0001f600":1,"\uffff":2}',
        '{"\uffff":1,"\U0001f600":2}',
        '{"__proto__":1}',
        '{"10":1,"9":2}',
        '{"9":2,"10":1}',
        " 1",
        "1 ",
        "",
        "{",
        '"\x01"',
        '"\x7f"',
        "\ufeff1",
        "[[]]",
    ],
)
def test_json_is_read_as_strictly_as_python_reads_it(text, verifier):
    found = verifier.call(
        """text => {
          try {
            return [canonical.loads(bytes.toUtf8(text))];
          } catch (error) {
            if (!(error instanceof canonical.CanonicalError)) throw error;
            return null;
          }
        }""",
        text,
    )
    wanted = strict(text.encode())
    assert (found is None) == (wanted is None)
    assert "__proto__" in text or found == wanted


REFUSED = """text => {
  try {
    return canonical.loads(bytes.fromHex(text));
  } catch (error) {
    return error.message;
  }
}"""


def test_bytes_that_are_not_utf8_are_no_json(verifier):
    for data in ("ff", "22c08022", "22eda08022", "22f490808022"):
        assert strict(bytes.fromhex(data)) is None
        assert verifier.call(REFUSED, data) == "not strict JSON: UnicodeDecodeError"


def claims(token):
    """What Python reads in a token: algorithm, imprint, time in milliseconds; or why it reads nothing."""
    try:
        claim = look(token)
    except StampError as error:
        return str(error)
    return [claim.algorithm, claim.imprint.hex(), anchors.moment(claim.time)]


CLAIMED = """all => all.map((one) => {
  try {
    const claim = stamp.look(bytes.fromBase64(one));
    return [claim.algorithm, bytes.toHex(claim.imprint), claim.time];
  } catch (error) {
    if (!(error instanceof der.StampError)) throw error;
    return error.message;
  }
})"""


def bent(token, step):
    """The token with single bits changed, and cut off, here and there."""
    yield from (
        token[:at] + bytes([token[at] ^ 1 << at % 8]) + token[at + 1 :] for at in range(0, len(token), step)
    )
    yield from (token[:at] for at in range(0, len(token), 10 * step))


def test_time_stamps_are_read_as_python_reads_them(verifier, vectors):
    files = cases(vectors, "rfc3161_fixtures.json", "files_b64")
    made = cases(vectors, "rfc3161_openssl_made_here.json")
    packed = [data for name, data in files.items() if name.endswith(".tsr")]
    tokens = [b64decode(one) for one in [*packed, *(one["response_b64"] for one in made)]]
    every = [*tokens, *(one for token in tokens[-2:] for one in bent(token, 5))]
    found = verifier.call(CLAIMED, [b64encode(token).decode() for token in every])
    assert found == [claims(token) for token in every]
    assert sum(isinstance(one, list) for one in found[: len(tokens)]) > 5


POLICIES = [
    "quorum none\n",
    "",
    "log {log}\nwitness w {witness}\nquorum w\n",
    "log {log}\nlog {log}\nquorum none\n",
    "log {witness}\nquorum none\n",
    "witness w {witness} https://example.org\ngroup g any w\nquorum g\n",
    "witness w {witness}\ngroup g 2 w\nquorum g\n",
    "witness w {witness}\ngroup g all w w\nquorum g\n",
    "witness none {witness}\nquorum none\n",
    "quorum later\n",
    "quorum none\nquorum none\n",
    "# a remark\n\n  quorum\tnone \n",
    "quorum none\r\n",
    "tsa t " + "a" * 64 + "\nquorum none\n",
    "tsa t " + "A" * 64 + "\nquorum none\n",
    "nonsense\nquorum none\n",
    "log nonsense\nquorum none\n",
]


@pytest.mark.parametrize("number", range(len(POLICIES)))
def test_a_policy_is_read_as_python_reads_it(number, verifier, vectors):
    made = json.loads((vectors / "cosignature_made_here.json").read_text(encoding="utf-8"))
    text = POLICIES[number].format(log=made["log_vkey"], witness=made["witness_vkey"])
    found = verifier.call(
        """text => {
          try {
            return [policy.parse(text).quorum];
          } catch (error) {
            if (!(error instanceof policy.PolicyError)) throw error;
            return error.message;
          }
        }""",
        text,
    )
    try:
        wanted = [parse_policy(text, None).quorum]
    except PolicyError as error:
        wanted = str(error)
    assert found == wanted
