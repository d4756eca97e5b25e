"""What an erasure destroys, who may have it done, and what the log still proves afterwards."""

import json
from collections.abc import Callable

import pytest

from evidence import merkle
from handlers.erase import Wish, approve, ask, refuse
from handlers.erasing import must_be_free
from handlers.hold import lift_hold, set_hold
from handlers.people import Unacceptable
from storage import cases, source
from storage.erasure import erasure_by_id
from tests.erasure.bytes_of import everything_in
from tests.erasure.conftest import SECRET
from tests.erasure.living import Lived
from tests.world import CASE_NO

WHOLE = Wish("purpose-achieved", "已结案", case_no=CASE_NO)


def whole(level: int) -> Wish:
    return Wish("purpose-achieved", "已结案", level, CASE_NO)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_the_log_still_holds_after_a_whole_case_was_erased(lived: Lived, level: int):
    assert lived.findings() == set()
    root = head(lived)
    lived.erase(whole(level))

    assert lived.findings() == set()
    with lived.archive.reading() as view:
        if level < 3:  # at level 3 the place of the old root may be forgotten
            assert source.checkpoint_at(view.connection, *root[:1]).root == root[1]


def head(lived: Lived) -> tuple[int, bytes]:
    with lived.archive.reading() as view:
        point = source.checkpoint(view.connection)
    return point.size, point.root


@pytest.mark.parametrize("level", [1, 2])
def test_every_proof_of_every_record_still_holds(lived: Lived, level: int):
    lived.erase(whole(level))

    with lived.archive.reading() as view:
        leaves = list(source.all_leaves(view.connection))
        point = source.checkpoint(view.connection)
        proofs = source.proofs_of(view.connection, leaves, point.size)
    assert len(proofs) == len(leaves)
    for leaf, proof in zip(leaves, proofs, strict=True):
        merkle.verify_inclusion(leaf.leaf_hash, proof.index, point.size, proof.path, point.root)


def test_at_level_3_every_other_record_is_still_proved(lived: Lived):
    lived.erase(whole(3))

    with lived.archive.reading() as view:
        left = [leaf for leaf in source.all_leaves(view.connection) if leaf.leaf_hash]
        point = source.checkpoint(view.connection)
        proofs = source.proofs_of(view.connection, left, point.size)
    assert lived.rows("SELECT id FROM record WHERE length(leaf_hash) = 0") != []
    assert len(proofs) == len(left)
    for leaf, proof in zip(left, proofs, strict=True):
        merkle.verify_inclusion(leaf.leaf_hash, proof.index, point.size, proof.path, point.root)


def test_nothing_of_the_text_nor_what_leads_to_it_is_left_in_any_byte(lived: Lived):
    marks = marks_of(lived)
    there = everything_in(lived)
    assert [name for name, mark in marks.items() if mark not in there] == []
    lived.erase(whole(2))

    left = everything_in(lived)
    assert [name for name, mark in marks.items() if mark in left] == []


def marks_of(lived: Lived) -> dict[str, bytes]:
    """What the database holds because of the case: sealed bytes, keys, addresses and look-up hashes."""
    scope = f"case:{lived.world.case_id}"
    (blob,) = lived.rows("SELECT text_blob AS id, external_key FROM reply")
    (kept,) = lived.rows("SELECT address FROM blob WHERE id = :id", id=blob.id)
    (key,) = lived.rows("SELECT wrapped FROM blob_key WHERE blob_id = :id", id=blob.id)
    (chunk,) = lived.rows("SELECT sealed FROM blob_chunk WHERE blob_id = :id", id=blob.id)
    (scoped,) = lived.rows("SELECT wrapped FROM scope_key WHERE scope = :scope", scope=scope)
    (token,) = lived.rows("SELECT digest, token FROM page_token")
    (leaf,) = lived.rows("SELECT leaf FROM record WHERE kind = 'reply.received'")
    event = lived.rows("SELECT event_key FROM intake ORDER BY received_at DESC LIMIT 1")[0].event_key
    return {
        "sealed text": bytes(chunk.sealed), "wrapped key": bytes(key.wrapped), "leaf": bytes(leaf.leaf),
        "scope key": bytes(scoped.wrapped), "address": bytes(kept.address),
        "page token": token.digest.encode(), "sealed token": bytes(token.token),
        "webhook's look-up hash": event.encode(),
    }  # fmt: skip


def test_the_text_can_no_longer_be_opened_anywhere(lived: Lived):
    assert SECRET.encode() in opened(lived)
    lived.erase()

    assert SECRET.encode() not in opened(lived)


