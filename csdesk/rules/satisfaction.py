"""What customers say in figures: CSAT and NPS. Pure.

Rule: hidden under FEWEST answers, where a single one would tell who gave it. Source: CSAT as the share of the two best
of five scores (ISO 10004:2018, annex on analysis); NPS of F. F. Reichheld, The One Number You Need to Grow (2003).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

FEWEST = 10
BEST, PROMOTES, DETRACTS = 4, 9, 6


def csat(scores: Sequence[int], fewest: int = FEWEST) -> Decimal | None:
    """The share of satisfied answers (4 and 5 of 5) in percent with one decimal; None under `fewest` answers.

    Formula: 100 x scores of 4 or 5 / scores. Switches: `fewest`.
    """
    return _percent(sum(each >= BEST for each in scores), len(scores), fewest)


def nps(recommends: Sequence[int], fewest: int = FEWEST) -> Decimal | None:
    """Promoters less detractors in percentage points, -100 to 100, with one decimal; None under `fewest` answers.

    Formula: 100 x (9 and 10 - 0 to 6) / answers. Switches: `fewest`.
    """
    promoters = sum(each >= PROMOTES for each in recommends)
    return _percent(promoters - sum(each <= DETRACTS for each in recommends), len(recommends), fewest)


def _percent(part: int, whole: int, fewest: int) -> Decimal | None:
    if whole < max(fewest, 1):
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
