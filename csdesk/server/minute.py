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

    def count(self, name: str) -> bool:
        """Counts one more; whether it is among the first so many of its name."""
        now = self._clock()
        if now - self._begun >= SPAN:
            self._begun = now
            self._counts.clear()
        self._counts[name] += 1
        return self._counts[name] <= self._most
