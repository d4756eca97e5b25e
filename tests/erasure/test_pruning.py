"""Which subtrees forget their hashes: the largest whose leaves are all erased, and none that a note cuts."""

import pytest

from storage.pruning import blocks


@pytest.mark.parametrize(
    ("bare", "ends", "found"),
    [
        (range(8), [], [(3, 0)]),
        (range(8), [8, 0], [(3, 0)]),
        (range(8), [4], [(2, 0), (2, 1)]),
        (range(8), [6], [(1, 2), (1, 3), (2, 0)]),
        (range(8), [5], [(1, 3), (2, 0)]),
        (range(1, 8), [], [(1, 1), (2, 1)]),
        ([0, 2, 4], [], []),
        ([1, 2], [], []),
        ([], [], []),
        ([1 << 40, (1 << 40) + 1], [], [(1, 1 << 39)]),
    ],
    ids=[
        "all of eight", "a note at either end", "a note in the middle", "a note at three quarters",
        "a note between two leaves", "all but the first", "every second", "two of different pairs", "none",
        "the next epoch",
    ],
)  # fmt: skip
def test_the_largest_whole_subtrees_are_found(bare, ends, found):
    assert sorted(blocks(bare, ends)) == found
