"""Undo: every command taken back whole inside its hold, refused after it with what to do instead."""

from __future__ import annotations

from decimal import Decimal

import pytest

from csdesk.errors import Conflict, Refused
from csdesk.models import Command, CreditAccount, Draft, OrderRevision, Outbox, SalesOrder, Stock
from csdesk.services import calls, editing
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.support.seed import SHORT_CODE


def quantities(talk: Talk) -> list[Decimal]:
    return [line.quantity for line in talk.pad().lines]


def test_each_line_typed_is_taken_back_until_nothing_is_left(desk: Desk, talk: Talk) -> None:
    talk.add("4711", 12)
    talk.add("4720", 6)
    talk.set(1, 9)
    talk.date("+9")
    assert talk.undo() == "Undone: the draft is as it was before"
    assert talk.pad().requested_on is None
    talk.undo()
    assert quantities(talk) == [12, 6]
    talk.undo()
    assert quantities(talk) == [12]
    assert talk.undo() == "Undone: the draft is gone"
    with pytest.raises(Refused, match="There is nothing to undo on this call"):
        talk.undo()


def test_what_is_typed_can_be_taken_back_as_long_as_the_draft_is_open(desk: Desk, talk: Talk) -> None:
    talk.add("4711", 12)
    talk.add("4720", 6)
    desk.clock.pass_by(hours=3)
    talk.undo()
    assert quantities(talk) == [12]


def test_a_draft_that_was_left_comes_back(desk: Desk, talk: Talk) -> None:
    talk.add("4711", 12)
    talk.store.write_now(editing.drop, talk.call)
    assert talk.undo() == "Undone: the draft is back"
    assert quantities(talk) == [12]


def test_an_answer_to_a_short_line_is_taken_back(desk: Desk, talk: Talk) -> None:
    talk.add(SHORT_CODE, 6)
    talk.store.write_now(editing.choose_short, talk.call, "wait")
    talk.undo()
    assert talk.pad().lines[0].choice == ""
    talk.store.write_now(editing.take_alternative, talk.call, 2)
    talk.undo()
    assert talk.pad().lines[0].code == SHORT_CODE


def test_a_copied_order_and_an_opened_one_are_put_away_again(desk: Desk, talk: Talk) -> None:
    talk.store.write_now(editing.repeat, talk.call)
    assert talk.undo() == "Undone: the draft is gone"
    talk.amend()
    assert talk.undo() == "Undone: the draft is gone"
    assert desk.rows(Draft, status="open") == []


def test_an_order_is_taken_back_with_its_stock_credit_and_letter(desk: Desk, talk: Talk) -> None:
    stock, account = desk.stock("7007"), desk.account()
    placed = talk.order(("7007", 2), (SHORT_CODE, 6))
    assert talk.undo() == f"Undone: order {placed.number} is cancelled, its lines are a draft again"
    assert (desk.stock("7007"), desk.account().orders) == (stock, account.orders)
    order = desk.row(SalesOrder, id=placed.id)
    assert (order.status, order.cancel_reason, order.gross, order.exposure) == ("cancelled", "undone", 0, 0)
    assert desk.row(Outbox).withdrawn_at == desk.clock()
    again = talk.commit()
    assert [line.quantity for line in again.lines] == [2, 6]
    assert int(again.number) == int(placed.number) + 1  # the number of the one taken back is not given twice


def test_the_lines_of_an_order_taken_back_are_taken_back_one_by_one(desk: Desk, talk: Talk) -> None:
    talk.order(("4711", 1), ("4720", 1))
    talk.undo()
    assert quantities(talk) == [1, 1]
    talk.undo()
    assert quantities(talk) == [1]
    talk.undo()
    with pytest.raises(Refused, match="nothing to undo"):
        talk.undo()


def test_walking_back_over_two_orders(desk: Desk, talk: Talk) -> None:
    first, second = talk.order(("4711", 1)), talk.order(("4720", 1))
    assert second.number in talk.undo()
    talk.undo()
    assert first.number in talk.undo()


def test_an_amendment_is_taken_back_to_the_letter(desk: Desk, talk: Talk) -> None:
    before = talk.latest()
    talk.amend()
    talk.set(3, 36)
    talk.set(2, 0)
    talk.add("7007", 2)
    talk.date("+9")
    talk.commit()
    assert talk.undo() == "Undone: order 26000002 is as it was before (revision 3)"
    after = talk.latest()
    assert after.lines[:5] == before.lines
    assert after.lines[5].quantity == 0
    names = ("status", "net", "tax", "gross", "exposure", "requested_on", "promised_on")
    assert [getattr(after, name) for name in names] == [getattr(before, name) for name in names]
    assert desk.row(Outbox, kind="amendment-confirmation").withdrawn_at == desk.clock()
    assert [row.wish for row in desk.rows(OrderRevision)] == ["customer", "us"]


def test_undoing_twice_walks_back_over_amendment_and_order(desk: Desk, talk: Talk) -> None:
    placed = talk.order(("4711", 1), ("4720", 1))
    talk.amend()
    talk.set(1, 5)
    talk.commit()
    assert "as it was before" in talk.undo()
    assert "is cancelled" in talk.undo()
    assert quantities(talk) == [1, 1]
    assert talk.again(placed).status == "cancelled"


def test_a_cancelled_line_and_a_cancelled_order_come_back(desk: Desk, talk: Talk) -> None:
    placed = talk.order(("4711", 3), ("4720", 1))
    talk.cancel(placed, 1)
    talk.cancel(placed, 2)
    assert talk.again(placed).status == "cancelled"
    talk.undo()
    talk.undo()
    after = talk.again(placed)
    assert after.lines == placed.lines
    assert (after.status, after.gross) == ("allocated", placed.gross)


