"""Foreign currency: quoted rates, conversion, gain or loss on settlement, revaluation of open items. Pure.

Amounts are signed integer minor units of their own currency (0, 2 or 3 decimals by ISO 4217); rates are Decimals.
A gain is positive, a loss negative, in the home currency, for debts and credits alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from csdesk.errors import Invalid
from csdesk.money import decimal_of, exponent, rounded, to_major
from csdesk.rules import _exact

QUOTATIONS = ("direct", "indirect")


@dataclass(frozen=True)
class Rate:
    """An exchange rate between a foreign and the home currency.

    "direct": `units` of the foreign currency cost `value` of the home currency (100 JPY = 0.61 EUR: units=100).
    "indirect": `units` of the home currency buy `value` of the foreign one (1 EUR = 163.9 JPY).
    """

    foreign: str
    home: str
    value: Decimal | int | str
    units: int = 1
    quotation: str = "direct"

    def __post_init__(self) -> None:
        """Refuses rates of zero or less, floats, and a currency against itself."""
        _exact.one_of(self.quotation, QUOTATIONS, "The quotation")
        _exact.count(self.units, "The units of a rate", 1)
        if decimal_of(self.value) <= 0:
            raise Invalid("An exchange rate is above zero.")
        if self.foreign == self.home:
            raise Invalid(f"{self.home} has no rate against itself.")


@dataclass(frozen=True)
class FxItem:
    """An item in foreign currency: face (foreign), booked (home) when it was posted, applied so far (foreign).

    All have the sign of the item: debts positive, receipts and credits negative.
    """

    face: int
    booked: int
    applied: int = 0
    id: str = ""

    def __post_init__(self) -> None:
        _exact.whole(self, "face", "booked", "applied")

    @property
    def open(self) -> int:
        """What is still open, in foreign minor units."""
        return self.face - self.applied


@dataclass(frozen=True)
class Settlement:
    """A (partial) settlement: foreign amount, what it was booked at, what came for it, and the gain (home currency)."""

    amount: int
    booked: int
    settled: int
    gain: int


@dataclass(frozen=True)
class Revalued:
    """An open item at the closing rate: open (foreign), carried and closing value, unrealised gain (home currency)."""

    id: str
    open: int
    carried: int
    closing: int
    gain: int


@dataclass(frozen=True)
class Revaluation:
    """A revaluation: posted on the closing day, reversed to the cent on the next."""

    on: date
    reversed_on: date
    items: tuple[Revalued, ...]

    @property
    def gain(self) -> int:
        """The unrealised gain (negative: loss) posted on the closing day."""
        return sum(each.gain for each in self.items)

    @property
    def reversal(self) -> int:
        """What is posted on the next day."""
        return -self.gain


def convert_exact(amount: int, source: str, target: str, rate: Rate) -> Decimal:
    """An amount in minor units of `source`, in minor units of `target`, unrounded.

    Formula: direct: foreign x value / units; indirect: foreign x units / value; the other way round from home.
    Refuses a rate of other currencies.
    Source: ISO 4217 for the decimals; direct and indirect quotation as in SAP and Dynamics 365 exchange rates.
    """
    _exact.minor(amount)
    if {source, target} != {rate.foreign, rate.home}:
        raise Invalid(f"A rate of {rate.foreign} in {rate.home} does not convert {source} to {target}.")
    value, units = decimal_of(rate.value), Decimal(rate.units)
    over, under = (value, units) if (rate.quotation == "direct") == (source == rate.foreign) else (units, value)
    return (to_major(amount, source) * over / under).scaleb(exponent(target))


def convert(amount: int, source: str, target: str, rate: Rate, *, rounding: str = "half_up") -> int:
    """An amount in minor units of `source`, in minor units of `target`, rounded once.

    Switches: `rounding` default half up, ties away from zero.
    Source: as `convert_exact`; IAS 21.21 (the spot rate of the day of the transaction).

    Formula: as `convert_exact`, rounded once.
    """
    return int(rounded(convert_exact(amount, source, target, rate), 0, rounding))


def booked_part(item: FxItem, amount: int, *, rounding: str = "half_up") -> int:
    """What a part of an item was booked at, in home minor units; all parts add up to the booking, no cent is left.

    Formula: round(booked x (applied + part) / face) - round(booked x applied / face).
    Refuses a part of nothing, of the other sign, or above what is open.

    Source: as `settle`; cumulative rounding, so that parts add up to the whole.
    """
    _exact.minor(amount)
    for each in (item.face, item.booked, item.applied):
        _exact.minor(each)
    if not amount or amount * item.face < 0 or abs(amount) > abs(item.open) or item.applied * item.face < 0:
        raise Invalid(
            f"Item {item.id or 'in foreign currency'} has {item.open} open; {amount} cannot be settled of it."
        )
    return _up_to(item, item.applied + amount, rounding) - _up_to(item, item.applied, rounding)


def _up_to(item: FxItem, applied: int, rounding: str) -> int:
    return int(rounded(Decimal(item.booked * applied) / item.face, 0, rounding)) if item.face else 0


def settle(item: FxItem, amount: int, settled: int, *, rounding: str = "half_up") -> Settlement:
    """The realised gain on settling a part of an item for `settled` home minor units (what the money was worth).

    Formula: settled - booked part. `settled` is the receipt at its own rate: `convert(amount, …)` on the value date.
    Switches: `rounding` of the booked part, cumulative, default half up.
    Source: IAS 21.28 (exchange differences on settlement in profit or loss); Business Central, realised gains.
    """
    booked = booked_part(item, amount, rounding=rounding)
    return Settlement(amount, booked, _exact.minor(settled), settled - booked)


def settle_against(debt: FxItem, credit: FxItem, amount: int, *, rounding: str = "half_up") -> Settlement:
    """The realised gain on allocating a part of a receipt or credit to a debt; both in one foreign currency.

    Formula: what the part of the credit was booked at (its own rate) - what the part of the debt was booked at.
    `amount` is positive; the credit has negative amounts.
    Source: as `settle`.
    """
    return settle(debt, amount, -booked_part(credit, -amount, rounding=rounding), rounding=rounding)


def revalue(
    items: Iterable[FxItem], foreign: str, home: str, rate: Rate, on: date, *, rounding: str = "half_up"
) -> Revaluation:
    """Open items of one foreign currency at the closing rate: the unrealised gain, reversed on the next day.

    Formula: open x closing rate - (booked - what settled parts were booked at). Settled items change nothing.
    Switches: `rounding` per item, default half up.
    Source: IAS 21.23(a) and 21.28 (monetary items at the closing rate); SAP key-date valuation with reversal.
    """
    rows = []
    for item in items:
        if _exact.minor(item.open):
            carried = item.booked - _up_to(item, item.applied, rounding)
            closing = convert(item.open, foreign, home, rate, rounding=rounding)
            rows.append(Revalued(item.id, item.open, carried, closing, closing - carried))
    return Revaluation(_exact.day(on, "The closing day"), on + timedelta(days=1), tuple(rows))
