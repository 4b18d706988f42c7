"""Tax by line or by rate on the document; tax-inclusive prices; the spare cent. Pure.

Both methods are the ones EN 16931 allows (document: BR-CO-17, VAT category tax amount = taxable amount x rate,
rounded to the currency's decimals); which one a document used is stored on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from csdesk.money import rounded


def tax_of(net: int, rate: Decimal, rounding: str = "half_up") -> int:
    """Tax in minor units on `net` minor units at `rate` percent."""
    return int(rounded(Decimal(net) * rate / 100, 0, rounding))


def tax_within(gross: int, rate: Decimal, rounding: str = "half_up") -> int:
    """Tax contained in a tax-inclusive amount: gross - round(gross / (1 + rate)), never net x rate again."""
    net = int(rounded(Decimal(gross) * 100 / (100 + rate), 0, rounding))
    return gross - net


def line_taxes(lines: Sequence[tuple[int, Decimal]], method: str, rounding: str = "half_up") -> list[int]:
    """Tax of each (net, rate) line in minor units.

    method "line": each line rounded on its own. "document": tax per rate on the summed net, then spread over the
    lines of that rate by largest remainder, so that the lines add up to the document's tax.
    """
    if method == "line":
        return [tax_of(net, rate, rounding) for net, rate in lines]
    taxes = [0] * len(lines)
    for rate in {rate for _, rate in lines}:
        places = [place for place, line in enumerate(lines) if line[1] == rate]
        total = tax_of(sum(lines[place][0] for place in places), rate, rounding)
        for place, share in zip(places, spread(total, [lines[place][0] for place in places]), strict=True):
            taxes[place] = share
    return taxes


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """`total` minor units spread over `weights` by largest remainder (Hamilton); the parts add up to `total`.

    With no weight at all everything goes to the first. Ties go to the earlier part. The parts of -total are those of
    total with the other sign, so that a credit takes each cent where the invoice put it.
    """
    whole = sum(weights)
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
