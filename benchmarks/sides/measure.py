"""What each measured program reads of itself: seconds on a clock that only goes forward, and peak memory."""

import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Measured:
    """Collects figures and prints them as one JSON object."""

    def __init__(self) -> None:
        self.figures: dict[str, float] = {}

    @contextmanager
    def rate(self, what: str, count: int) -> Iterator[None]:
        """Measure how many per second are done inside the block."""
        began = time.perf_counter()
        yield
        self.figures[what] = count / (time.perf_counter() - began)

    @contextmanager
    def seconds(self, what: str) -> Iterator[None]:
        """Measure how long the block takes."""
        began = time.perf_counter()
        yield
        self.figures[what] = time.perf_counter() - began

    def memory(self, what: str) -> None:
        """Note the most memory that this process ever held, in MB."""
        self.figures[what] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    def tell(self) -> None:
        """Print the figures."""
        print(json.dumps(self.figures))