def opened(lived: Lived) -> bytes:
    """Every part of every record that can still be opened."""
    found = b""
    with lived.archive.reading() as view:
        for leaf in source.all_leaves(view.connection):
            parts = source.openings_of(view, leaf.id).values()
            found += b"".join(one.data for one in parts if isinstance(one, source.Opening))
    return found


def test_the_record_of_it_names_both_people_the_ground_and_every_record(lived: Lived):
    asked = lived.records()
    lived.erase(whole(1))

    with lived.archive.reading() as view:
        leaf = source.leaves_of_case(view.connection, lived.world.case_id)[-1]
        facts = source.openings_of(view, leaf.id)["facts"]
    told = json.loads(facts.data)["told"]
    refs = json.loads(leaf.leaf)["refs"]
    hr, legal = (f"user:{lived.world.users[role]}" for role in ("hr", "legal"))
    assert told == {"approved": legal, "asked": hr, "ground": "purpose-achieved", "level": 1}
    assert {f"erases {one}" for one in asked} <= set(refs)
    assert len(refs) == len(asked) + 2  # and the webhooks of receipt and reply


def test_the_case_keeps_its_number_and_nothing_else(lived: Lived):
    lived.erase()

    with lived.archive.reading() as view:
        case = cases.case_by_no(view.connection, CASE_NO)
    assert case is not None
    assert (case.state, case.stage, case.summary, case.accident_at.year) == ("erased", "closed", None, 1970)
    for table in (
        "notice",
        "plan",
        "plan_step",
        "delivery",
        "attempt",
        "receipt",
        "reply",
        "page_token",
        "task",
    ):
        assert lived.rows(f"SELECT * FROM {table}") == []


def test_who_may_ask_and_who_may_approve(lived: Lived):
    with pytest.raises(Unacceptable, match="不能申请"):
        lived.ask(WHOLE, role="auditor")
    asked = lived.ask(WHOLE, role="legal")
    for role, said in (("hr", "只有法务或管理员"), ("auditor", "只有法务或管理员"), ("legal", "自己的申请")):
        with pytest.raises(Unacceptable, match=said):
            approve(lived.archive, lived.folder, asked, lived.user(role))
    approve(lived.archive, lived.folder, asked, lived.user("admin"))

    with pytest.raises(Unacceptable, match="没有这项"):
        approve(lived.archive, lived.folder, asked, lived.user("admin"))
    assert lived.findings() == set()


def test_a_refusal_leaves_everything_and_says_why(lived: Lived):
    asked = lived.ask()
    with lived.archive.writing() as book:
        refuse(book, asked, "还在仲裁时效之内", lived.user("legal"))

    with lived.archive.writing() as book:
        assert erasure_by_id(book.connection, asked).state == "refused"
    assert SECRET.encode() in opened(lived)
    assert lived.records("erase.refused") != []
    assert lived.findings() == set()


@pytest.mark.parametrize("when", ["before it is asked", "before it is approved"])
def test_a_hold_forbids_it_until_it_is_lifted(lived: Lived, when: str):
    asked = lived.ask() if when == "before it is approved" else ""
    with lived.archive.writing() as book:
        hold = set_hold(book, CASE_NO, "arbitration", "杭劳人仲案 2026-88", lived.user("legal"))
    act: Callable[[], object] = lambda: (  # noqa: E731
        approve(lived.archive, lived.folder, asked, lived.user("legal")) if asked else lived.ask()
    )
    with pytest.raises(Unacceptable, match=f"劳动仲裁，自 2026-11-24 起（编号 {hold}）"):
        act()
    with lived.archive.writing() as book:
        lift_hold(book, hold, "已裁决", lived.user("admin"))

    act()
    assert lived.findings() == set()


def test_only_legal_and_the_administrator_set_holds(lived: Lived):
    for role in ("hr", "auditor"):
        with pytest.raises(Unacceptable, match="只有法务或管理员"), lived.archive.writing() as book:
            set_hold(book, CASE_NO, "litigation", "x", lived.user(role))


def test_an_open_case_goes_only_on_grounds_that_cannot_wait(open_case: Lived):
    for ground, lawful in (("purpose-achieved", False), ("unlawful", True), ("consent-withdrawn", True)):
        with open_case.archive.writing() as book:
            case = cases.case_by_no(book.connection, CASE_NO)
            if lawful:
                must_be_free(book, case, ground)
            else:
                with pytest.raises(Unacceptable, match="还没有结案"):
                    must_be_free(book, case, ground)


