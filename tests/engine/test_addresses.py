"""Addresses: whose they are, how they are written, and that "STOP" is not undone."""

import pytest

from handlers.bind import invite
from handlers.people import Address, EmployeeData, Unacceptable, save_address, save_employee
from storage import inbox, people
from tests.engine.world import ADDRESS, World


def states(here: World) -> dict[str, str]:
    with here.archive.reading() as view:
        return {one.channel: one.state for one in people.contact_points(view.connection, here.employee_id)}


def test_entering_an_address_again_does_not_undo_a_stop(here: World):
    here.hear("sms_twilio", key="s1", **{"from": ADDRESS["sms_twilio"]}, text="TD")
    here.work()
    assert states(here)["sms_twilio"] == "suppressed"
    with here.archive.writing() as book:
        again = Address("sms_twilio", "main", ADDRESS["sms_twilio"])
        save_address(book, here.employee_id, again, "entered by HR", here.user)

    assert states(here)["sms_twilio"] == "suppressed"


def test_an_address_in_use_by_somebody_else_is_refused(here: World):
    with here.archive.writing() as book:
        other, _ = save_employee(book, EmployeeData("E018", "李四", "恒力五金有限公司", "一厂"), here.user)
    with pytest.raises(Unacceptable, match="另一名员工"), here.archive.writing() as book:
        save_address(book, other, Address("sms_twilio", "main", ADDRESS["sms_twilio"]), "entered", here.user)


@pytest.mark.parametrize("written", ["+852 5550 0017", "+852-5550-0017", " +85255500017 "])
def test_a_number_is_found_however_it_was_written(here: World, written: str):
    with here.archive.writing() as book:
        save_address(book, here.employee_id, Address("sms_twilio", "main", written), "entered", here.user)
        found = people.contact_points(book.connection, here.employee_id)
    assert len([one for one in found if one.channel == "sms_twilio"]) == 1


@pytest.mark.parametrize("written", ["13800000000", "0571-5550-0100", "+0123", "张伟"])
def test_a_number_without_its_country_is_refused(here: World, written: str):
    with pytest.raises(Unacceptable, match="国际格式"), here.archive.writing() as book:
        save_address(book, here.employee_id, Address("sms_twilio", "main", written), "entered", here.user)


def test_a_code_binds_the_first_who_scans_it_and_nobody_else(make_world):
    from casework.messages import Bound
    from tests.engine.world import PretendChannel

    class Scanned(PretendChannel):
        def interpret(self, inner: bytes):
            import json

            said = json.loads(inner)
            return (Bound(said["key"], said["from"], said["code"]),)

    here: World = make_world(Scanned("wechat_oa"))
    with here.archive.writing() as book:
        code = invite(book, here.employee_id, "wechat_oa", "main")
    here.hear("wechat_oa", key="b1", **{"from": "first"}, code=code)
    here.work()
    here.hear("wechat_oa", key="b2", **{"from": "second"}, code=code)
    here.hear("wechat_oa", key="b3", **{"from": "third"}, code="made-up")
    here.work()

    with here.archive.reading() as view:
        points = people.contact_points(view.connection, here.employee_id)
        refused = inbox.counts(view.connection)["bind_refused/wechat_oa/main"]
    assert {"first"} == {one.address for one in points} - set(ADDRESS.values())
    assert refused == 2


def test_a_code_scanned_by_an_account_that_is_somebody_else_s_ends_on_hr_s_list(make_world):
    from casework.messages import Bound
    from tests.engine.world import PretendChannel

    class Scanned(PretendChannel):
        def interpret(self, inner: bytes):
            import json

            said = json.loads(inner)
            return (Bound(said["key"], said["from"], said["code"]),)

    here: World = make_world(Scanned("wechat_oa"))
    with here.archive.writing() as book:
        other, _ = save_employee(book, EmployeeData("E018", "李四", "恒力五金有限公司", "一厂"), here.user)
        save_address(book, other, Address("wechat_oa", "main", "lisi"), "entered", here.user)
        code = invite(book, here.employee_id, "wechat_oa", "main")
    here.hear("wechat_oa", key="b1", **{"from": "lisi"}, code=code)
    here.work()

    with here.archive.reading() as view:
        refused = inbox.counts(view.connection)["bind_refused/wechat_oa/main"]
    assert refused == 1
    assert [one.kind for one in here.open_tasks()] == ["hr_check"]


def test_no_address_lies_in_the_database_in_clear(here: World):
    import sqlalchemy as sa

    from storage.schema import metadata

    here.remind()
    here.work()
    here.hear("wechat_oa", key="event:wechat_oa-zhangwei:1", outcome="delivered", id="wechat_oa-1")
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="医生说再养半个月")
    here.work()
    told = ("wechat_oa-zhangwei", "+85255500017", "张伟", "王芳", "医生说", "11010519491231002X")

    with here.archive.engine.connect() as connection:
        for table in metadata.tables.values():
            raw = sa.select(*(sa.type_coerce(one, sa.types.NullType()) for one in table.c))
            for row in connection.execute(raw):
                held = " ".join(v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row)
                found = [one for one in told if one in held]
                assert found == [], f"{table.name} holds {found} in clear"
