"""The one set of items that a payment pays exactly. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from csdesk.rules._exact import minor

MOST_TRIES = 100_000


def unique_combination(
    amounts: Sequence[int], total: int, *, most: int = 4, least: int = 2, tries: int = MOST_TRIES
) -> tuple[int, ...] | None:
    """Places of the only set of `least` to `most` amounts that adds up to `total`; None if there is none or several.

    Amounts of 0 or less take no part. A search longer than `tries` steps gives None: without having seen every set,
    none can be called the only one.

    Rule: of all sets of so many amounts exactly one has the sum `total`; a second one makes it none.

    Source: the combination (knapsack) algorithms of automatic receipts, e.g. Oracle JD Edwards "Combination Invoice
    Match", SAP account-maintenance clearing by amount.
    """
    minor(total, "The amount paid")
    order = sorted(
        (place for place, amount in enumerate(amounts) if 0 < minor(amount) <= total), key=lambda p: (-amounts[p], p)
    )
    search = _Search([amounts[place] for place in order], tries)
    for size in range(max(1, least), min(most, len(order)) + 1):
        if not search.look(total, size, 0, ()):
            break
    if len(search.found) != 1 or search.tries < 0:
        return None
    return tuple(sorted(order[place] for place in search.found[0]))


class _Search:
    """A walk through amounts in falling order; stops at the second hit or when it has taken too long."""

    def __init__(self, falling: Sequence[int], tries: int) -> None:
        self.falling, self.tries = falling, tries
        self.rising = [-amount for amount in falling]
        self.found: list[tuple[int, ...]] = []

    def look(self, total: int, size: int, start: int, taken: tuple[int, ...]) -> bool:
        """Whether to go on; the hits are in `found`."""
        count = len(self.falling)
        first = max(start, bisect_left(self.rising, -total))
        for place in range(first, count - size + 1):
            amount = self.falling[place]
            self.tries -= 1
            if self.tries < 0:
                return False
            if amount * size < total:
                break
            if size == 1:
                if amount == total:
                    self.found.append((*taken, place))
                    if len(self.found) > 1:
                        return False
                continue
            if not self.look(total - amount, size - 1, place + 1, (*taken, place)):
                return False
        return True
