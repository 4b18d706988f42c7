"""Cancelling: a reason that exists, stock and credit free at once, the last line takes the order with it."""

from __future__ import annotations

import pytest

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import Draft, OrderLine, OrderRevision, Reservation, SalesOrder
from csdesk.services import amendments
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.support.seed import REASONS


def test_a_line_is_cancelled_with_its_reason_and_frees_stock_and_credit(desk: Desk, talk: Talk) -> None:
    before = talk.latest()
    after = talk.cancel(before, 4, "u")
    line = desk.row(OrderLine, order_id=before.id, line=4)
    assert (line.quantity, line.net, line.tax, line.allocated, line.backordered) == (0, 0, 0, 0, 0)
    assert (line.cancelled_quantity, line.cancel_reason, line.cancelled_by) == (3, "duplicate-order", 1)
    assert (line.original_quantity, line.price) == (3, before.lines[3].price)
    assert after.gross == before.gross - before.lines[3].net - before.lines[3].tax
    assert desk.account().orders == after.gross
    assert desk.stock("2208").reserved == 0
    assert [row.line for row in desk.rows(Reservation)] == [1, 2, 3, 5]
    assert desk.row(OrderRevision).summary == "line 4 3 -> 0, 420.66 -> 356.16"


def test_the_last_line_takes_the_order_with_it(desk: Desk, talk: Talk) -> None:
    placed = talk.order(("4711", 1), ("7007", 1))
    talk.cancel(placed, 1)
    gone = talk.cancel(placed, 2)
    assert (gone.status, gone.gross, gone.exposure, gone.promised_on) == ("cancelled", 0, 0, None)
    with pytest.raises(Refused, match=r"Line 2 of order .* is cancelled already"):
        talk.cancel(placed, 2)
    assert talk.latest().id == desk.seeded.open_order


def test_a_reduced_line_that_is_cancelled_is_cancelled_whole(desk: Desk, talk: Talk) -> None:
    placed = talk.order(("4711", 12), ("7007", 1))
    talk.amend()
    talk.set(1, 10)
    talk.commit()
    assert desk.row(OrderLine, order_id=placed.id, line=1).cancelled_quantity == 2
    talk.cancel(placed, 1)
    assert desk.row(OrderLine, order_id=placed.id, line=1).cancelled_quantity == 12


def test_a_line_of_a_held_order_can_be_cancelled(desk: Desk) -> None:
    talk = desk.talk(desk.seeded.tight)
    placed = talk.order(("7007", 20), ("4711", 1))
    assert talk.cancel(placed, 1).status == "allocated"  # what is left is within the limit


@pytest.mark.parametrize("letter", [row[0] for row in REASONS if "cancel" in row[3].split()])
def test_every_reason_for_cancelling_is_taken_in_either_case(desk: Desk, talk: Talk, letter: str) -> None:
    talk.cancel(talk.latest(), 1, letter.upper())
    code = next(row[1] for row in REASONS if row[0] == letter)
    assert desk.row(OrderLine, order_id=desk.seeded.open_order, line=1).cancel_reason == code


@pytest.mark.parametrize("letter", ["d", "g", "z", "", "cc", " ", "é"])
def test_a_reason_that_is_none_is_refused_with_those_there_are(desk: Desk, talk: Talk, letter: str) -> None:
    before = talk.latest()
    with pytest.raises(Invalid, match=r"is no reason here; there are: c Customer changed mind, l Late, o Cannot"):
        talk.cancel(before, 1, letter)
    assert talk.latest() == before


@pytest.mark.parametrize("line", [0, 6, -1])
def test_a_line_that_is_not_there(desk: Desk, talk: Talk, line: int) -> None:
    with pytest.raises(NotFound, match=f"Order 26000002 has no line {line}; it has 5"):
        talk.cancel(talk.latest(), line)


def test_what_is_picked_cannot_be_cancelled(desk: Desk, talk: Talk) -> None:
    before = talk.latest()
    desk.change(SalesOrder, {"id": before.id}, status="picked")
    with pytest.raises(Refused, match="Order 26000002 is picked; it cannot be changed any more"):
        talk.cancel(before, 1)
    desk.change(SalesOrder, {"id": before.id}, status="allocated")


def test_a_draft_that_is_open_meanwhile_stays(desk: Desk, talk: Talk) -> None:
    draft = talk.add("4711", 1)
    talk.cancel(talk.latest(), 1)
    assert talk.pad().id == draft.id
    assert desk.row(Draft).status == "open"


def test_cancelling_without_a_call(desk: Desk) -> None:
    done = desk.rep.write_now(amendments.cancel_line, desk.seeded.open_order, 1, "c")
    assert done.words.startswith("Order 26000002 line 1 cancelled (Customer changed mind): line 1 12 -> 0")
