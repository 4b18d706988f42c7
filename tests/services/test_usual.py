"""The usual list and repeating: by number, at today's prices, without what is no longer on sale."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import PackUnit, Price, Product, SalesOrder, UsualItem
from csdesk.services import editing, history, previews
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.support.seed import OPEN_LINES, ORDER_CODES, TODAY


def test_the_list_is_numbered(desk: Desk, talk: Talk) -> None:
    rows = talk.store.read_now(history.usual, 1)
    assert [(row.position, row.code, row.quantity) for row in rows] == [
        (n, code, count) for n, (code, count) in enumerate(OPEN_LINES, 1)
    ]


def test_a_number_takes_the_product_and_its_usual_quantity_unless_one_is_typed(desk: Desk, talk: Talk) -> None:
    talk.store.write_now(editing.add_usual, talk.call, 2)
    view = talk.store.write_now(editing.add_usual, talk.call, 3, Decimal(48))
    assert [(line.code, line.quantity) for line in view.lines] == [("4720", 6), ("1035", 48)]
    desk.change(UsualItem, {"customer_id": 1, "position": 2}, quantity=None)
    with pytest.raises(Invalid, match=r"How many of 4720 Sunflower oil 5 l\? Type 2 and a quantity"):
        talk.store.write_now(editing.add_usual, talk.call, 2)
    with pytest.raises(NotFound, match="The usual list has no number 9, and no product has that code"):
        talk.store.write_now(editing.add_usual, talk.call, 9)


def test_a_number_comes_in_the_unit_of_the_list(desk: Desk, talk: Talk) -> None:
    desk.change(UsualItem, {"customer_id": 1, "position": 1}, unit="CASE")
    line = talk.store.write_now(editing.add_usual, talk.call, 1, Decimal(2)).lines[0]
    assert (line.unit, line.quantity, line.net) == ("CASE", 2, 24 * 1840)


def test_a_product_of_that_code_comes_before_the_number(desk: Desk, talk: Talk) -> None:
    resolve = previews.resolve
    assert talk.store.read_now(resolve, 1, "2").usual == 2
    desk.change(Product, {"code": "5001"}, code="2", code_key="2")
    assert talk.store.read_now(resolve, 1, "2").usual is None
    assert talk.store.read_now(resolve, 1, "4711").code == "4711"


@pytest.mark.parametrize("code", ["", " ", "99", "123", "²", "٣x", "½", "x\x00y"])
def test_what_is_neither_is_nothing(desk: Desk, talk: Talk, code: str) -> None:
    assert talk.store.read_now(previews.resolve, 1, code) is None


def test_codes_compare_without_case_blanks_inside_count(desk: Desk, talk: Talk) -> None:
    desk.change(Product, {"code": "5001"}, code="Nap 5-01/B", code_key="nap 5-01/b")
    assert talk.add(" NAP 5-01/b ", 1).lines[0].code == "Nap 5-01/B"


# ---------------------------------------------------------------- repeating


def test_the_last_order_is_copied_at_todays_prices(desk: Desk, talk: Talk) -> None:
    desk.change(Price, {"product_id": desk.seeded.products["4711"]}, amount=Decimal("20.00"))
    view = talk.store.write_now(editing.repeat, talk.call)
    assert [(line.code, line.quantity) for line in view.lines] == list(OPEN_LINES)
    assert (view.kind, view.lines[0].price) == ("new", Decimal("20.00"))
    assert view.warnings == ("same as order 26000002 of the last 24 h",)


def test_any_earlier_order_can_be_copied(desk: Desk, talk: Talk) -> None:
    view = talk.store.write_now(editing.repeat, talk.call, desk.seeded.invoiced_order)
    assert [line.quantity for line in view.lines] == [10, 4, 48, 2, 12]


@pytest.mark.parametrize("why", ["left", "not yet", "no price", "no unit"])
def test_what_is_no_longer_on_sale_is_left_out_and_named(desk: Desk, talk: Talk, why: str) -> None:
    product = {"code": "4720"}
    if why == "left":
        desk.change(Product, product, phase_out=TODAY)
    elif why == "not yet":
        desk.change(Product, product, phase_in=TODAY + timedelta(days=1))
    elif why == "no price":
        desk.change(Price, {"product_id": desk.seeded.products["4720"]}, valid_to=TODAY - timedelta(days=1))
    else:
        desk.change(Product, product, base_unit="KG")
        desk.change(PackUnit, {"product_id": desk.seeded.products["4720"], "unit": "EA"}, unit="BOX")
    view = talk.store.write_now(editing.repeat, talk.call)
    assert [line.code for line in view.lines] == [code for code in ORDER_CODES if code != "4720"]
    assert view.warnings[0] == "left out, not on sale: 4720 Sunflower oil 5 l"


def test_nothing_left_to_copy(desk: Desk, talk: Talk) -> None:
    desk.change(Product, {"company": 1}, phase_out=TODAY)
    with pytest.raises(Refused, match="Nothing of order 26000002 is on sale any more; type new lines"):
        talk.store.write_now(editing.repeat, talk.call)
    with pytest.raises(NotFound, match="Smiths Hotel has no earlier order to repeat"):
        talk.store.write_now(editing.repeat, desk.talk(2).call)


def test_a_cancelled_order_is_not_the_last_one_and_its_lines_are_not_copied(desk: Desk, talk: Talk) -> None:
    gone = talk.order(("7007", 1))
    talk.cancel(gone, 1)
    view = talk.store.write_now(editing.repeat, talk.call)
    assert [line.code for line in view.lines] == list(ORDER_CODES)
    talk.undo()
    talk.cancel(talk.again(desk.row(SalesOrder, number="26000002")), 1)
    assert len(talk.store.write_now(editing.repeat, talk.call).lines) == 4


def test_a_draft_under_way_is_not_overwritten(desk: Desk, talk: Talk) -> None:
    talk.add("4711", 1)
    with pytest.raises(
        Refused, match=r"There is a draft open already; commit it with \. or leave it with F12, then repeat"
    ):
        talk.store.write_now(editing.repeat, talk.call)
    with pytest.raises(Refused, match="then amend"):
        talk.amend()


def test_another_customers_order_cannot_be_copied(desk: Desk) -> None:
    other = desk.talk(2)
    with pytest.raises(NotFound, match="Smiths Hotel has no such order"):
        other.store.write_now(editing.repeat, other.call, desk.seeded.invoiced_order)
