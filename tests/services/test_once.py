"""Placing at most once, numbers without gaps, and letters that leave after the hold and only once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import Command, Draft, NumberSeries, Outbox, SalesOrder
from csdesk.services import amendments, editing, history, numbers, orders
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.support.seed import SHORT_CODE


@pytest.mark.parametrize("request_id", ["r1", ""])
def test_the_same_draft_twice_is_one_order(desk: Desk, talk: Talk, request_id: str) -> None:
    draft = talk.add("4711", 3)
    first = talk.store.write_now(orders.place, draft.id, request_id=request_id)
    again = talk.store.write_now(orders.place, draft.id, request_id=request_id)
    assert again.order == first.order == talk.again(first.order)
    assert again.words == (first.words if request_id else f"Order {first.order.number} was placed already.")
    assert len(desk.rows(SalesOrder)) == 3
    assert len(desk.rows(Outbox)) == len(desk.rows(Command, verb="orders.place")) == 1


@pytest.mark.parametrize("keyed", [True, False])
def test_the_same_draft_from_eight_threads_is_one_order(desk: Desk, talk: Talk, keyed: bool) -> None:
    draft = talk.add(SHORT_CODE, 1)

    def place(n: int) -> str:
        return talk.store.write_now(orders.place, draft.id, request_id="r1" if keyed else "").order.number

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(place, range(8)))) == 1
    assert len(desk.rows(SalesOrder)) == 3
    assert desk.stock(SHORT_CODE).reserved == 1


def test_what_placing_answers_is_what_stands_in_the_books(desk: Desk, talk: Talk) -> None:
    placed = talk.order((SHORT_CODE, 30), ("4711", 2), ("FREIGHT", 1))
    assert placed == talk.again(placed)


def test_no_order_without_lines(desk: Desk, talk: Talk) -> None:
    draft = talk.add("4711", 3)
    talk.set(1, 0)
    with pytest.raises(Invalid, match="There is no line to place yet; type a product code and a quantity"):
        talk.store.write_now(orders.place, draft.id)
    with pytest.raises(NotFound, match="This draft is gone; start again with a line"):
        talk.store.write_now(orders.place, 1)
    talk.store.write_now(editing.drop, talk.call)
    with pytest.raises(Refused, match="This draft cannot be placed; it is no open order"):
        talk.store.write_now(orders.place, draft.id)
    opened = talk.amend()
    with pytest.raises(Refused, match="it is no open order"):
        talk.store.write_now(orders.place, opened.id)
    with pytest.raises(Refused, match="This draft changes no order"):
        talk.store.write_now(amendments.apply, draft.id)


def test_a_refused_order_gives_its_number_back(desk: Desk, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    talk.add("4711", 3)

    def refuses(*_: object) -> None:
        raise Refused("Not now.")

    with monkeypatch.context() as patched:
        patched.setattr("csdesk.services.orders.audit.record", refuses)
        with pytest.raises(Refused, match="Not now"):
            talk.commit()
    assert desk.row(NumberSeries, kind="order").last == 2
    assert talk.commit().number == numbers.order_number(2026, 3)


def test_numbers_start_anew_with_the_year(desk: Desk, talk: Talk) -> None:
    desk.clock.now = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    old = talk.order(("4711", 1))
    desk.clock.pass_by(seconds=1)
    new = talk.order(("4711", 1))
    assert (old.number, new.number) == ("26000003", "27000001")
    rows = talk.store.read_now(history.orders, 1)
    assert [row.number for row in rows[:2]] == ["27000001", "26000003"]


# ---------------------------------------------------------------- letters


def test_a_confirmation_waits_until_the_hold_has_passed(desk: Desk, talk: Talk) -> None:
    placed = talk.order(("4711", 1))
    letter = desk.row(Outbox)
    assert (letter.kind, letter.dedupe) == ("order-confirmation", f"order:{placed.id}:1")
    assert letter.due_at == desk.clock() + timedelta(seconds=60)
    assert json.loads(letter.payload) == {"order": placed.id, "number": placed.number, "customer": 1}
    assert letter.due_at == desk.row(Command, verb="orders.place").hold_until


def test_every_revision_has_its_own_letter(desk: Desk, talk: Talk) -> None:
    placed = talk.order(("4711", 1), ("4720", 1))
    talk.cancel(placed, 2)
    talk.amend()
    talk.set(1, 2)
    talk.commit()
    assert [(row.kind, row.dedupe.rsplit(":", 1)[1]) for row in desk.rows(Outbox)] == [
        ("order-confirmation", "1"), ("amendment-confirmation", "2"), ("amendment-confirmation", "3"),
    ]  # fmt: skip


def test_an_undone_order_sends_nothing_and_its_successor_does(desk: Desk, talk: Talk) -> None:
    talk.order(("4711", 1))
    talk.undo()
    again = talk.commit()
    waiting = [row.dedupe for row in desk.rows(Outbox) if row.withdrawn_at is None]
    assert waiting == [f"order:{again.id}:1"]


def test_repeating_a_request_after_the_order_moved_on_gives_the_old_answer(desk: Desk, talk: Talk) -> None:
    draft = talk.add("4711", 3)
    first = talk.store.write_now(orders.place, draft.id, request_id="r1")
    talk.cancel(first.order, 1)
    assert talk.store.write_now(orders.place, draft.id, request_id="r1") == first
    assert talk.again(first.order).status == "cancelled"


def test_a_draft_of_the_lines_of_another_does_not_disturb_it(desk: Desk, talk: Talk) -> None:
    """Five hundred lines are the most; the books keep each of them."""
    draft = talk.add("1035", 1)
    row = desk.row(Draft)
    lines = json.loads(row.lines) * editing.MOST_LINES
    desk.change(Draft, {"id": draft.id}, lines=json.dumps(lines))
    with pytest.raises(Refused, match="This draft has 500 lines already; commit it and start another"):
        talk.add("1035", 1)
    placed = talk.commit()
    assert (len(placed.lines), placed.net) == (500, 500 * 89)
    assert desk.stock("1035").reserved == Decimal(24 + 500)
