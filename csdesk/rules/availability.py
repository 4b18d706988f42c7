"""Availability to promise: what can be given now, what later and when. Pure, in base units.

ATP per warehouse = on hand - reserved, then expected receipts by date less what is promised on them already
(APICS/ASCM Dictionary, "available-to-promise", discrete form).

Rule: what is free now, then receipts by date. Source: APICS/ASCM Dictionary, available-to-promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Incoming:
    """An expected receipt: when, and how much of it is not promised yet."""

    id: int
    due_on: date
    free: Decimal


@dataclass(frozen=True)
class Take:
    """A part of a wanted quantity: from stock (`receipt_id` None, `on` None) or from a receipt of that day."""

    quantity: Decimal
    receipt_id: int | None = None
    on: date | None = None


@dataclass(frozen=True)
class Offer:
    """How a wanted quantity can be met: `takes` in order of date, `missing` cannot be promised at all."""

    wanted: Decimal
    takes: tuple[Take, ...]
    missing: Decimal

    @property
    def now(self) -> Decimal:
        """What lies here and is free."""
        return sum((take.quantity for take in self.takes if take.receipt_id is None), ZERO)

    @property
    def short(self) -> bool:
        """Whether less than the wanted quantity can be given now."""
        return self.now < self.wanted

    @property
    def complete_on(self) -> date | None:
        """The day of the last receipt needed; None when nothing is needed or the rest is unknown."""
        return None if self.missing else max((take.on for take in self.takes if take.on), default=None)


def offer(wanted: Decimal, on_hand: Decimal, reserved: Decimal, incoming: Sequence[Incoming] = ()) -> Offer:
    """What can be promised of `wanted`; never more than is free anywhere."""
    takes: list[Take] = []
    left = wanted
    free = max(ZERO, on_hand - reserved)
    if free > 0 and left > 0:
        takes.append(Take(min(free, left)))
        left -= takes[-1].quantity
    for receipt in sorted(incoming, key=lambda each: (each.due_on, each.id)):
        if left <= 0:
            break
        if receipt.free > 0:
            takes.append(Take(min(receipt.free, left), receipt.id, receipt.due_on))
            left -= takes[-1].quantity
    return Offer(wanted, tuple(takes), max(ZERO, left))
