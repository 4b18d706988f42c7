"""Everything promised to a customer in one list: callbacks, dates that were moved, credits; theirs apart."""

from __future__ import annotations

from datetime import timedelta

from csdesk.models import CreditAccount, OrderLine, SalesOrder
from csdesk.services import approving, callbacks, promised, promises
from csdesk.services.promised import Commitment
from tests.services.conftest import Desk
from tests.services.papers import ask, pieces
from tests.services.talk import Talk
from tests.support.seed import TODAY


def told(desk: Desk, customer: int = 1) -> list[tuple[str, str, str]]:
    found = desk.rep.read_now(promised.to_customer, customer)
    return [(each.kind, each.words, each.state) for each in found.ours]


def test_nothing_promised_says_nothing(desk: Desk) -> None:
    found = desk.rep.read_now(promised.to_customer, 1)
    assert (found.ours, found.theirs, found.line, found.broken) == ((), (), "", False)


def test_open_and_broken_callbacks_stand_in_the_line(desk: Desk, talk: Talk) -> None:
    for when, about in (("15", "invoice"), ("+1 10", "truck")):
        talk.store.write_now(callbacks.make, talk.call, when, about)
    line = desk.rep.read_now(promised.to_customer, 1).line
    assert line == "Promised: callback Tue 03 Mar 15:00 invoice and 1 more"
    desk.clock.pass_by(hours=8)
    found = desk.rep.read_now(promised.to_customer, 1)
    assert found.broken, "by the window, though nobody has marked it yet"
    assert found.line == (
        "BROKEN: callback Tue 03 Mar 15:00 invoice, still to be made   Promised: callback Wed 04 Mar 10:00 truck"
    )
    desk.clock.pass_by(days=20)
    for callback in found.ours:
        desk.rep.write_now(callbacks.keep, callback.subject_id)
    assert desk.rep.read_now(promised.to_customer, 1).line == "BROKEN: order 26000002 Thu 05 Mar not delivered yet"
    assert [state for kind, _, state in told(desk) if kind == "callback"] == ["broken", "broken"]


def test_dates_that_were_moved_or_missed(desk: Desk, talk: Talk) -> None:
    order, later = desk.seeded.open_order, TODAY + timedelta(days=5)
    assert told(desk) == [], "a date that stands as it was promised is no news"
    desk.change(OrderLine, {"order_id": order, "line": 1}, promised_on=later)
    assert told(desk) == [("order", "now Sun 08 Mar", "broken")]
    wish = {"requested_on": later, "requested_by": "customer"}
    desk.change(OrderLine, {"order_id": order, "line": 1}, **wish)
    assert told(desk) == [("order", "moved as wished", "open")]
    desk.clock.pass_by(days=6)
    assert told(desk)[0][2] == "broken"
    desk.change(OrderLine, {"order_id": order, "line": 1}, promised_on=TODAY + timedelta(days=2),
                requested_on=TODAY + timedelta(days=2))  # fmt: skip
    assert told(desk) == [("order", "not delivered yet", "broken")]
    desk.clock.pass_by(days=-6)
    assert desk.row(SalesOrder, id=order).status == "allocated"


def test_credits_announced_are_open_until_they_are_posted_or_declined(desk: Desk, talk: Talk) -> None:
    first, second = ask(talk, pieces(1, 1)), ask(talk, pieces(2, 1))
    assert told(desk) == [("credit", "13.99 USD in approval", "open"), ("credit", "19.87 USD in approval", "open")]
    desk.lead.write_now(approving.reject, first.id, "no photo of it")
    desk.lead.write_now(approving.approve, second.id)
    assert [(words, state) for _, words, state in told(desk)] == [
        ("13.99 USD approved", "open"), ("19.87 USD rejected", "broken"),
    ]  # fmt: skip


def test_what_they_promised_stands_apart(desk: Desk, talk: Talk) -> None:
    talk.store.write_now(promises.take, talk.call, 9301, "+3")
    found = desk.rep.read_now(promised.to_customer, 1)
    assert (found.ours, found.line) == ((), "")
    assert [(each.kind, each.number, each.words, each.state) for each in found.theirs] == [
        ("payment", "26000001", "355.28 USD", "open")
    ]
    assert desk.account().open_debit == desk.row(CreditAccount, id=1).open_debit


def test_a_new_kind_of_promise_is_one_more_source(desk: Desk) -> None:
    def answers(tx: object, asked: promised.Asked) -> list[Commitment]:
        return [Commitment("answer", 7, "26000007", asked.today, "today", "on the late truck", "open")]

    promised.source(answers)
    try:
        assert told(desk) == [("answer", "on the late truck", "open")]
    finally:
        promised.SOURCES.remove(answers)
