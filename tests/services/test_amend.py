"""Amending: a revision with before and after, only what was changed is priced anew, everything is checked again."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.models import Company, CreditAccount, Draft, OrderHold, OrderLine, OrderRevision, Price, SalesOrder
from csdesk.services import amendments, editing, orders
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.support.seed import ALTERNATIVE_CODES, SHORT_CODE, TODAY

FIVE = [12, 6, 24, 3, 10]  # the open order of the small desk: 26000002


def test_a_revision_keeps_what_stood_before_and_after(desk: Desk, talk: Talk) -> None:
    assert [line.quantity for line in talk.amend().lines] == FIVE
    talk.set(3, 36)
    talk.date("+9")
    amended = talk.commit()
    assert (amended.revision, amended.requested_on) == (2, TODAY + timedelta(days=9))
    kept = desk.row(OrderRevision, order_id=amended.id)
    before, after = json.loads(kept.before), json.loads(kept.after)
    assert [Decimal(line["quantity"]) for line in before["lines"]] == FIVE
    assert [Decimal(line["quantity"]) for line in after["lines"]] == [12, 6, 36, 3, 10]
    assert (before["requested_on"], after["requested_on"]) == ("2026-03-05", "2026-03-12")
    assert (kept.revision, kept.wish, kept.staff_id, kept.at) == (
        2,
        "customer",
        desk.seeded.staff["rep7"],
        desk.clock(),
    )
    assert kept.summary == "line 3 24 -> 36, for Thu 12 Mar, 420.66 -> 431.34"
    assert before["gross"] == 42066


def test_only_changed_lines_are_priced_anew(desk: Desk, talk: Talk) -> None:
    for code in ("4711", "4720"):
        desk.change(Price, {"product_id": desk.seeded.products[code]}, amount=Decimal("99.00"))
    talk.amend()
    talk.set(2, 7)
    amended = talk.commit()
    assert [line.price for line in amended.lines[:2]] == [Decimal("18.40"), Decimal("99.00")]


def test_a_quantity_set_back_is_no_change_and_keeps_its_price(desk: Desk, talk: Talk) -> None:
    desk.change(Price, {"product_id": desk.seeded.products["4711"]}, amount=Decimal("99.00"))
    talk.amend()
    assert talk.set(1, 13).lines[0].price == Decimal("99.00")
    pad = talk.set(1, 12)
    assert (pad.lines[0].price, pad.lines[0].touched) == (Decimal("18.40"), False)
    with pytest.raises(Invalid, match="Nothing of order 26000002 is changed yet"):
        talk.commit()
    talk.store.write_now(editing.drop, talk.call)


def test_a_setting_changed_later_does_not_touch_the_order(desk: Desk, talk: Talk) -> None:
    """The order keeps its tax method and rounding; 8 % of 18.40, 12.95 and 1.15 differ by a cent between the two."""
    placed = talk.order(("4711", 1), ("4720", 1), ("3319", 1), ("6002", 1))
    desk.change(Company, {"id": 1}, tax_method="document", rounding="up")
    talk.amend()
    talk.set(4, 2)
    amended = talk.commit()
    assert amended.lines[:3] == placed.lines[:3]
    stored = desk.row(SalesOrder, id=placed.id)
    assert (stored.tax_method, stored.rounding) == ("line", "half_up")
    assert [line.tax for line in amended.lines] == [147, 104, 9, 142]


def test_a_new_day_counts_for_every_line(desk: Desk, talk: Talk) -> None:
    """The lines of the open order were wanted for the 5th; all of them move."""
    talk.amend()
    pad = talk.date("12")
    assert [line.promised_on for line in pad.lines] == [date(2026, 3, 12)] * 5
    amended = talk.commit()
    assert amended.promised_on == date(2026, 3, 12)
    for line in desk.rows(OrderLine, order_id=amended.id):
        assert (line.requested_on, line.promised_on) == (date(2026, 3, 12), date(2026, 3, 12))
        assert (line.original_requested_on, line.original_promised_on) == (date(2026, 3, 5), date(2026, 3, 5))


def test_a_line_more_a_line_less(desk: Desk, talk: Talk) -> None:
    talk.amend()
    talk.add("7007", 2)
    talk.set(2, 0)
    pad = talk.add("5001", 1)
    assert [(line.number, line.code, line.quantity) for line in pad.lines[5:]] == [(6, "7007", 2), (7, "5001", 1)]
    talk.set(7, 4)
    amended = talk.commit()
    assert [(line.line, line.quantity) for line in amended.lines] == [
        (1, 12),
        (2, 0),
        (3, 24),
        (4, 3),
        (5, 10),
        (6, 2),
        (7, 4),
    ]
    assert (amended.lines[1].cancelled_quantity, amended.lines[1].net, amended.lines[1].allocated) == (6, 0, 0)
    assert desk.stock("4720").reserved == 0


def test_a_new_line_is_reached_by_its_number_when_the_orders_lines_have_gaps(desk: Desk, talk: Talk) -> None:
    """An imported order may be numbered 1 3 5 7 9; what is added gets 10, not 6."""
    from csdesk.models import Reservation

    for line in (5, 4, 3, 2):
        desk.change(OrderLine, {"order_id": desk.seeded.open_order, "line": line}, line=2 * line - 1)
        desk.change(Reservation, {"order_id": desk.seeded.open_order, "line": line}, line=2 * line - 1)
    talk.amend()
    pad = talk.add("7007", 2)
    assert [line.number for line in pad.lines] == [1, 3, 5, 7, 9, 10]
    assert talk.set(10, 3).lines[-1].quantity == 3
    assert talk.commit().lines[-1].line == 10


def test_growth_over_the_limit_holds_the_whole_order(desk: Desk, talk: Talk) -> None:
    used = desk.account().orders + desk.account().open_debit
    desk.change(CreditAccount, {"id": 1}, credit_limit=used)
    talk.amend()
    talk.set(5, 9)
    smaller = talk.commit()
    assert smaller.status == "allocated"
    talk.amend()
    talk.set(5, 11)
    held = talk.commit()
    assert (held.status, held.exposure, held.holds) == ("held", 0, ("credit: 1.24 over the credit limit",))
    assert desk.account().orders == 0
    assert [desk.stock(code).reserved for code in ("4711", "3319")] == [0, 0]
    talk.amend()
    talk.set(5, 9)
    assert talk.commit().status == "allocated"


def test_an_order_released_over_the_limit_stays_released_until_it_grows(desk: Desk, talk: Talk) -> None:
    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    placed = talk.order(("7007", 2))
    desk.lead.write_now(orders.release, placed.id)
    talk.amend()
    talk.date("+9")
    assert talk.commit().status == "allocated"
    talk.amend()
    talk.set(1, 3)
    assert talk.commit().status == "held"


def test_stock_freed_by_one_line_serves_another(desk: Desk, talk: Talk) -> None:
    placed = talk.order((SHORT_CODE, 2), (SHORT_CODE, 2))
    assert [line.allocated for line in placed.lines] == [2, 2]
    assert desk.stock(SHORT_CODE).reserved == 2
    talk.cancel(placed, 1)
    after = talk.again(placed)
    assert (after.lines[1].allocated, after.lines[1].promised_on, after.status) == (2, date(2026, 3, 4), "allocated")


def test_a_grown_line_that_is_short_takes_an_alternative_in_its_place(desk: Desk, talk: Talk) -> None:
    placed = talk.order((SHORT_CODE, 1), ("5001", 1))
    talk.amend()
    pad = talk.set(1, 30)
    assert [each.code for each in pad.lines[0].alternatives] == list(ALTERNATIVE_CODES)
    pad = talk.store.write_now(editing.take_alternative, talk.call)
    assert [(line.number, line.code, line.was) for line in pad.lines] == [(1, "6002", 1), (2, "5001", 1)]
    amended = talk.commit()
    assert [(line.line, line.code) for line in amended.lines] == [(1, "6002"), (2, "5001")]
    assert amended.lines[0].substituted_for_id == desk.seeded.products[SHORT_CODE]
    assert desk.stock(SHORT_CODE).reserved == 0
    talk.undo()
    assert talk.again(placed).lines[0].code == SHORT_CODE


# ---------------------------------------------------------------- refusals


def test_a_picked_line_is_refused_with_its_reason_and_the_others_are_not(desk: Desk, talk: Talk) -> None:
    desk.change(OrderLine, {"order_id": desk.seeded.open_order, "line": 2}, picked=Decimal(6))
    talk.amend()
    with pytest.raises(Refused, match="Line 2 is picked; it cannot be changed"):
        talk.set(2, 1)
    talk.set(1, 1)
    assert talk.commit().lines[1].quantity == 6
    with pytest.raises(Refused, match="Line 2 of order 26000002 is picked already"):
        talk.cancel(talk.latest(), 2)
    desk.change(OrderLine, {"order_id": desk.seeded.open_order, "line": 2}, picked=Decimal(0))


def test_what_is_picked_shipped_or_gone_is_past_amending(desk: Desk, talk: Talk) -> None:
    with pytest.raises(NotFound, match="no open order that ends in 0001; 'h' shows all"):
        talk.amend("0001")
    talk.amend()
    talk.set(1, 1)
    desk.change(SalesOrder, {"id": desk.seeded.open_order}, status="picked")
    with pytest.raises(Refused, match="Order 26000002 is picked; it cannot be changed any more"):
        talk.commit()
    desk.change(SalesOrder, {"id": desk.seeded.open_order}, status="allocated")


def test_changes_typed_are_not_thrown_away_by_amending_again(desk: Desk, talk: Talk) -> None:
    talk.amend()
    talk.amend("2")  # nothing typed yet
    talk.set(1, 13)
    with pytest.raises(Refused, match=r"changes of order 26000002 .* commit them with \. or leave them with F12"):
        talk.amend()
    assert talk.pad().lines[0].quantity == 13
    talk.undo()
    talk.date("+9")
    with pytest.raises(Refused, match="changes of order 26000002"):
        talk.amend()


def test_a_draft_that_was_left_cannot_be_applied(desk: Desk, talk: Talk) -> None:
    draft = talk.amend()
    talk.set(1, 13)
    talk.store.write_now(editing.drop, talk.call)
    with pytest.raises(Refused, match="left"):
        talk.store.write_now(amendments.apply, draft.id)


def test_applying_twice_changes_nothing_more(desk: Desk, talk: Talk) -> None:
    draft = talk.amend()
    talk.set(1, 13)
    first = talk.store.write_now(amendments.apply, draft.id)
    again = talk.store.write_now(amendments.apply, draft.id)
    assert again.order == first.order
    assert again.words == "Order 26000002 was amended already."


# ---------------------------------------------------------------- somebody saved first


def test_the_second_rep_is_told_who_saved_first_and_keeps_the_own_changes(desk: Desk, talk: Talk) -> None:
    other = desk.talk(login="lead3")
    for each in (talk, other):
        each.amend()
    talk.set(1, 13)
    talk.add("7007", 2)
    other.set(2, 7)
    other.set(3, 0)
    desk.clock.pass_by(minutes=7)
    other.commit()
    desk.clock.pass_by(minutes=1)
    with pytest.raises(Conflict, match="Order 26000002 was changed 09:10 by Lee Dale; look again"):
        talk.commit()
    pad = talk.store.write_now(editing.rebase, talk.call)
    assert [(line.number, line.quantity, line.touched) for line in pad.lines] == [
        (1, 13, True), (2, 7, False), (3, 0, False), (4, 3, False), (5, 10, False), (6, 2, True),
    ]  # fmt: skip
    assert [line.quantity for line in talk.commit().lines] == [13, 7, 0, 3, 10, 2]


def test_a_line_the_other_cancelled_stays_cancelled(desk: Desk, talk: Talk) -> None:
    talk.amend()
    talk.set(1, 13)
    other = desk.talk(login="lead3")
    other.cancel(other.latest(), 1, "u")
    pad = talk.store.write_now(editing.rebase, talk.call)
    assert (pad.lines[0].quantity, pad.lines[0].fixed) == (0, "cancelled")


def test_a_day_the_other_moved_stays_moved_unless_the_rep_moved_it_too(desk: Desk, talk: Talk) -> None:
    talk.amend()
    talk.set(1, 13)
    other = desk.talk(login="lead3")
    other.amend()
    other.date("12")
    other.commit()
    pad = talk.store.write_now(editing.rebase, talk.call)
    assert pad.requested_on == date(2026, 3, 12)
    assert talk.commit().requested_on == date(2026, 3, 12)
    talk.amend()
    talk.date("20")
    other.amend()
    other.date("13")
    other.commit()
    assert talk.store.write_now(editing.rebase, talk.call).requested_on == date(2026, 3, 20)


def test_a_window_of_the_same_rep_that_lags_behind_is_told(desk: Desk, talk: Talk) -> None:
    talk.add("4711", 1)
    draft = desk.row(Draft, status="open")
    desk.change(Draft, {"id": draft.id}, version=draft.version + 1)
    pad = talk.add("4720", 1)  # each act reads the draft as it is
    assert len(pad.lines) == 2


def test_a_hold_that_was_lifted_by_a_change_stays_on_record(desk: Desk, talk: Talk) -> None:
    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    placed = talk.order(("7007", 2))
    desk.change(CreditAccount, {"id": 1}, credit_limit=None)
    talk.amend()
    talk.date("+9")
    assert talk.commit().status == "allocated"
    (hold,) = desk.rows(OrderHold, order_id=placed.id)
    assert (hold.kind, hold.lifted_by, hold.lifted_at) == ("credit", desk.seeded.staff["rep7"], desk.clock())
