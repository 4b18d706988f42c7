"""Tax by line or by rate on the document, several taxes on a line, tax-inclusive prices, cash rounding, spreading.

Pure; amounts in minor units of a currency with 0, 2 or 3 decimals, rates in percent. Both methods are the ones EN 16931
allows (document: BR-CO-17, VAT category tax amount = taxable amount x rate, rounded to the currency's decimals); which
one a document used is stored on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from csdesk.errors import Invalid, Refused
from csdesk.money import decimal_of, rounded, share, to_minor
from csdesk.rules._exact import minor, one_of

TAX_METHODS = ("line", "document")
COMPOUND_BASES = ("exact", "rounded")
# Smallest amount paid in cash, in major units, where it is more than one minor unit. Euro countries differ: give it.
CASH_INCREMENTS = {
    "AUD": "0.05", "CAD": "0.05", "CHF": "0.05", "MYR": "0.05", "HKD": "0.10", "ILS": "0.10", "NZD": "0.10",
    "ZAR": "0.10", "DKK": "0.50", "CZK": "1", "NOK": "1", "SEK": "1", "HUF": "5",
}  # fmt: skip


@dataclass(frozen=True)
class LineTax:
    """One of several taxes on a line: rate in percent; a compound one is taken on the net and the taxes before it."""

    rate: Decimal
    compound: bool = False


def tax_of(net: int, rate: Decimal, rounding: str = "half_up") -> int:
    """Tax in minor units on `net` minor units at `rate` percent.

    Formula: round(net x rate / 100).

    Switches: `rounding` (default half up, ties away from zero).

    Source: EN 16931 BR-CO-17.
    """
    return int(rounded(Decimal(minor(net)) * decimal_of(rate) / 100, 0, rounding))


def tax_within(gross: int, rate: Decimal, rounding: str = "half_up") -> int:
    """Tax contained in a tax-inclusive amount.

    Formula: gross - round(gross / (1 + rate / 100)); never net x rate again, so net and tax always make up the gross.

    Switches: `rounding` of the net (default half up).

    Source: the VAT fraction, rate / (100 + rate), of the tax authorities' guides (HMRC VAT Notice 700).
    """
    return minor(gross) - share(gross, 100, 100 + decimal_of(rate), rounding)


def line_taxes(lines: Sequence[tuple[int, Decimal]], method: str, rounding: str = "half_up") -> list[int]:
    """Tax of each (net, rate) line in minor units.

    Formula: method "line": each line rounded on its own; "document": tax per rate on the summed net, then spread over
    the lines of that rate by largest remainder, so that the lines add up to the document's tax.

    Switches: `method` as stored on the document; `rounding` (default half up).

    Source: EN 16931 BR-CO-17 and BG-23 for "document".
    """
    return _by_method(tax_of, lines, method, rounding)


def line_taxes_within(lines: Sequence[tuple[int, Decimal]], method: str, rounding: str = "half_up") -> list[int]:
    """Tax contained in each tax-inclusive (gross, rate) line in minor units.

    Formula: as `tax_within`, method "line" on each line, "document" on the summed gross of each rate, then spread over
    its lines by largest remainder.

    Switches: `method` as stored on the document; `rounding` (default half up).

    Source: as `tax_within`.
    """
    return _by_method(tax_within, lines, method, rounding)


def taxes_on(
    net: int, taxes: Sequence[LineTax | Decimal], rounding: str = "half_up", *, compound_base: str = "exact"
) -> list[int]:
    """Several taxes on one line, in the order given (a plain rate is a tax on the net).

    Formula: the sum of the exact taxes is rounded once; each tax is rounded, and the cent by which they miss the sum
    goes to the first. A compound tax is rate x (net + taxes before it).

    Switches: `rounding` (default half up); `compound_base` - a compound tax is taken on the "exact" (default) or the
    "rounded" taxes before it.

    Source: Revenu Quebec, GST 5 % and QST 9.975 % in two stages or 14.975 % in one; until 2012 QST on price plus GST.
    """
    one_of(compound_base, COMPOUND_BASES, "compound_base")
    exact: list[Decimal] = []
    for tax in taxes:
        before = [rounded(each, 0, rounding) for each in exact] if compound_base == "rounded" else exact
        base = Decimal(minor(net)) + (sum(before) if _compound(tax) else 0)
        exact.append(base * _rate(tax) / 100)
    return _fitted(int(rounded(sum(exact, Decimal(0)), 0, rounding)), exact, rounding)


def taxes_within(gross: int, taxes: Sequence[LineTax | Decimal], rounding: str = "half_up") -> list[int]:
    """Several taxes contained in one tax-inclusive amount, in the order given.

    Formula: net = round(gross / (1 + all rates)), compound ones included; the taxes are gross - net together, each
    rounded, and the cent by which they miss goes to the first.

    Switches: `rounding` (default half up).

    Source: as `tax_within` and `taxes_on`.
    """
    factors: list[Decimal] = []
    for tax in taxes:
        factors.append(_rate(tax) / 100 * (1 + (sum(factors) if _compound(tax) else 0)))
    whole = 1 + sum(factors, Decimal(0))
    total = minor(gross) - share(gross, 1, whole, rounding)
    return _fitted(total, [Decimal(gross) * factor / whole for factor in factors], rounding)


def cash_rounding(
    total: int, currency: str, *, increment: str | int | Decimal | None = None, rounding: str = "half_up"
) -> int:
    """The line that rounds a total to what can be paid in cash: minor units to add, negative to take off, or 0.

    It is taken once on the total after tax, is a line of its own without tax, and changes no tax. Raises Invalid for an
    increment that is no whole number of minor units.

    Formula: round(total / increment) x increment - total.

    Switches: `increment` in major units (0.05, 0.10, 1.00 ...; default by currency from CASH_INCREMENTS, none = no
    rounding); `rounding` (default half up).

    Source: Canada Revenue Agency, phasing out the penny; Odoo "add a rounding line".
    """
    given = CASH_INCREMENTS.get(currency) if increment is None else increment
    if given is None:
        return 0
    step = to_minor(given, currency, "down")
    if step < 1 or to_minor(given, currency, "up") != step:
        raise Invalid(f"{given} cannot be paid in {currency}; give a cash increment in whole minor units.")
    return share(minor(total), 1, step, rounding) * step - total


def document_discount(
    nets: Sequence[int],
    *,
    amount: int | None = None,
    percent: str | int | Decimal | None = None,
    rounding: str = "half_up",
) -> list[int]:
    """What each line takes of a discount on the document (an amount or a percentage), so that rates and credits fit.

    The parts add up to the discount, and none is more than its line. Raises Invalid unless just one of `amount` and
    `percent` is given and not negative, Refused for more than the lines add up to.

    Formula: largest remainder by net; a percentage is taken of the sum and rounded once.

    Switches: `rounding` of a percentage (default half up).

    Source: EN 16931 BG-20 (document level allowance, stated per VAT category); largest remainder (Hamilton).
    """
    if (amount is None) == (percent is None):
        raise Invalid("A document discount is either an amount or a percentage.", field="discount")
    total = sum(minor(net) for net in nets)
    discount = minor(amount) if amount is not None else share(total, decimal_of(percent or 0), 100, rounding)
    if (amount is not None and amount < 0) or (percent is not None and decimal_of(percent) < 0):
        raise Invalid("A document discount cannot be below 0.", field="discount")
    if abs(discount) > abs(total) or (amount and total < 0):
        raise Refused(f"A discount of {discount} is more than the lines add up to, {total}.", field="discount")
    return spread(discount, nets)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """`total` minor units spread over `weights` by largest remainder (Hamilton); the parts add up to `total`.

    With no weight at all everything goes to the first. Ties go to the earlier part. The parts of -total are those of
    total with the other sign, so that a credit takes each cent where the invoice put it.

    Formula: floor(total x weight / all weights); the units left go one each to the largest remainders.

    Source: largest remainder (Hamilton's method).
    """
    minor(total)
    whole = sum(minor(each, "A weight") for each in weights)
    if not weights:
        return []
    if whole == 0:
        return [total] + [0] * (len(weights) - 1)
    if whole < 0:
        whole, weights = -whole, [-weight for weight in weights]
    if total < 0:
        return [-part for part in spread(-total, weights)]
    parts = [total * weight // whole for weight in weights]
    rest = total - sum(parts)
    order = sorted(range(len(weights)), key=lambda place: (-((total * weights[place]) % whole), place))
    for place in order[:rest]:
        parts[place] += 1
    return parts


def _by_method(
    tax: Callable[[int, Decimal, str], int], lines: Sequence[tuple[int, Decimal]], method: str, rounding: str
) -> list[int]:
    if one_of(method, TAX_METHODS, "The tax method") == "line":
        return [tax(amount, rate, rounding) for amount, rate in lines]
    taxes = [0] * len(lines)
    for rate in {rate for _, rate in lines}:
        places = [place for place, line in enumerate(lines) if line[1] == rate]
        total = tax(sum(lines[place][0] for place in places), rate, rounding)
        for place, part in zip(places, spread(total, [lines[place][0] for place in places]), strict=True):
            taxes[place] = part
    return taxes


def _fitted(total: int, exact: Sequence[Decimal], rounding: str) -> list[int]:
    """Each part rounded; what is missing to `total` goes to the first, as far as that keeps its sign."""
    parts = [int(rounded(each, 0, rounding)) for each in exact]
    spare = total - sum(parts)
    for place, part in enumerate(parts):
        step = max(-part, spare) if total >= 0 else min(-part, spare)
        parts[place], spare = part + step, spare - step
    return parts


def _compound(tax: LineTax | Decimal) -> bool:
    return isinstance(tax, LineTax) and tax.compound


def _rate(tax: LineTax | Decimal) -> Decimal:
    return decimal_of(tax.rate if isinstance(tax, LineTax) else tax)
