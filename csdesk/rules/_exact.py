"""Guards at the door of a rule: whole minor units, plain days, known switches, ratios that may be undefined. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from csdesk.errors import Invalid
from csdesk.money import decimal_of


def minor(value: int, what: str = "An amount") -> int:
    """The value itself when it is a whole number of minor units. Refuses floats, Decimals, text and truth values."""
    if type(value) is not int:
        raise Invalid(f"{what} must come in whole minor units, not as {type(value).__name__}.")
    return value


def whole(record: object, *names: str) -> None:
    """Refuses a record one of whose named amounts is not in whole minor units; None is no amount."""
    for name in names:
        if (value := getattr(record, name)) is not None:
            minor(value, f"The amount '{name}'")


def count(value: int, what: str, least: int = 0) -> int:
    """The value itself when it is a whole number of at least `least`."""
    if type(value) is not int or value < least:
        raise Invalid(f"{what} must be a whole number of at least {least}, not {value!r}.")
    return value


def day(value: date, what: str = "The day") -> date:
    """The value itself when it is a plain date. Refuses a moment, since its day depends on a time zone."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Invalid(f"{what} must be a plain date, not {value!r}.")
    return value


def one_of(value: str, allowed: Collection[str], what: str) -> str:
    """The value itself when it is one of a switch's settings; the refusal names them all."""
    if value not in allowed:
        raise Invalid(f"{what} is one of {', '.join(sorted(allowed))}, not {value!r}.")
    return value


def percentage(value: str | int | Decimal, what: str, most: int | None = 100) -> Decimal:
    """A percentage of at least 0, at most `most` (None = no upper end). Refuses floats."""
    number = decimal_of(value)
    if number < 0 or (most is not None and number > most):
        raise Invalid(f"{what} must be a percentage from 0{f' to {most}' if most is not None else ''}, not {value}.")
    return number


def ratio(over: Decimal | int, under: Decimal | int) -> Decimal | None:
    """over / under, unrounded; None when `under` is zero or negative, since the figure then says nothing."""
    return None if under <= 0 else Decimal(over) / Decimal(under)
