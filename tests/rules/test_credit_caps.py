"""Credits of invoices with lines in the customer's favour: the tax that belongs to them, and never more than billed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import DeskError
from csdesk.rules.credit_caps import Beyond, beyond_document, first_unfit
from csdesk.rules.credit_notes import Credited, InvoiceLine, LineCredit, credit_note
from csdesk.rules.tax import line_taxes
from tests.rules.strategies import ROUNDINGS

ONE = Decimal(1)


def invoice(*nets: int, rate: str = "19", method: str = "document", rounding: str = "half_up") -> list[InvoiceLine]:
    taxes = line_taxes([(net, Decimal(rate)) for net in nets], method, rounding)
    return [
        InvoiceLine(ONE, net, tax, Decimal(rate), place)
        for place, (net, tax) in enumerate(zip(nets, taxes, strict=True), 1)
    ]


@pytest.mark.parametrize(
    ("nets", "rate", "first", "second"),
    [
        ((50_000, -49_907), "19", 9_500, -9_482),  # 0.18 on both
        ((10_000, -9_999), "20", 2_000, -2_000),  # none on both
        ((50_000, -10_000), "19", 9_500, -1_900),
        ((1_000, -1_000), "19", 190, -190),
    ],
)
def test_a_line_among_others_of_the_other_sign_has_the_tax_of_its_rate(
    nets: tuple[int, ...], rate: str, first: int, second: int
) -> None:
    lines = invoice(*nets, rate=rate)
    note = credit_note(lines, {}, [LineCredit(1, ONE)], tax_method="document")
    assert note[1] == Credited(ONE, nets[0], first)
    assert first_unfit(lines, {}, note, tax_method="document") is None
    assert credit_note(lines, note, [LineCredit(2, ONE)], tax_method="document")[2].tax == second
    gross = sum(line.net + line.tax for line in lines)
    over = beyond_document(lines, {}, note, gross=gross)
    assert over == Beyond("", gross, nets[0] + first, (2,))
    both = credit_note(lines, {}, [LineCredit(1, ONE), LineCredit(2, ONE)], tax_method="document")
    assert sum(each.net + each.tax for each in both.values()) == gross
    assert beyond_document(lines, {}, both, gross=gross) is None


def test_what_was_taken_elsewhere_and_a_header_below_its_lines_count() -> None:
    lines = invoice(1_000, method="line")
    note = {1: Credited(Decimal(0), 500, 95)}
    assert beyond_document(lines, {}, note, gross=1_190, elsewhere=Credited(net=500, tax=95)) is None
    over = beyond_document(lines, {}, note, gross=1_190, elsewhere=Credited(net=600, tax=0))
    assert over == Beyond("", 590, 595)
    assert beyond_document(lines, {}, note, gross=1_190, elsewhere=Credited(net=501)) == Beyond("net", 499, 500)
    assert beyond_document(lines, {}, note, gross=594) == Beyond("", 594, 595)


@given(
    st.lists(st.integers(-2_000, 5_000), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=6),
    st.sampled_from(("line", "document")),
    ROUNDINGS,
)
def test_however_it_is_credited_never_more_than_the_document_was(
    nets: list[int], steps: list[tuple[int, int]], method: str, rounding: str
) -> None:
    """And what a note was reckoned as still fits when it is looked at again."""
    lines = [
        InvoiceLine(Decimal(4), line.net, line.tax, line.rate, line.line)
        for line in invoice(*nets, method=method, rounding=rounding)
    ]
    gross, so_far = sum(line.net + line.tax for line in lines), dict[int, Credited]()
    for number, pieces in [*steps, *((line.line, 4) for line in lines)]:
        try:
            wanted = [LineCredit(number, Decimal(pieces))]
            note = credit_note(lines, so_far, wanted, tax_method=method, rounding=rounding, over="cap")
        except DeskError:
            continue
        if beyond_document(lines, so_far, note, gross=gross) is not None:
            continue
        assert first_unfit(lines, so_far, note, tax_method=method) is None
        so_far |= {line: so_far.get(line, Credited()) + part for line, part in note.items()}
        taken = sum(so_far.values(), Credited())
        assert taken.net + taken.tax <= max(gross, 0)
