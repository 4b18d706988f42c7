"""Which products stand in for one that is short when nobody maintained alternatives: the most alike by name. Pure.

Rule: the mean of two likenesses of the names, from 50 of 100 on. Source: rapidfuzz, token-sort and plain ratio.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz

LEAST_LIKE = 50.0


def most_alike(name: str, others: Iterable[tuple[int, str]], limit: int = 3) -> list[int]:
    """Ids of the `limit` most alike names, best first, those under 50 of 100 left out.

    Likeness is the mean of rapidfuzz's token-sort and plain ratios (Indel distance, 0-100), so that both the words and
    their order count; ties go to the smaller id.
    """
    key = name.lower()
    scored = [
        ((fuzz.token_sort_ratio(key, other.lower()) + fuzz.ratio(key, other.lower())) / 2, id) for id, other in others
    ]
    best = sorted((each for each in scored if each[0] >= LEAST_LIKE), key=lambda each: (-each[0], each[1]))
    return [id for _, id in best[:limit]]
