"""Credit notes: partial credits are cumulative, never more than was billed, and the last one leaves no cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid, Refused
from csdesk.rules.credit_notes import (
    Credited,
    InvoiceLine,
    LineCredit,
    credit_note,
    creditable,
    credited_so_far,
    debit_note,
    document_tax_credit,
    price_credit,
    quantity_credit,
)
from csdesk.rules.tax import line_taxes, tax_of
from tests.rules.strategies import QUANTITIES, ROUNDINGS, exact

THREE_FOR_TEN = InvoiceLine(Decimal(3), 1000, 190, Decimal(19), currency="EUR")
HUNDRED = InvoiceLine(Decimal(10), 10000, 1900, Decimal(19), currency="EUR")


def taken(line: InvoiceLine, quantities: list[int], **switches: str) -> list[tuple[int, int]]:
    so_far, found = Credited(), []
    for quantity in quantities:
        note = quantity_credit(line, so_far, quantity, **switches)  # type: ignore[arg-type]
        so_far, found = so_far + note, [*found, (note.net, note.tax)]
    return found


def test_three_returns_of_one_give_back_exactly_what_was_billed() -> None:
    """3 for 10.00 plus 19 %: 3.33, 3.34 (6.67 so far), 3.33; tax 0.63, 0.64 (1.27 so far), 0.63."""
    assert taken(THREE_FOR_TEN, [1, 1, 1]) == [(333, 63), (334, 64), (333, 63)]
    assert taken(THREE_FOR_TEN, [2, 1]) == [(667, 127), (333, 63)]
    assert taken(THREE_FOR_TEN, [3]) == [(1000, 190)]


def test_a_refundable_quantity_counts_pending_requests() -> None:
    posted, pending = [Credited(Decimal(2), 2000, 380)], [Credited(Decimal(3), 3000, 570)]
    assert creditable(HUNDRED, posted, pending) == Credited(Decimal(5), 5000, 950)
    assert creditable(HUNDRED, posted, pending, count_pending=False) == Credited(Decimal(8), 8000, 1520)
    assert credited_so_far(posted, pending) == Credited(Decimal(5), 5000, 950)
    assert creditable(HUNDRED) == Credited(Decimal(10), 10000, 1900)
    with pytest.raises(Refused, match=r"5 and 50\.00 EUR net are left"):
        quantity_credit(HUNDRED, credited_so_far(posted, pending), 6)


def test_a_price_credit_then_the_return_of_everything() -> None:
    """20.00 off the price of 100.00, then all ten come back: 80.00 are left, not 100.00."""
    first = price_credit(HUNDRED, Credited(), 2000)
    assert first == Credited(Decimal(0), 2000, 380)
    with pytest.raises(Refused, match=r"10 and 80\.00 EUR net are left to credit, not 100\.00 EUR"):
        quantity_credit(HUNDRED, first, 10)
    assert quantity_credit(HUNDRED, first, 10, over="cap") == Credited(Decimal(10), 8000, 1520)
    assert quantity_credit(HUNDRED, first, 5) == Credited(Decimal(5), 5000, 950)
    assert quantity_credit(HUNDRED, first, 5, basis="left") == Credited(Decimal(5), 4000, 760)
    assert quantity_credit(HUNDRED, first, 10, basis="left") == Credited(Decimal(10), 8000, 1520)


def test_a_return_then_a_price_credit() -> None:
    first = quantity_credit(HUNDRED, Credited(), 8)
    assert price_credit(HUNDRED, first, 2000) == Credited(Decimal(0), 2000, 380)
    with pytest.raises(Refused, match=r"2 and 20\.00 EUR net are left"):
        price_credit(HUNDRED, first, 2001)
    assert price_credit(HUNDRED, first, 2001, over="cap") == Credited(Decimal(0), 2000, 380)


def test_a_credit_of_a_value_against_a_balance() -> None:
    """A partial credit reduces the balance alone: 20.00 of 100.00 leave 80.00 and the quantity as it was."""
    note = price_credit(HUNDRED, Credited(), 2000)
    assert creditable(HUNDRED, [note]) == Credited(Decimal(10), 8000, 1520)


@pytest.mark.parametrize("quantity", [0, -1, "0.0", "nonsense", 1.5, True])
def test_a_quantity_must_be_a_number_above_nothing(quantity: object) -> None:
    with pytest.raises(Invalid):
        quantity_credit(HUNDRED, Credited(), quantity)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [0, -1, 1.5, "12"])
def test_a_value_must_be_whole_minor_units_above_nothing(value: object) -> None:
    with pytest.raises(Invalid):
        price_credit(HUNDRED, Credited(), value)  # type: ignore[arg-type]


def test_nothing_is_left_of_what_is_credited_in_full() -> None:
    full = quantity_credit(HUNDRED, Credited(), 10)
    with pytest.raises(Refused, match=r"0 and 0\.00 EUR"):
        quantity_credit(HUNDRED, full, "0.001")
    with pytest.raises(Refused):
        price_credit(HUNDRED, full, 1)
    with pytest.raises(Refused):
        price_credit(HUNDRED, full, 1, over="cap")


def test_a_free_line_gives_back_quantity_alone() -> None:
    free = InvoiceLine(Decimal(5), 0, 0)
    assert quantity_credit(free, Credited(), 5) == Credited(Decimal(5), 0, 0)
    with pytest.raises(Refused):
        price_credit(free, Credited(), 1)


def test_a_line_in_the_customers_favour_is_credited_with_its_own_sign() -> None:
    """An empty crate taken back on the invoice, 3 for -10.00: crediting it charges it again."""
    line = InvoiceLine(Decimal(-3), -1000, -190, Decimal(19))
    assert taken(line, [1, 1, 1]) == [(-333, -63), (-334, -64), (-333, -63)]


def test_yen_and_dinar_have_their_own_cent() -> None:
    yen = InvoiceLine(Decimal(3), 1000, 100, Decimal(10), currency="JPY")
    assert taken(yen, [1, 1, 1]) == [(333, 33), (334, 34), (333, 33)]
    dinar = InvoiceLine(Decimal(7), 10000, 500, Decimal(5), currency="KWD")
    assert taken(dinar, [3, 4]) == [(4286, 214), (5714, 286)]
    with pytest.raises(Refused, match=r"7 and 10\.000 KWD net"):
        quantity_credit(dinar, Credited(), 8)


def test_rounding_is_the_invoices() -> None:
    assert taken(THREE_FOR_TEN, [1, 1, 1], rounding="down") == [(333, 63), (333, 63), (334, 64)]
    assert taken(THREE_FOR_TEN, [1, 1, 1], rounding="up") == [(334, 64), (333, 63), (333, 63)]


# ---------------------------------------------------------------- several lines, tax on the document

THIRTY_THREE = [InvoiceLine(Decimal(1), 33, tax, Decimal(10), number) for number, tax in ((1, 4), (2, 3), (3, 3))]


def test_tax_on_the_document_is_credited_per_rate() -> None:
    """Three lines of 0.33 at 10 %: 0.10 on the document; credited one by one 0.03, 0.04 (0.07 so far), 0.03."""
    so_far: dict[int, Credited] = {}
    taxes = []
    for line in (2, 3, 1):
        note = credit_note(THIRTY_THREE, so_far, [LineCredit(line, quantity=Decimal(1))], tax_method="document")
        taxes.append(note[line].tax)
        so_far |= note
    assert taxes == [3, 4, 3]
    assert credit_note(THIRTY_THREE, {}, [LineCredit(n, Decimal(1)) for n in (1, 2, 3)], tax_method="document") == {
        1: Credited(Decimal(1), 33, 4), 2: Credited(Decimal(1), 33, 3), 3: Credited(Decimal(1), 33, 3)
    }  # fmt: skip


def test_tax_by_line_is_each_lines_own() -> None:
    notes = credit_note(THIRTY_THREE, {}, [LineCredit(1, Decimal(1)), LineCredit(2, value=11)])
    assert notes == {1: Credited(Decimal(1), 33, 4), 2: Credited(Decimal(0), 11, 1)}


def test_the_tax_of_lines_that_cancel_out_comes_from_the_rate() -> None:
    lines = [InvoiceLine(Decimal(1), 1000, 190, Decimal(19), 1), InvoiceLine(Decimal(1), -1000, -190, Decimal(19), 2)]
    note = credit_note(lines, {}, [LineCredit(1, Decimal(1))], tax_method="document")
    assert note[1] == Credited(Decimal(1), 1000, 190)
    assert document_tax_credit((0, 0), (1000, 190), -1000, rate=Decimal(19)) == -190


def test_rates_do_not_mix() -> None:
    lines = [InvoiceLine(Decimal(2), 18323, 1099, Decimal(6), 1), InvoiceLine(Decimal(1), 4637, 974, Decimal(21), 2)]
    note = credit_note(lines, {}, [LineCredit(1, Decimal(1)), LineCredit(2, value=1000)], tax_method="document")
    assert note == {1: Credited(Decimal(1), 9162, 550), 2: Credited(Decimal(0), 1000, 210)}


@pytest.mark.parametrize(
    "wanted",
    [
        [LineCredit(9, Decimal(1))],
        [LineCredit(1, Decimal(1)), LineCredit(1, Decimal(1))],
        [LineCredit(1)],
        [LineCredit(1, Decimal(1), 5)],
    ],
)
def test_a_credit_note_names_known_lines_once_with_one_figure(wanted: list[LineCredit]) -> None:
    with pytest.raises(Invalid):
        credit_note(THIRTY_THREE, {}, wanted)


def test_a_surcharge_is_taxed_at_the_lines_rate() -> None:
    """Freight of 12.50 at 19 %: 2.38 (2.375, a tie away from zero)."""
    assert debit_note([(HUNDRED, 1250)]) == [Credited(Decimal(0), 1250, 238)]
    assert [each.tax for each in debit_note([(line, 33) for line in THIRTY_THREE])] == [3, 3, 3]
    assert [each.tax for each in debit_note([(line, 33) for line in THIRTY_THREE], tax_method="document")] == [4, 3, 3]
    with pytest.raises(Invalid):
        debit_note([(HUNDRED, 0)])


# ---------------------------------------------------------------- invariants

SMALL = exact(3, "0.001", "50")


@st.composite
def lines(draw: st.DrawFn) -> InvoiceLine:
    net, rate = draw(st.integers(0, 10**6)), draw(st.sampled_from((Decimal(0), Decimal("7.7"), Decimal(19))))
    return InvoiceLine(draw(SMALL), net, tax_of(net, rate), rate)


STEPS = st.lists(st.tuples(st.sampled_from(("quantity", "value")), SMALL, st.integers(1, 10**6)), max_size=12)


@given(lines(), STEPS, ROUNDINGS, st.sampled_from(("refuse", "cap")), st.sampled_from(("invoice", "left")))
def test_no_sequence_ever_credits_more_than_was_billed(
    line: InvoiceLine, steps: list[tuple[str, Decimal, int]], rounding: str, over: str, basis: str
) -> None:
    so_far = Credited()
    for kind, quantity, value in steps:
        try:
            if kind == "quantity":
                note = quantity_credit(line, so_far, quantity, rounding=rounding, over=over, basis=basis)
            else:
                note = price_credit(line, so_far, value, rounding=rounding, over=over)
        except Refused:
            continue
        assert note.net >= 0
        assert note.tax >= 0
        so_far += note
        left = creditable(line, [so_far])
        assert left.quantity >= 0
        assert left.net >= 0
        assert left.tax >= 0
    if (left := creditable(line, [so_far])).quantity:
        so_far += quantity_credit(line, so_far, left.quantity, rounding=rounding, over="cap", basis=basis)
    assert so_far == Credited(line.quantity, line.net, line.tax)


@given(lines(), st.lists(SMALL, min_size=1, max_size=6), st.randoms(), ROUNDINGS)
def test_the_total_of_quantity_credits_does_not_depend_on_their_order(
    line: InvoiceLine, quantities: list[Decimal], random: st.DataObject, rounding: str
) -> None:
    whole = InvoiceLine(sum(quantities, Decimal(1)), line.net, line.tax, line.rate)
    totals = []
    for order in (quantities, random.sample(quantities, len(quantities)), [sum(quantities, Decimal(0))]):  # type: ignore[attr-defined]
        so_far = Credited()
        for quantity in order:
            so_far += quantity_credit(whole, so_far, quantity, rounding=rounding)
        totals.append(so_far)
    assert totals[0] == totals[1] == totals[2]


@given(st.integers(1, 10**6), QUANTITIES, st.integers(1, 6), ROUNDINGS)
def test_equal_parts_differ_by_one_unit_at_most(net: int, quantity: Decimal, parts: int, rounding: str) -> None:
    line, so_far, nets = InvoiceLine(quantity * parts, net, 0), Credited(), []
    for _ in range(parts):
        note = quantity_credit(line, so_far, quantity, rounding=rounding)
        so_far += note
        nets.append(note.net)
    assert max(nets) - min(nets) <= 2
    assert sum(nets) == net


@given(
    st.lists(
        st.tuples(st.integers(1, 10**5), st.sampled_from((Decimal(6), Decimal("8.875"), Decimal(21)))),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 4), st.integers(1, 10**5)), max_size=15),
    ROUNDINGS,
)
def test_by_document_no_rate_is_ever_credited_beyond_its_tax(
    billed: list[tuple[int, Decimal]], steps: list[tuple[int, int, int]], rounding: str
) -> None:
    taxes = line_taxes(billed, "document", rounding)
    invoice = [
        InvoiceLine(Decimal(4), net, tax, rate, number)
        for number, ((net, rate), tax) in enumerate(zip(billed, taxes, strict=True), 1)
    ]
    so_far = {line.line: Credited() for line in invoice}

    def take(wanted: list[LineCredit]) -> None:
        for number, note in credit_note(
            invoice, so_far, wanted, tax_method="document", rounding=rounding, over="cap"
        ).items():
            so_far[number] += note
        for rate in {line.rate for line in invoice}:
            group = [line for line in invoice if line.rate == rate]
            assert 0 <= sum(so_far[line.line].tax for line in group) <= sum(line.tax for line in group)
            assert sum(so_far[line.line].net for line in group) <= sum(line.net for line in group)

    for number, quantity, value in steps:
        wanted = LineCredit(number, Decimal(quantity)) if value % 2 else LineCredit(number, value=value)
        try:
            take([wanted])
        except (Refused, Invalid):
            continue
    take([LineCredit(n, 4 - each.quantity) for n, each in so_far.items() if each.quantity < 4])
    for rate in {line.rate for line in invoice}:
        group = [line for line in invoice if line.rate == rate]
        assert sum(so_far[line.line].tax for line in group) == sum(line.tax for line in group)
