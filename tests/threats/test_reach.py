"""Trust that ended before the case began (threats T5, T7, T20): a policy is not content with it."""

from evidence.report import Report
from tests.evidence import keys, worlds
from tests.evidence.bundles import judged, members, packed, policy
from tests.evidence.worlds import LOG, World
from tests.threats.court import found, unmet, unshown

FIRST = f"log {keys.log(f'{LOG}/1', 'first').key.vkey}\nquorum none\n"


def begun() -> World:
    """A log that was signed and shown outside before it held anything of the case."""
    world = World()
    world.system("log.started")
    world.rotate("first")
    world.anchor()
    return world


def judge(world: World, folder, trusted: str) -> Report:
    worlds.compose_notice(world)
    worlds.send_notice(world)
    worlds.deliver_notice(world)
    world.make_heads()
    return judged(packed(members(world)), folder, trusted)


def test_t20_those_who_saw_the_log_only_before_the_case_prove_nothing_of_it(tmp_path):
    report = judge(begun(), tmp_path, policy())

    assert (found(report), report.verified) == (set(), False)
    assert unmet(report) == {"witness", "anchor"}
    assert {"not.reach.witness", "not.reach.anchor"} <= unshown(report)


def test_t7_a_pretended_restore_with_a_key_of_ones_own_is_not_covered_by_the_old_key(tmp_path):
    """The new epoch needs no signature of the old key: only what the old one covers is trusted."""
    world = begun()
    world.restart(world.note(), "second")
    report = judge(world, tmp_path, FIRST)

    assert (found(report), unmet(report), report.verified) == (set(), {"log-key"}, False)


def test_the_same_log_signed_to_its_end_by_the_key_that_is_trusted_is_enough(tmp_path):
    report = judge(begun(), tmp_path, FIRST)

    assert (found(report), unmet(report), report.verified) == (set(), set(), True)
