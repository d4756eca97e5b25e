"""HR takes a case from the notice to the answer, in a browser without scripts, on both databases."""

from tests.console.forms import CASE, FACTS, open_tasks, task_id, the_reply
from tests.web import field_of, post, signed_in, web_app
from tests.world import opened_world


def test_from_the_notice_to_the_confirmed_answer(database_url):
    with opened_world(database_url) as world:
        hr = signed_in(world, web_app(world))
        preview = post(hr, CASE, f"{CASE}/notices/preview", kind="return_reminder", **FACTS)
        fields = {"digest": field_of(preview.text, "digest"), **FACTS}
        post(hr, CASE, f"{CASE}/notices", kind="return_reminder", **fields)
        for _ in range(4):
            world.work()
            world.clock.pass_by(days=1)
        world.work()
        post(hr, CASE, f"{CASE}/tasks/{task_id(world)}", outcome="reached", note="会转告")
        world.reply(world.wechat, "医生让我再休息两周")
        asked = [task.kind for task in open_tasks(world)]
        post(hr, "/", f"{CASE}/replies/{the_reply(world).id}", meaning="extension", note="")
        text = hr.get(CASE).text

    assert asked == ["confirm_reply"]
    for words in ("返岗提醒", "微信", "短信", "已接通", "会转告", "医生让我再休息两周", "已确认：要求延期"):
        assert words in text
    assert "阶梯结束" in text
