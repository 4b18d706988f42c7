"""Taxes of an order: by line or by document as the company has it, none for the exempt; the books add up for both."""

from __future__ import annotations

from decimal import Decimal

import pytest

from csdesk.models import Company, Customer, Price, SalesOrder, TaxCode
from csdesk.rules.tax import tax_of
from tests.services.conftest import Desk
from tests.services.talk import Talk

BASKET = (("3319", 1), ("4720", 1), ("5001", 3), ("5002", 1), ("7007", 7), ("1035", 5))


@pytest.mark.parametrize("method", ["line", "document"])
@pytest.mark.parametrize("rounding", ["half_up", "half_even", "down", "up"])
def test_the_lines_add_up_to_the_orders_tax(desk: Desk, talk: Talk, method: str, rounding: str) -> None:
    desk.change(Company, {"id": 1}, tax_method=method, rounding=rounding)
    desk.change(TaxCode, {"code": "S"}, rate=Decimal("8.875"))
    order = talk.order(*BASKET)
    assert (order.tax_method, order.rounding) == (method, rounding)
    assert sum(line.tax for line in order.lines) == order.tax
    assert order.gross == order.net + order.tax
    if method == "line":
        assert [line.tax for line in order.lines] == [tax_of(line.net, line.tax_rate, rounding) for line in order.lines]
    else:
        taxed = sum(line.net for line in order.lines if line.tax_rate)
        assert order.tax == tax_of(taxed, Decimal("8.875"), rounding)


def test_the_methods_differ_by_the_cents_that_rounding_makes(desk: Desk, talk: Talk) -> None:
    """1.15 at 8.875 % is 0.1020625: three lines are 0.30 by line and 0.31 on the document."""
    desk.change(TaxCode, {"code": "S"}, rate=Decimal("8.875"))
    lines = (("3319", 1),) * 3
    assert talk.order(*lines).tax == 30
    desk.change(Company, {"id": 1}, tax_method="document")
    order = talk.order(*lines)
    assert (order.tax, [line.tax for line in order.lines]) == (31, [11, 10, 10])


def test_amending_by_document_keeps_the_sum_right(desk: Desk, talk: Talk) -> None:
    desk.change(Company, {"id": 1}, tax_method="document")
    talk.order(*BASKET)
    talk.amend()
    talk.set(1, 2)
    talk.set(4, 0)
    order = talk.commit()
    taxed = sum(line.net for line in order.lines if line.tax_rate)
    assert order.tax == tax_of(taxed, Decimal(8)) == sum(line.tax for line in order.lines)


def test_who_is_exempt_pays_none(desk: Desk, talk: Talk) -> None:
    desk.change(Customer, {"id": 1}, tax_exempt=True)
    view = talk.add("4711", 3)
    assert (view.tax, view.lines[0].tax_rate, view.gross) == (0, 0, 5520)
    order = talk.commit()
    assert (order.tax, order.gross, order.lines[0].tax_rate) == (0, 5520, 0)
    assert desk.row(SalesOrder, id=order.id).gross == 5520


@pytest.mark.parametrize(
    ("price", "net", "tax"), [("1.005", 101, 8), ("0.995", 100, 8), ("0.004", 0, 0), ("0.000001", 0, 0)]
)
def test_ties_of_a_line_go_away_from_zero(desk: Desk, talk: Talk, price: str, net: int, tax: int) -> None:
    desk.change(Price, {"product_id": desk.seeded.products["4711"]}, amount=Decimal(price))
    line = talk.order(("4711", 1)).lines[0]
    assert (line.net, line.tax, line.price) == (net, tax, Decimal(price))
