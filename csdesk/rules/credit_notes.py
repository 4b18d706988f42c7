"""What may still be credited of an invoice, what a credit takes of it, and surcharges on its lines. Pure, minor units.

Each line keeps what was credited of it so far: quantity, net and tax, of posted and of pending credit notes alike. A
quantity credit and a price credit draw on the same net; all of the quantity gives exactly the net and tax billed. Face
amounts are positive; a line with negative net (a return or discount on the invoice) is credited with negative amounts.

Formula: as of each line, document tax by its method. Source: cumulative rounding; EN 16931 BR-CO-17.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from csdesk.errors import Invalid, Refused
from csdesk.money import decimal_of, share, show, show_quantity
from csdesk.rules._exact import minor, one_of, whole
from csdesk.rules.tax import line_taxes, spread

OVER = ("refuse", "cap")
BASIS = ("invoice", "left")
TAX_METHODS = ("line", "document")


@dataclass(frozen=True)
class InvoiceLine:
    """A posted line: quantity billed, net and tax in minor units, tax rate in percent; `line` is its number."""

    quantity: Decimal
    net: int
    tax: int
    rate: Decimal = Decimal(0)
    line: int = 1
    currency: str = ""

    def __post_init__(self) -> None:
        whole(self, "net", "tax")


@dataclass(frozen=True)
class Credited:
    """What credit notes take of a line: quantity (0 of a price credit), net and tax in minor units."""

    quantity: Decimal = Decimal(0)
    net: int = 0
    tax: int = 0

    def __post_init__(self) -> None:
        whole(self, "net", "tax")

    def __add__(self, other: Credited) -> Credited:
        return Credited(self.quantity + other.quantity, self.net + other.net, self.tax + other.tax)


@dataclass(frozen=True)
class LineCredit:
    """What is asked for on one line: a quantity, or else a net value in minor units (a price credit)."""

    line: int
    quantity: Decimal | None = None
    value: int | None = None

    def __post_init__(self) -> None:
        whole(self, "value")


def credited_so_far(
    posted: Iterable[Credited], pending: Iterable[Credited] = (), *, count_pending: bool = True
) -> Credited:
    """The sum of what posted and pending credit notes take of a line.

    Switches: `count_pending` (default yes) - a request not yet approved or posted already holds its share.

    Formula: sum of quantity, net and tax, of pending notes too.

    Source: as `quantity_credit`.
    """
    return sum([*posted, *(pending if count_pending else ())], Credited())


def creditable(
    line: InvoiceLine, posted: Iterable[Credited] = (), pending: Iterable[Credited] = (), *, count_pending: bool = True
) -> Credited:
    """What is left to credit of a line: quantity, net and tax.

    Formula: invoiced - credited by posted notes - held by pending requests.

    Switches: `count_pending` (default yes).

    Source: as `quantity_credit`.
    """
    so_far = credited_so_far(posted, pending, count_pending=count_pending)
    return Credited(abs(line.quantity) - so_far.quantity, line.net - so_far.net, line.tax - so_far.tax)


def quantity_credit(
    line: InvoiceLine,
    so_far: Credited,
    quantity: Decimal | int | str,
    *,
    rounding: str = "half_up",
    over: str = "refuse",
    basis: str = "invoice",
) -> Credited:
    """Net and tax of a credit for `quantity` of a line (return, short delivery), after what was credited `so_far`.

    Raises Invalid for a quantity of 0 or less, Refused (naming what is left) for more than is left in quantity or,
    after price credits, in net. What was credited beyond the share of the quantity credited counts as price credit.

    Formula: round(net x cumulative quantity / quantity billed) - already credited; the tax likewise.

    Switches: `over` - "refuse" (default) or "cap" to the net left; `basis` - "invoice" (default: at the price billed)
    or "left" (at the net that price credits left per unit left); `rounding` - the invoice's.

    Source: cumulative (running total) rounding; credit memo with reference to the invoice item as in SAP billing.
    """
    wanted = decimal_of(quantity)
    one_of(over, OVER, "over")
    left = creditable(line, [so_far])
    if wanted <= 0:
        raise Invalid(f"Line {line.line}: the quantity to credit must be more than 0.", field="quantity")
    if wanted > left.quantity:
        raise Refused(f"Line {line.line}: {_left(line, left)}; less can be credited.", field="quantity")
    before, after, billed = so_far.quantity, so_far.quantity + wanted, abs(line.quantity)
    if one_of(basis, BASIS, "basis") == "left":
        net = share(left.net, wanted, left.quantity, rounding)
    else:
        net = _step(line.net, so_far.net, before, after, billed, rounding)
    if _beyond(net, left.net, line.net):
        if over != "cap":
            asked = _money(net, line.currency)
            raise Refused(f"Line {line.line}: {_left(line, left)}, not {asked}; credit less.", field="quantity")
        net = _within(left.net, left.net, line.net)
    tax = _quantity_tax(line, so_far, after, net, left, basis, rounding)
    return Credited(wanted, net, _within(tax, left.tax, line.tax))


def price_credit(
    line: InvoiceLine, so_far: Credited, value: int, *, rounding: str = "half_up", over: str = "refuse"
) -> Credited:
    """A credit of `value` net minor units on a line that moves no stock (price wrong, quality), with its tax.

    Raises Invalid for a value of 0 or less, Refused (naming what is left) for more than the net left.

    Formula: tax = round(tax billed x cumulative net / net billed) - tax already credited; all of the net gives all of
    the tax.

    Switches: `over` - "refuse" (default) or "cap" to the net left; `rounding` - the invoice's.

    Source: as `quantity_credit`; a credit memo of value alone.
    """
    left = creditable(line, [so_far])
    one_of(over, OVER, "over")
    if minor(value, "The value to credit") <= 0:
        raise Invalid(f"Line {line.line}: the value to credit must be more than 0.", field="value")
    if value > left.net:
        if over != "cap" or left.net <= 0:
            raise Refused(f"Line {line.line}: {_left(line, left)}; less can be credited.", field="value")
        value = left.net
    if value == left.net:
        return Credited(Decimal(0), value, left.tax)
    tax = share(line.tax, so_far.net + value, line.net, rounding) - so_far.tax
    return Credited(Decimal(0), value, _within(tax, left.tax, line.tax))


def document_tax_credit(
    invoiced: tuple[int, int],
    credited: tuple[int, int],
    net: int,
    *,
    rate: Decimal | None = None,
    rounding: str = "half_up",
) -> int:
    """Tax of a credit of `net` on an invoice taxed per rate on the document.

    `invoiced` and `credited` are (net, tax) of that rate over the whole document, credited counting pending too.

    Formula: round(tax billed x cumulative net / net billed) - tax already credited; where the cumulative net lies
    beyond the net billed (lines in the customer's favour lessen it), tax billed + round((cumulative net - net billed) x
    rate / 100) - tax already credited: a few cents of tax on what is left of two large lines tell nothing of either.

    Source: EN 16931 BR-CO-17 (tax per category on the summed net), cumulative over the credit notes.
    """
    total_net, total_tax = invoiced
    after = credited[0] + net
    if rate is not None and not min(0, total_net) <= after <= max(0, total_net):
        return total_tax + share(after - total_net, decimal_of(rate), 100, rounding) - credited[1]
    due = total_tax if after == total_net else share(total_tax, after, total_net, rounding)
    return due - credited[1]


def credit_note(
    lines: Sequence[InvoiceLine],
    so_far: Mapping[int, Credited],
    wanted: Sequence[LineCredit],
    *,
    tax_method: str = "line",
    rounding: str = "half_up",
    over: str = "refuse",
    basis: str = "invoice",
) -> dict[int, Credited]:
    """Net and tax per line number of one credit note over several lines of an invoice.

    `so_far` is by line number, posted and pending. Raises Invalid for an unknown line, a line asked for twice, or
    neither or both of quantity and value; otherwise as `quantity_credit` and `price_credit`.

    Formula: tax method "line" as there; "document" the tax of each rate is cumulative over the document
    (`document_tax_credit`), spread over the lines of the note by largest remainder, so a line may carry a cent more or
    less than it was billed while the rate never does. What lines allow together may be more than the document was:
    `credit_caps.beyond_document` says so.

    Switches: `tax_method` and `rounding` are those stored on the invoice; `over` and `basis` as above.
    """
    one_of(tax_method, TAX_METHODS, "tax_method")
    by_number = {line.line: line for line in lines}
    notes: dict[int, Credited] = {}
    for each in wanted:
        if each.line not in by_number or each.line in notes:
            raise Invalid(f"Line {each.line} is not on this invoice, or asked for twice.", field="line")
        if (each.quantity is None) == (each.value is None):
            raise Invalid(f"Line {each.line}: give either a quantity or a value.", field="quantity")
        line, before = by_number[each.line], so_far.get(each.line, Credited())
        if each.quantity is not None:
            note = quantity_credit(line, before, each.quantity, rounding=rounding, over=over, basis=basis)
        else:
            note = price_credit(line, before, each.value or 0, rounding=rounding, over=over)
        notes[each.line] = note
    return notes if tax_method == "line" else _taxed_by_document(by_number, so_far, notes, rounding)


def _taxed_by_document(
    lines: Mapping[int, InvoiceLine], so_far: Mapping[int, Credited], notes: Mapping[int, Credited], rounding: str
) -> dict[int, Credited]:
    taxed = dict(notes)
    for rate in {lines[number].rate for number in notes}:
        group = [line for line in lines.values() if line.rate == rate]
        before = sum((so_far.get(line.line, Credited()) for line in group), Credited())
        here = [number for number in notes if lines[number].rate == rate]
        nets = [notes[number].net for number in here]
        invoiced = sum(line.net for line in group), sum(line.tax for line in group)
        tax = document_tax_credit(invoiced, (before.net, before.tax), sum(nets), rate=rate, rounding=rounding)
        for number, part in zip(here, spread(tax, nets), strict=True):
            taxed[number] = Credited(notes[number].quantity, notes[number].net, part)
    return taxed


def debit_note(
    surcharges: Sequence[tuple[InvoiceLine, int]], *, tax_method: str = "line", rounding: str = "half_up"
) -> list[Credited]:
    """Net and tax of a debit note: a surcharge in net minor units on each line named, taxed at the line's rate.

    A debit note is a document of its own: it does not raise what may be credited of the invoice. Raises Invalid for a
    surcharge of 0 or less.

    Switches: `tax_method` and `rounding` are those stored on the invoice.
    """
    one_of(tax_method, TAX_METHODS, "tax_method")
    for line, value in surcharges:
        if minor(value, "A surcharge") <= 0:
            raise Invalid(f"Line {line.line}: the surcharge must be more than 0.", field="value")
    taxes = line_taxes([(value, line.rate) for line, value in surcharges], tax_method, rounding)
    return [Credited(Decimal(0), value, tax) for (_, value), tax in zip(surcharges, taxes, strict=True)]


def _quantity_tax(
    line: InvoiceLine, so_far: Credited, after: Decimal, net: int, left: Credited, basis: str, rounding: str
) -> int:
    billed = abs(line.quantity)
    priced = _beyond(so_far.net, share(line.net, so_far.quantity, billed, rounding), line.net)
    if after == billed or (priced and net == left.net):
        return left.tax
    if basis == "left":
        return share(line.tax, so_far.net + net, line.net, rounding) - so_far.tax
    return _step(line.tax, so_far.tax, so_far.quantity, after, billed, rounding)


def _step(total: int, given: int, before: Decimal, after: Decimal, whole: Decimal, rounding: str) -> int:
    """round(total x after / whole) less what was given for `before`; anything given beyond that was a price credit."""
    due = share(total, before, whole, rounding)
    for_quantity = min(given, due) if total >= 0 else max(given, due)
    return share(total, after, whole, rounding) - for_quantity


def _within(amount: int, left: int, total: int) -> int:
    """An amount kept between nothing and what is left, on the side of `total`: steps of two kinds may round apart."""
    return max(0, min(amount, left)) if total >= 0 else min(0, max(amount, left))


def _beyond(amount: int, limit: int, total: int) -> bool:
    """Whether an amount is more than a limit, seen from the side of `total`."""
    return amount > limit if total >= 0 else amount < limit


def _money(amount: int, currency: str) -> str:
    return f"{show(amount, currency)} {currency}" if currency else f"{amount} minor units"


def _left(line: InvoiceLine, left: Credited) -> str:
    return f"{show_quantity(left.quantity)} and {_money(left.net, line.currency)} net are left to credit"
