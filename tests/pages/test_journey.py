"""From the gate to the receipt, on both databases."""

from storage import tasks
from tests.pages.reading import identified, kinds_of, press
from tests.world import opened_world


def test_the_employee_opens_says_that_he_cannot_come_and_later_confirms(database_url):
    with opened_world(database_url) as world:
        world.notify()
        world.work()
        client = identified(world)
        press(client, world.token(), "cannot", text="医生要我再休息两周")
        paused = world.plan().state
        press(client, world.token(), "read")

        assert paused == "paused"
        assert world.plan().state == "ended"
        assert kinds_of(world, "page.") == ["page.displayed", "page.answered", "page.read"]
        with world.desk.archive.reading() as view:
            assert [task.kind for task in tasks.open_tasks(view.connection)] == ["confirm_reply"]
