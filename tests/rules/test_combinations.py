"""The only combination: found when there is one, never claimed when there may be another."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.rules.combinations import unique_combination


@pytest.mark.parametrize(
    ("amounts", "total", "places"),
    [
        ([10000, 20000, 35000], 45000, (0, 2)),
        ([10000, 20000, 35000], 65000, (0, 1, 2)),
        ([10000, 20000, 35000], 10000, None),  # a single item is no combination
        ([10000, 10000, 5000], 15000, None),  # two ways
        ([1, 2, 3], 7, None),
        ([], 5, None),
        ([5, -5, 5], 10, (0, 2)),
        ([1, 1, 1, 1, 1], 5, None),  # more than four
    ],
)
def test_by_hand(amounts: list[int], total: int, places: tuple[int, ...] | None) -> None:
    assert unique_combination(amounts, total) == places


def test_a_search_that_takes_too_long_finds_nothing() -> None:
    amounts = list(range(1, 400))
    assert unique_combination([*amounts, 10**6], 10**6 + 400, tries=100) is None
    assert unique_combination([3, 10**6], 10**6 + 3, tries=100) == (0, 1)


@given(st.lists(st.integers(-3, 30), max_size=9), st.integers(0, 60), st.integers(2, 5))
def test_it_is_what_trying_everything_finds(amounts: list[int], total: int, most: int) -> None:
    positive = [place for place, amount in enumerate(amounts) if amount > 0]
    every = [
        places
        for size in range(2, most + 1)
        for places in combinations(positive, size)
        if sum(amounts[place] for place in places) == total
    ]
    assert unique_combination(amounts, total, most=most) == (every[0] if len(every) == 1 else None)
