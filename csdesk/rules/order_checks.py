"""Checks before an order is committed: duplicate, unusual quantity, minimum, multiples, phase-out. Pure.

Rule: each check on its own; all are warnings or faults of a line. Source: the order desk's own (docs/decisions.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median

Basket = Sequence[tuple[int, Decimal]]  # (product id, base quantity)
DUPLICATE_HOURS = 24
UNUSUAL_TIMES = 4
UNUSUAL_HISTORY = 3


def duplicate_of(lines: Basket, placed_at: datetime, earlier: Iterable[tuple[str, datetime, Basket]]) -> str | None:
    """The number of an order of the last 24 hours with the same products and quantities, newest first."""
    wanted = sorted(lines)
    since = placed_at - timedelta(hours=DUPLICATE_HOURS)
    for number, at, basket in sorted(earlier, key=lambda each: each[1], reverse=True):
        if since <= at <= placed_at and sorted(basket) == wanted:
            return number
    return None


def unusual(quantity: Decimal, history: Sequence[Decimal]) -> Decimal | None:
    """The usual (median) quantity when `quantity` is more than four times or less than a quarter of it.

    Needs at least three earlier quantities of this customer; None when it looks usual.
    """
    if len(history) < UNUSUAL_HISTORY:
        return None
    usual = median(history)
    if usual <= 0 or usual / UNUSUAL_TIMES <= quantity <= usual * UNUSUAL_TIMES:
        return None
    return usual


def quantity_fault(quantity: Decimal, minimum: Decimal, multiple: Decimal, unit: str) -> str | None:
    """Why a quantity cannot be ordered (below minimum, no multiple), with the nearest ones that can; None if it can.

    A minimum that is no multiple counts as the next multiple above it.
    """
    least = minimum
    if multiple > 0:  # Decimal's // cuts towards zero
        least = max(multiple, (minimum // multiple + (1 if minimum % multiple else 0)) * multiple)
    if quantity < least:
        return f"the least is {least.normalize():f} {unit}"
    if multiple > 0 and (over := quantity % multiple):
        down, up = quantity - over, quantity - over + multiple
        return f"it comes in multiples of {multiple.normalize():f} {unit}: {down.normalize():f} or {up.normalize():f}"
    return None


def phased_out(day: date, phase_in: date | None, phase_out: date | None) -> str | None:
    """Why a product cannot be ordered for `day`: not yet or no more on sale; None if it can."""
    if phase_in is not None and day < phase_in:
        return f"it comes on sale on {phase_in.isoformat()}"
    if phase_out is not None and day >= phase_out:
        return f"it left the range on {phase_out.isoformat()}"
    return None