def test_a_running_ladder_forbids_it(open_case: Lived):
    open_case.world.notify()
    with pytest.raises(Unacceptable, match="还有提醒在进行"), open_case.archive.writing() as book:
        ask(book, Wish("unlawful", "错发", case_no=CASE_NO), open_case.user("hr"))


def test_a_single_record_goes_and_the_rest_of_the_case_stays(lived: Lived):
    (reply,) = lived.records("reply.received")
    lived.erase(Wish("purpose-achieved", "含第三人信息", 1, CASE_NO, records=(reply,)))

    assert SECRET.encode() not in opened(lived)
    assert len(lived.rows("SELECT id FROM reply")) == 1  # that there was one, and when
    assert lived.findings() == set()
    with lived.archive.reading() as view:
        (notice,) = cases.notices_of(view, lived.world.case_id)
    assert notice.paragraphs


def test_a_leaf_stays_while_a_row_needs_it_or_the_heads_do(lived: Lived):
    kinds = ("case.opened", "reply.received", "receipt.received")
    named = tuple(lived.records(kind)[0] for kind in kinds)
    lived.erase(Wish("purpose-achieved", "x", 2, CASE_NO, records=named))

    left = [bool(lived.rows("SELECT leaf FROM record WHERE id = :id", id=one)[0].leaf) for one in named]
    assert left == [True, True, False]
    assert lived.findings() == set()


def test_what_was_erased_in_part_may_go_as_a_whole_later(lived: Lived):
    (reply,) = lived.records("reply.received")
    lived.erase(Wish("purpose-achieved", "含第三人信息", 2, CASE_NO, records=(reply,)))
    for level in (1, 2, 3):
        lived.erase(whole(level))
        assert lived.findings() == set()


def test_a_record_of_another_case_or_of_an_erasure_itself_cannot_be_named(lived: Lived):
    for one, said in (("nonsense", "没有记录"), (lived.records("case.opened")[0], None)):
        wish = Wish("purpose-achieved", "x", 1, CASE_NO, records=(one,))
        if said is None:
            lived.erase(wish)
        else:
            with pytest.raises(Unacceptable, match=said):
                lived.ask(wish)
    (done,) = lived.records("erase.done")
    with pytest.raises(Unacceptable, match="凭据"):
        lived.ask(Wish("purpose-achieved", "x", 1, CASE_NO, records=(done,)))


@pytest.mark.parametrize("level", [1, 3])
def test_an_employee_goes_after_the_last_case(lived: Lived, level: int):
    wish = Wish("purpose-achieved", "已离职三年", level, employee_no="E-0107")
    with pytest.raises(Unacceptable, match=f"还有案件 {CASE_NO}"):
        lived.ask(wish)
    lived.erase(whole(level))
    lived.erase(wish)

    assert lived.findings() == set()
    assert "张伟".encode() not in opened(lived)
    for table in ("employee", "contact_point", "injury_case", "legal_hold"):
        assert lived.rows(f"SELECT * FROM {table}") == []


def test_an_employee_of_whom_a_new_case_came_meanwhile_stays(lived: Lived):
    lived.erase()
    asked = lived.ask(Wish("purpose-achieved", "x", 1, employee_no="E-0107"))
    lived.open_another("GS-2026-0044")

    with pytest.raises(Unacceptable, match="GS-2026-0044"):
        approve(lived.archive, lived.folder, asked, lived.user("legal"))


def test_a_kept_answer_of_the_api_goes_too(lived: Lived):
    lived.keep_answer("k1", {"case_no": CASE_NO})
    lived.keep_answer("k2", {"case_no": "GS-2026-9999"})
    lived.erase()

    assert [row.key for row in lived.rows("SELECT key FROM idempotency")] == ["k2"]


def test_nonsense_is_refused_with_a_reason(lived: Lived):
    for wish, said in (
        (Wish("because", "x", 1, CASE_NO), "法定理由"),
        (Wish("unlawful", "x", 4, CASE_NO), "程度"),
        (Wish("unlawful", " ", 1, CASE_NO), "缘由"),
        (Wish("unlawful", "x"), "要么"),
        (Wish("unlawful", "x", 1, "GS-0"), "没有案件"),
        (Wish("unlawful", "x", employee_no="E-0"), "没有工号"),
    ):
        with pytest.raises(Unacceptable, match=said):
            lived.ask(wish)
