"""Amounts in minor units: exact integers with a currency, never a float. Used by rules, services and views."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal, InvalidOperation, localcontext

from csdesk.errors import Invalid

# ISO 4217 exponents that differ from 2 (list one of the standard, currencies in trade use).
EXPONENTS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0,
    "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip

ROUNDINGS = {
    "half_up": ROUND_HALF_UP,  # ties away from zero: decimal's HALF_UP is symmetric
    "half_even": ROUND_HALF_EVEN,
    "down": ROUND_DOWN,
    "up": ROUND_UP,
}


def exponent(currency: str) -> int:
    """Decimals of a currency by ISO 4217: 0, 2 or 3."""
    return EXPONENTS.get(currency, 2)


def decimal_of(value: str | int | Decimal) -> Decimal:
    """A Decimal from a string, int or Decimal. Refuses floats, NaN and infinities with Invalid."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Invalid(f"An amount must come as text or a whole number, not as {type(value).__name__}.")
    try:
        number = Decimal(value.strip()) if isinstance(value, str) else Decimal(value)
    except InvalidOperation:
        raise Invalid(f"{value!r} is not a number.") from None
    if not number.is_finite():
        raise Invalid(f"{value!r} is not a number.")
    return number


def rounded(value: Decimal, places: int = 0, rounding: str = "half_up") -> Decimal:
    """`value` rounded to `places` decimals; `rounding` is a name of ROUNDINGS (default: ties away from zero)."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUNDINGS[rounding])


def share(total: int, part: int | Decimal, whole: int | Decimal, rounding: str = "half_up") -> int:
    """round(total x part / whole) in minor units, rounded once; 0 when `whole` is 0. Refuses floats with Invalid."""
    exact = decimal_of(total), decimal_of(part), decimal_of(whole)
    if not whole:
        return 0
    with localcontext() as context:
        context.prec = 60  # 28 digits would round a long quotient on to a tie before it is rounded
        return int(rounded(exact[0] * exact[1] / exact[2], 0, rounding))


MOST = 10**15  # minor units; far above any document, far below what a column holds


def to_minor(value: str | int | Decimal, currency: str, rounding: str = "half_up") -> int:
    """An amount in major units as integer minor units of `currency`: to_minor("12.345", "USD") == 1235. Raises Invalid
    for one that no document can have."""
    number = decimal_of(value)
    if number.adjusted() > 20 or abs(number.scaleb(exponent(currency))) > MOST:
        raise Invalid(f"{str(value)[:30]} is more than an amount can be.", field="amount")
    return int(rounded(number.scaleb(exponent(currency)), 0, rounding))


_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:[.,][0-9]{3})+")
_PLAIN = re.compile(r"[+-]?[0-9]{1,60}(?:[.,][0-9]{1,60})?")


def may_be_thousands(text: str) -> bool:
    """Whether a typed number may be one with marks between its thousands: "1,250", "1.250", "1.250.000"."""
    return _GROUPED.fullmatch(text) is not None


def typed_minor(text: str, currency: str) -> int:
    """A typed amount in minor units: figures 0 to 9, one comma or point before the decimals.

    Raises Invalid for one that may mean two things ("1,250" and "1.250" alike, unless the currency has three decimals),
    for more decimals than the currency has, and for anything else that is no plain number ("1_000", "1e3").
    """
    plain = text.strip()
    if may_be_thousands(plain) and (exponent(currency) != 3 or not _PLAIN.fullmatch(plain)):
        whole = re.sub("[.,]", "", plain)
        raise Invalid(f"{plain} may mean {whole}; type it without the mark between the thousands.", field="amount")
    if not _PLAIN.fullmatch(plain):
        raise Invalid(f"'{plain[:30]}' is no amount; type it as 1250 or 1250.50.", field="amount")
    number = decimal_of(plain.replace(",", "."))
    minor = to_minor(number, currency)
    if to_major(minor, currency) != number:
        decimals = {0: "no decimals", 2: "two decimals", 3: "three decimals"}[exponent(currency)]
        raise Invalid(f"{currency} has {decimals}; {plain} has more.", field="amount")
    return minor


def to_major(minor: int, currency: str) -> Decimal:
    """Integer minor units as an exact Decimal in major units: to_major(1235, "USD") == Decimal("12.35")."""
    return decimal_of(minor).scaleb(-exponent(currency))


def show(minor: int, currency: str) -> str:
    """Plain text of an amount without the currency, fixed decimals: show(-1235, "USD") == "-12.35"."""
    return f"{to_major(minor, currency):.{exponent(currency)}f}"


def show_quantity(quantity: Decimal) -> str:
    """A quantity without needless zeros: "12", "1.5"."""
    text = f"{quantity:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