def test_what_was_freed_and_taken_by_another_is_promised_anew(desk: Desk, talk: Talk) -> None:
    placed = talk.order((SHORT_CODE, 2))
    talk.cancel(placed, 1)
    other = desk.talk(2, login="lead3").order((SHORT_CODE, 2))
    talk.undo()
    line = talk.again(placed).lines[0]
    assert (line.quantity, line.allocated) == (2, 2)  # from the receipt a week on
    assert talk.again(placed).status == "confirmed"
    assert talk.again(other).status == "allocated"


def test_headroom_that_was_taken_meanwhile_is_not_taken_twice(desk: Desk, talk: Talk) -> None:
    used = desk.account().orders + desk.account().open_debit
    desk.change(CreditAccount, {"id": 1}, credit_limit=used + 4000)
    placed = talk.order(("4711", 2))  # 39.74
    talk.cancel(placed, 1)
    desk.talk(login="lead3").order(("4711", 2))
    talk.undo()
    after = talk.again(placed)
    assert (after.status, after.exposure) == ("held", 0)


# ---------------------------------------------------------------- refusals


def test_after_the_hold_it_says_what_to_do_instead(desk: Desk, talk: Talk) -> None:
    placed = talk.order(("4711", 1), ("4720", 1))
    desk.clock.pass_by(seconds=60)
    talk.cancel(placed, 2)
    desk.clock.pass_by(seconds=60)
    assert "as it was before" in talk.undo()  # to the second
    with pytest.raises(
        Refused, match=rf"Too late to undo 'Order {placed.number} placed: .*'; amend or cancel the order"
    ):
        talk.undo()
    talk.cancel(placed, 2)
    desk.clock.pass_by(seconds=61)
    with pytest.raises(Refused, match=r"Too late to undo '.*'; amend the order again instead \(e\)"):
        talk.undo()


def test_the_hold_is_the_companys_own(desk: Desk, talk: Talk) -> None:
    from csdesk.models import Company

    desk.change(Company, {"id": 1}, hold_seconds=0)
    talk.order(("4711", 1))
    talk.undo()
    talk.commit()
    desk.clock.pass_by(seconds=1)
    with pytest.raises(Refused, match="Too late"):
        talk.undo()


def test_a_letter_that_has_left_cannot_be_called_back(desk: Desk, talk: Talk) -> None:
    placed = talk.order(("4711", 1))
    desk.change(Outbox, {"kind": "order-confirmation"}, sent_at=desk.clock())
    with pytest.raises(Refused, match=rf"the customer was told about order {placed.number}; amend or cancel"):
        talk.undo()
    assert talk.again(placed).status == "allocated"


@pytest.mark.parametrize("act", ["amend", "cancel"])
def test_somebody_elses_change_is_not_undone_with_ours(desk: Desk, talk: Talk, act: str) -> None:
    placed = talk.order(("4711", 1), ("4720", 1))
    if act == "amend":
        talk.amend()
        talk.set(1, 2)
        talk.commit()
    desk.clock.pass_by(seconds=20)
    desk.talk(login="lead3").cancel(placed, 2, "u")
    with pytest.raises(Conflict, match=rf"Order {placed.number} was changed 09:03 by Lee Dale; amend"):
        talk.undo()
    assert [line.quantity for line in talk.again(placed).lines] == [2 if act == "amend" else 1, 0]


def test_a_picked_order_stays(desk: Desk, talk: Talk) -> None:
    placed = talk.order(("FREIGHT", 1))
    desk.change(SalesOrder, {"id": placed.id}, status="picked")
    with pytest.raises(Conflict, match=f"Order {placed.number} is picked; it cannot be undone any more"):
        talk.undo()


def test_a_held_order_is_taken_back_too(desk: Desk) -> None:
    talk = desk.talk(desk.seeded.tight)
    assert talk.order(("7007", 20)).status == "held"
    assert "is cancelled" in talk.undo()
    assert desk.account(5).orders == 0


def test_an_open_draft_is_not_thrown_away_by_taking_an_order_back(desk: Desk, talk: Talk) -> None:
    talk.order(("4711", 1))
    talk.add("4720", 1)
    desk.change(Command, {"verb": "editing.add_line"}, undone_at=desk.clock())  # as if typed in another window
    with pytest.raises(Refused, match="A draft is open"):
        talk.undo()


def test_another_customers_order_is_not_put_on_this_call(desk: Desk, talk: Talk) -> None:
    placed = talk.order(("4711", 1))
    talk.store.write_now(calls.identify, talk.call, 2)
    with pytest.raises(Refused, match=f"Order {placed.number} is another customer's"):
        talk.undo()


def test_each_call_has_its_own_commands(desk: Desk, talk: Talk) -> None:
    talk.order(("4711", 1))
    other = desk.talk(2)
    with pytest.raises(Refused, match="nothing to undo"):
        other.undo()


def test_stock_and_credit_are_the_same_after_doing_and_undoing_everything(desk: Desk, talk: Talk) -> None:
    stock, account = desk.rows(Stock), desk.account().orders
    placed = talk.order((SHORT_CODE, 20), ("4711", 3))
    talk.cancel(placed, 2)
    talk.amend(placed.number[-3:])
    talk.set(1, 1)
    talk.commit()
    for _ in range(3):
        talk.undo()
    assert (desk.rows(Stock), desk.account().orders) == (stock, account)
