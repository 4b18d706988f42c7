"""What an allocation is made of: open items, remittance lines, rows, and the policy by which money is allocated.

Pure values. Amounts are minor units, ids whatever the caller's records are known by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from csdesk.money import decimal_of
from csdesk.rules._exact import count, minor, one_of

STEPS = ("reference", "exact", "combination", "order")
ORDERS = ("oldest_due", "oldest_document", "largest", "smallest", "proportional")
DISCOUNTS = ("shortage", "earned", "none")
SAME_AMOUNT = ("oldest", "on_account")


@dataclass(frozen=True)
class OpenItem:
    """An open item: `open` debit positive, credit negative. `discount` minor units may be taken up to
    `discount_until`, that day included."""

    id: Any
    number: str
    open: int
    due: date
    issued: date | None = None
    currency: str = ""
    disputed: bool = False
    discount: int = 0
    discount_until: date | None = None

    def __post_init__(self) -> None:
        minor(self.open, "An open amount")
        count(self.discount, "A discount")


@dataclass(frozen=True)
class Reference:
    """A line of a remittance advice: the document's number and the amount paid for it, where it was stated."""

    number: str
    amount: int | None = None

    def __post_init__(self) -> None:
        if self.amount is not None:
            minor(self.amount, "The amount of a remittance line")


@dataclass(frozen=True)
class Applied:
    """A row: so much of an item is cleared, by "cash", "discount" or "difference". `credit` is the open credit used,
    None the receipt itself; `rule` the step that found it. A reversing row has a negative amount."""

    item: Any
    amount: int
    kind: str = "cash"
    credit: Any = None
    rule: str = ""

    def __post_init__(self) -> None:
        minor(self.amount, "The amount of a row")


@dataclass(frozen=True)
class Policy:
    """How money is allocated.

    `steps` in order: remittance reference, exact amount, unique combination, then `order` (one of ORDERS);
    `combination` - the most items of a combination; `same_amount` - when several items have the amount paid: "oldest"
    due one, or leave it "on_account"; `partial` - whether the order may pay an item in part; `skip_disputed` unless
    named; `tolerance` minor units and `tolerance_percent` of the open amount, both inclusive and both to be kept, by
    which a payment may fall short; `discount` - "shortage": taken as far as the money falls short of the full amount,
    "earned": always when paid in time, "none"; `discount_grace` days; `partial_discount` - a part paid in time earns
    its part of the discount.
    """

    steps: Sequence[str] = STEPS
    order: str = "oldest_due"
    combination: int = 4
    same_amount: str = "oldest"
    partial: bool = True
    skip_disputed: bool = True
    tolerance: int = 0
    tolerance_percent: Decimal | None = None
    discount: str = "shortage"
    discount_grace: int = 0
    partial_discount: bool = False

    def __post_init__(self) -> None:
        for step in self.steps:
            one_of(step, STEPS, "A step")
        one_of(self.order, ORDERS, "order")
        one_of(self.discount, DISCOUNTS, "discount")
        one_of(self.same_amount, SAME_AMOUNT, "same_amount")
        count(self.tolerance, "tolerance")
        count(self.combination, "combination")
        if self.tolerance_percent is not None:
            decimal_of(self.tolerance_percent)


@dataclass(frozen=True)
class Allocation:
    """What became of a receipt: rows, what stays on account, and the references no open item was found for."""

    rows: tuple[Applied, ...]
    on_account: int
    unmatched: tuple[str, ...] = ()


def named_by(numbers: Sequence[str], items: Sequence[OpenItem]) -> list[OpenItem | None]:
    """The item each number of a remittance names, None where none does; the first of items with the same number.

    Rule: the number as written; else its letters and figures alone, in whatever case, where just one number among the
    items reads so: "12-3" and "1-23" are not the same, and "123" then names neither.

    Source: the desk's own (docs/decisions.md, "Remittance").
    """
    written = {item.number.strip(): item for item in reversed(items)}
    alike: dict[str, list[OpenItem]] = {}
    for number, item in written.items():
        alike.setdefault(_plain(number), []).append(item)
    found: list[OpenItem | None] = []
    for number in (each.strip() for each in numbers):
        plain = _plain(number)
        only = alike[plain][0] if plain and len(alike.get(plain, ())) == 1 else None
        found.append(written.get(number, only))
    return found


def _plain(number: str) -> str:
    return "".join(sign for sign in number.casefold() if sign.isalnum())
