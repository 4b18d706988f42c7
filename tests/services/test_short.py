"""Short lines: what is here, when the rest comes, alternatives with price and stock; part now, wait, or another."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import Alternative, Customer, ExpectedReceipt, PackUnit, Product, Stock
from csdesk.services import editing, previews
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.support.seed import SHORT_CODE, TODAY

TOMORROW, NEXT_WEEK = date(2026, 3, 4), date(2026, 3, 10)


def test_a_short_line_says_what_is_here_what_comes_and_what_is_missing(desk: Desk, talk: Talk) -> None:
    """Two lie here, 24 come in a week, four have no date."""
    line = talk.add(SHORT_CODE, 30).lines[0]
    assert (line.short, line.now, line.missing, line.promised_on) == (True, 2, 4, TOMORROW)
    assert [(take.quantity, take.on) for take in line.takes] == [(2, None), (24, NEXT_WEEK)]
    words = talk.store.read_now(previews.line, 1, SHORT_CODE, Decimal(30), "")
    assert words.endswith("!OUT 2 now, 24 on 10 Mar, 4 without a date")


def test_alternatives_come_in_their_rank_with_price_and_stock(desk: Desk, talk: Talk) -> None:
    offered = talk.add(SHORT_CODE, 6).lines[0].alternatives
    assert [(each.code, each.price, each.free) for each in offered] == [
        ("6002", Decimal("8.90"), 60),
        ("6003", Decimal("11.20"), 40),
    ]


@pytest.mark.parametrize(("nth", "code"), [(1, "6002"), (2, "6003")])
def test_an_alternative_takes_the_place_of_the_line(desk: Desk, talk: Talk, nth: int, code: str) -> None:
    talk.add(SHORT_CODE, 6)
    line = talk.store.write_now(editing.take_alternative, talk.call, nth).lines[0]
    assert (line.code, line.quantity, line.short, line.substituted_for) == (code, 6, False, SHORT_CODE)
    placed = talk.commit().lines[0]
    assert (placed.code, placed.substituted_for_id) == (code, desk.seeded.products[SHORT_CODE])


def test_another_alternative_instead_of_the_one_just_taken(desk: Desk, talk: Talk) -> None:
    """Also while another line is short: it is the last answer that is changed, not the next question."""
    talk.add(SHORT_CODE, 30)
    talk.add(SHORT_CODE, 6)
    take = editing.take_alternative
    talk.store.write_now(take, talk.call, 1)
    view = talk.store.write_now(take, talk.call, 2, instead=True)
    assert [line.code for line in view.lines] == [SHORT_CODE, "6003"]
    view = talk.store.write_now(take, talk.call, 1, instead=True)
    assert [line.code for line in view.lines] == [SHORT_CODE, "6002"]
    with pytest.raises(NotFound, match="Line 2 6001 is short, it has 2 alternatives"):
        talk.store.write_now(take, talk.call, 3, instead=True)
    talk.undo()
    assert talk.pad().lines[1].code == "6003"
    talk.undo()
    assert talk.pad().lines[1].code == "6002"
    talk.undo()
    assert talk.pad().lines[1].code == SHORT_CODE


def test_instead_of_nothing_takes_nothing_back(desk: Desk, talk: Talk) -> None:
    talk.add("4711", 1)
    with pytest.raises(Refused, match="No line is short; there is nothing to replace or to wait for"):
        talk.store.write_now(editing.take_alternative, talk.call, 2, instead=True)
    assert len(talk.pad().lines) == 1


def test_an_alternative_is_asked_the_same_questions_as_any_line(desk: Desk, talk: Talk) -> None:
    talk.add(SHORT_CODE, 7)
    desk.change(Product, {"code": "6002"}, multiple=Decimal(6))
    with pytest.raises(Invalid, match="6002 Capers in brine 1 kg: it comes in multiples of 6 EA: 6 or 12"):
        talk.store.write_now(editing.take_alternative, talk.call)
    desk.change(Product, {"code": "6002"}, multiple=Decimal(1), phase_out=TODAY)
    line = talk.store.write_now(editing.take_alternative, talk.call).lines[0]
    assert line.code == "6003", "what cannot be ordered is not offered"


def test_an_alternative_that_does_not_come_in_the_unit_comes_in_its_own(desk: Desk, talk: Talk) -> None:
    desk.put(PackUnit, {"product_id": desk.seeded.products[SHORT_CODE], "unit": "JAR", "factor": Decimal(2)})
    talk.add(SHORT_CODE, 6, "JAR")
    line = talk.store.write_now(editing.take_alternative, talk.call).lines[0]
    assert (line.code, line.unit, line.quantity) == ("6002", "EA", 6)


def test_without_alternatives_the_most_alike_of_the_group_that_lie_here(desk: Desk, talk: Talk) -> None:
    desk.change(Stock, {"product_id": desk.seeded.products["5001"]}, on_hand=Decimal(0))
    offered = talk.add("5001", 5).lines[0].alternatives
    assert offered[0].code == "5002"  # white napkins for red ones
    assert all(each.free > 0 for each in offered)
    desk.change(Stock, {"product_id": desk.seeded.products["5002"]}, on_hand=Decimal(0))
    assert "5002" not in [each.code for each in talk.pad().lines[0].alternatives]


def test_nothing_alike_is_said(desk: Desk, talk: Talk) -> None:
    desk.change(Alternative, {"product_id": desk.seeded.products[SHORT_CODE]}, product_id=desk.seeded.products["4711"])
    desk.change(Product, {"code": SHORT_CODE}, name="Zzz")
    talk.add(SHORT_CODE, 6)
    with pytest.raises(NotFound, match="Line 1 6001 is short, it has no alternative; b, w or 0"):
        talk.store.write_now(editing.take_alternative, talk.call)


# ---------------------------------------------------------------- part, wait, several lines


def test_part_now_or_all_together(desk: Desk, talk: Talk) -> None:
    talk.add(SHORT_CODE, 20)
    part = talk.store.write_now(editing.choose_short, talk.call, "part").lines[0]
    assert (part.choice, part.promised_on) == ("part", TOMORROW)
    wait = talk.store.write_now(editing.choose_short, talk.call, "wait", 1).lines[0]
    assert (wait.choice, wait.promised_on) == ("wait", NEXT_WEEK)
    placed = talk.commit()
    assert (placed.status, placed.promised_on, placed.lines[0].promised_on) == ("confirmed", NEXT_WEEK, NEXT_WEEK)


def test_a_customer_may_always_wait(desk: Desk, talk: Talk) -> None:
    desk.change(Customer, {"id": 1}, short_policy="wait")
    assert talk.add(SHORT_CODE, 20).lines[0].promised_on == NEXT_WEEK


def test_only_what_is_short_can_be_answered(desk: Desk, talk: Talk) -> None:
    talk.add(SHORT_CODE, 20)
    talk.add("4711", 1)
    with pytest.raises(Refused, match="Line 2 is not short; there is nothing to replace or to wait for"):
        talk.store.write_now(editing.choose_short, talk.call, "part", 2)
    with pytest.raises(Invalid, match=r"part now \(b\) or waits for all \(w\)"):
        talk.store.write_now(editing.choose_short, talk.call, "perhaps")


def test_the_latest_question_is_answered_first(desk: Desk, talk: Talk) -> None:
    talk.add(SHORT_CODE, 20)
    talk.add(SHORT_CODE, 30)
    view = talk.store.write_now(editing.choose_short, talk.call, "part")
    assert [line.choice for line in view.lines] == ["", "part"]
    view = talk.store.write_now(editing.choose_short, talk.call, "wait")
    assert [line.choice for line in view.lines] == ["wait", "part"]


def test_two_lines_of_one_product_share_what_is_there(desk: Desk, talk: Talk) -> None:
    talk.add(SHORT_CODE, 1)
    view = talk.add(SHORT_CODE, 30)
    assert [(line.now, line.missing) for line in view.lines] == [(1, 0), (1, 5)]
    placed = talk.commit()
    assert [(line.allocated, line.backordered) for line in placed.lines] == [(1, 0), (25, 5)]
    assert (desk.stock(SHORT_CODE).reserved, desk.row(ExpectedReceipt).reserved) == (2, 24)


def test_what_nobody_has_is_backordered_without_a_date(desk: Desk, talk: Talk) -> None:
    placed = talk.order((SHORT_CODE, 30))
    assert (placed.lines[0].allocated, placed.lines[0].backordered) == (26, 4)
    again = talk.order((SHORT_CODE, 3))
    assert (again.lines[0].allocated, again.lines[0].backordered, again.promised_on) == (0, 3, None)


def test_what_others_reserved_is_not_offered(desk: Desk, talk: Talk) -> None:
    desk.talk(2, login="lead3").order((SHORT_CODE, 20))
    line = talk.add(SHORT_CODE, 10).lines[0]
    assert (line.now, line.takes[0].quantity, line.missing) == (0, 6, 4)


def test_a_receipt_that_is_late_or_came_promises_nothing(desk: Desk, talk: Talk) -> None:
    talk.add(SHORT_CODE, 10)
    for values in ({"due_on": TODAY - timedelta(days=1)}, {"due_on": TODAY, "arrived": True}):
        desk.change(ExpectedReceipt, {"id": desk.seeded.expected_receipt}, **values)
        assert talk.pad().lines[0].missing == 8


def test_a_promise_waits_for_the_route_day_after_the_goods(desk: Desk, talk: Talk) -> None:
    desk.change(Customer, {"id": 1}, delivery_days="5", short_policy="wait")
    line = talk.add(SHORT_CODE, 10).lines[0]
    assert line.promised_on == date(2026, 3, 13)  # the Friday after the 10th


def test_services_are_never_short(desk: Desk, talk: Talk) -> None:
    line = talk.add("FREIGHT", 100).lines[0]
    assert (line.short, line.missing) == (False, 0)
    placed = talk.commit()
    assert placed.status == "allocated"


def test_packs_are_reserved_in_pieces(desk: Desk, talk: Talk) -> None:
    placed = talk.order(("4711", 2), ("4720", 1))
    assert placed.lines[0].factor == 1
    talk.add("4711", 2, "CASE")
    placed = talk.commit()
    assert (placed.lines[0].quantity, placed.lines[0].factor, placed.lines[0].allocated) == (2, 12, 24)
    assert desk.stock("4711").reserved == 12 + 2 + 24
