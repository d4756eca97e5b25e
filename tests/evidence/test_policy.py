"""A policy is the reader's own list of whom to trust; a wrong line is named with what to do about it."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import policy
from evidence.errors import PolicyError
from evidence.policy import Group, Tsa
from tests.evidence import keys, stamps

LOG = keys.log("huizheng.k3v9q2xw/log/1").key
SECOND = keys.log("huizheng.k3v9q2xw/log/2", "second").key
X1, X2, X3, Y1, Y2 = (keys.witness(f"{name}.example/w", name).key for name in ("x1", "x2", "x3", "y1", "y2"))
ROOT = stamps.certified("Root")
PIN = sha256(ROOT.der).hexdigest()

FULL = f"""# whom counsel trusts

log {LOG.vkey} https://log.example/
log\t{SECOND.vkey}
  witness X1 {X1.vkey}
witness X2 {X2.vkey} https://x2.example/
witness X3 {X3.vkey}
group X-witnesses 2 X1 X2 X3
witness Y1 {Y1.vkey}
witness 律师 {Y2.vkey}
\t# one of those
group Y-witnesses any Y1 律师
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
tsa root {PIN} root.pem
tsa other {"a" * 64}
"""


def folder(tmp_path):
    (tmp_path / "root.pem").write_bytes(stamps.certified("Other").pem + ROOT.pem)
    (tmp_path / "policy.txt").write_text(FULL, encoding="utf-8")
    return tmp_path


def parsed(*lines):
    return policy.parse("\n".join(lines), None)


def test_a_policy_is_read_with_the_files_beside_it(tmp_path):
    read = policy.read(folder(tmp_path) / "policy.txt")

    assert read.log_keys == (LOG, SECOND)
    assert read.witnesses == {"X1": X1, "X2": X2, "X3": X3, "Y1": Y1, "律师": Y2}
    assert read.groups["X-witnesses"] == Group(2, ("X1", "X2", "X3"))
    assert read.groups["Y-witnesses"] == Group(1, ("Y1", "律师"))
    assert read.groups["X-and-Y"] == Group(2, ("X-witnesses", "Y-witnesses"))
    assert read.quorum == "X-and-Y"
    assert read.tsas == (Tsa("root", PIN, (tmp_path / "root.pem").read_bytes()), Tsa("other", "a" * 64, None))


@pytest.mark.parametrize(
    ("cosigners", "satisfied"),
    [
        ((X1, X2, Y1), True),
        ((X3, X1, Y2), True),
        ((X1, X2, X3, Y1, Y2), True),
        ((X1, Y1, Y2), False),
        ((X1, X2, X3), False),
        ((), False),
        ((LOG, SECOND), False),
        ((keys.witness("x1.example/w", "a stranger").key, X2, Y1), False),
    ],
)
def test_the_quorum_of_nested_groups_is_counted(tmp_path, cosigners, satisfied):
    assert policy.read(folder(tmp_path) / "policy.txt").satisfied(cosigners) == satisfied


def test_a_quorum_may_be_one_witness_or_nobody():
    one = parsed(f"witness X1 {X1.vkey}", f"witness X2 {X2.vkey}", "quorum X1")
    assert (one.satisfied([X1]), one.satisfied([X2])) == (True, False)
    assert parsed("quorum none").satisfied([])
    assert parsed("quorum none") == policy.Policy((), {}, {}, None, ())


def test_the_last_line_needs_no_newline():
    assert policy.parse("quorum none\n", None) == policy.parse("quorum none", None)


W1, W2 = f"witness X1 {X1.vkey}", f"witness X2 {X2.vkey}"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([W1], "there is no quorum line"),
        ([], "there is no quorum line"),
        (["quorum none", "quorum none"], "line 2: a second quorum line"),
        ([W1, "quorum X2"], "line 2: no line above defines `X2`"),
        (["quorum X1", W1], "line 1: no line above defines `X1`"),
        ([W1, W1.replace("X1", "X2")], "line 2: this key stands in the policy already"),
        ([f"log {LOG.vkey}", f"log {keys.log('elsewhere').key.vkey}"], "line 2: this key stands"),
        ([W1, f"witness X1 {X2.vkey}"], "line 2: the name `X1` is taken"),
        ([W1, W2, "group X1 any X2"], "line 3: the name `X1` is taken"),
        ([W1, "group g any X1", f"witness g {X2.vkey}"], "line 3: the name `g` is taken"),
        ([f"witness none {X1.vkey}"], "the name `none` is taken"),
        ([W1, "group none any X1"], "the name `none` is taken"),
        (["group g any none"], "no line above defines `none`"),
        (["group g any g"], "no line above defines `g`"),
        ([W1, "group g any X1 X2", W2], "line 2: no line above defines `X2`"),
        ([W1, "group g any X1", "group h any X1"], "line 3: `X1` is already a member"),
        ([W1, "group g any X1 X1"], "`X1` is already a member"),
        ([W1, W2, "group g 0 X1 X2"], "`0` is neither"),
        ([W1, W2, "group g 3 X1 X2"], "a number from 1 to 2"),
        ([W1, W2, "group g 01 X1 X2"], "`01` is neither"),
        ([W1, W2, f"group g {'9' * 5000} X1 X2"], "is neither"),
        ([W1, W2, "group g some X1 X2"], "`some` is neither"),
        ([W1, "group g any"], "no line is `group` with 2 items"),
        (["group"], "no line is `group` with 0 items"),
        (["log"], "no line is `log` with 0 items"),
        ([f"log {LOG.vkey} url more"], "no line is `log` with 3 items"),
        ([f"witness {X1.vkey}"], "no line is `witness` with 1 items"),
        (["trust everybody"], "no line is `trust` with 1 items"),
        (["Quorum none"], "no line is `Quorum`"),
        ([f"log {X1.vkey}"], "use the word that fits the key"),
        ([f"witness X1 {LOG.vkey}"], "use the word that fits the key"),
        (["log nonsense"], "copy the key again"),
        ([f"log {LOG.vkey[:-2]}=="], "copy the key again"),
        (["quorum none\r"], "line 1: a control character"),
        (["# \x07"], "line 1: a control character"),
        (["tsa"], "no line is `tsa`"),
        (["tsa t " + "A" * 64], "64 lower-case hex digits"),
        (["tsa t " + "a" * 63], "64 lower-case hex digits"),
        (["tsa t " + "a" * 64, "tsa t " + "b" * 64], "line 2: the name `t` is taken"),
        (["tsa t " + "a" * 64 + " root.pem"], "must be the name of a file beside the policy"),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_a_wrong_line_is_named_with_what_to_do(lines, said):
    with pytest.raises(PolicyError) as caught:
        parsed(*lines)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent.pem", "cannot be read"),
        ("../root.pem", "must be the name of a file"),
        ("/etc/passwd", "must be the name of a file"),
        ("..", "cannot be read"),
        ("policy.txt", "no certificate in `policy.txt`"),
        ("root\0.pem", "control character"),
    ],
)
def test_a_root_is_read_only_from_a_file_beside_the_policy(tmp_path, name, said):
    with pytest.raises(PolicyError, match=said):
        policy.parse(f"quorum none\ntsa t {PIN} {name}\n", folder(tmp_path))


def test_a_root_with_another_hash_is_refused(tmp_path):
    with pytest.raises(PolicyError, match=r"line 1: no certificate in `root\.pem` has this SHA-256"):
        policy.parse(f"tsa t {'a' * 64} root.pem\nquorum none\n", folder(tmp_path))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"quorum none\n# \xff\n", "not UTF-8"),
        (b"\xef\xbb\xbfquorum none\n", "no line is"),
    ],
    ids=["no file", "another encoding", "byte order mark"],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path, content, said):
    if content is not None:
        (tmp_path / "policy.txt").write_bytes(content)
    with pytest.raises(PolicyError, match=said):
        policy.read(tmp_path / "policy.txt")


WORDS = st.sampled_from(
    ["log", "witness", "group", "quorum", "tsa", "any", "all", "none", "1", X1.vkey, LOG.vkey, PIN]
)


@given(
    st.text(max_size=100) | st.lists(WORDS | st.just("\n") | st.text(max_size=3), max_size=20).map(" ".join)
)
def test_random_text_is_read_or_refused_as_our_own_error(text):
    try:
        read = policy.parse(text, None)
    except PolicyError:
        return
    assert read.satisfied(read.witnesses.values())


@pytest.mark.parametrize("count", [32, 200])
def test_many_logs_witnesses_and_groups_are_read(count):
    logs = [f"log {keys.log(f'log{n}', f'log{n}').key.vkey}" for n in range(count)]
    witnesses = [f"witness w{n} {keys.witness(f'w{n}', f'w{n}').key.vkey}" for n in range(count)]
    groups = [f"group g{n} all w{n}" + (f" g{n - 1}" if n else "") for n in range(count)]
    read = parsed(*logs, *witnesses, *groups, f"quorum g{count - 1}")
    assert read.satisfied(list(read.witnesses.values()))
    assert not read.satisfied(list(read.witnesses.values())[1:])
