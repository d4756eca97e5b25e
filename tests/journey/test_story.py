"""The story that `make run` tells, on both databases."""

from storage.audit import audit


def test_the_sandbox_s_story_ends_verified(journey):
    here = journey(worker=True)
    here.teller.seed()
    told = here.teller.play()

    assert told.verified
    assert here.teller.timeline().count("\n#") == told.exported.records + 1  # the export is a record too
    with here.archive.reading() as view:
        assert audit(view, told.exported.path).findings == ()
