"""How often something happened within the minute, by whom: a flood is told of and not written down drop by drop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from time import monotonic

SPAN = 60.0


class Minute:
    """Counts of the minute that runs, by name; forgotten when the next one begins."""

    def __init__(self, most: int, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._clock = most, clock
        self._begun = clock()
        self._counts: Counter[str] = Counter()

    def over(self, name: str) -> int:
        """Counts one more; how many that is beyond the first so many of its name, 0 for one of these."""
        now = self._clock()
        if now - self._begun >= SPAN:
            self._begun = now
            self._counts.clear()
        self._counts[name] += 1
        return max(self._counts[name] - self._most, 0)
