"""Tickets the desk opens by itself, each line once; waiting tickets that go on; corrective actions."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import (
    ApprovalRequest,
    CorrectiveAction,
    CreditAccount,
    CreditClaim,
    Customer,
    Delivery,
    DeliveryEvent,
    DeliveryLine,
    OrderLine,
    ProactiveLine,
    SalesOrder,
    Ticket,
    TicketEvent,
    TicketItem,
    TicketLine,
)
from csdesk.services import (
    applying,
    approving,
    corrective,
    proactive,
    queue,
    replacing,
    reports,
    returns,
    service_settings,
    ticket_log,
    ticket_money,
    ticket_moves,
    ticket_resuming,
    ticket_views,
    ticket_waiting,
    tickets,
)
from csdesk.services.tx import SYSTEM, Tx
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.services.test_tickets import complain


def tick(desk: Desk) -> list[str]:
    """Opens what is due; the sentences."""
    return [desk.store.write_now(proactive.open_, case) for case in desk.store.read_now(proactive.due)]


def came(desk: Desk, at: datetime | None = None, planned: date | None = None, **line: int) -> None:
    """The seeded delivery came now, or at an instant, with what is said of its first line."""
    desk.change(Delivery, {"id": 9101}, delivered_at=at or desk.clock(), planned_on=planned)
    if line:
        values = {name: Decimal(each) for name, each in line.items()}
        desk.change(DeliveryLine, {"delivery_id": 9101, "line": 1}, **values)


def test_a_short_delivery_has_its_ticket_once(desk: Desk) -> None:
    came(desk, short=2)
    assert tick(desk) == ["Ticket 26000001 opened: delivery 26000001 came short: 2 EA 4711 Olive oil extra virgin 1 l."]
    row, line = desk.row(Ticket), desk.row(TicketLine)
    assert (row.kind, row.category, row.owner_id, row.queue, row.state, row.value) == (
        "proactive", "short-delivery", None, "desk", "new", 3974,
    )  # fmt: skip
    assert (line.subject, line.quantity, line.reason, line.document_id) == ("delivery", 2, "short-delivery", 9201)
    assert "suggested: goods again (b); in stock" in desk.row(TicketItem).body
    assert desk.row(ProactiveLine).fault == "short"
    assert tick(desk) == []
    assert desk.rep.read_now(ticket_views.of_customer, 1)[0].number == "26000001"


def test_two_ticks_at_once_open_one(desk: Desk) -> None:
    came(desk, short=2)
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda _: desk.store.write_now(proactive.open_, ("delivery", 9101)), range(2)))
    assert sorted(map(bool, said)) == [False, True]
    assert len(desk.rows(Ticket)) == 1


def test_what_is_old_complained_of_or_switched_off_opens_nothing(desk: Desk, talk: Talk) -> None:
    came(desk, desk.clock() - timedelta(days=3), short=2)
    assert tick(desk) == []
    desk.as_("boss1").write_now(service_settings.set_, "proactive-days", "4")
    complain(desk, talk)
    assert tick(desk) == []
    desk.as_("boss1").write_now(service_settings.set_, "proactive-days", "0")
    came(desk, refused=1)
    assert tick(desk) == []


def test_late_and_failed_deliveries_by_the_customers_day(desk: Desk) -> None:
    at = datetime.combine(desk.clock().date(), datetime.min.time(), desk.clock().tzinfo) + timedelta(hours=2)
    came(desk, at, planned=at.date() - timedelta(days=1))  # two in the morning UTC is the day before in New York
    assert tick(desk) == []
    came(desk, planned=desk.clock().date() - timedelta(days=1))
    (said,) = tick(desk)
    assert "came late: 10 EA 4711 Olive oil extra virgin 1 l and 4 more" in said
    assert len(desk.rows(TicketLine)) == 5


def test_an_attempt_in_vain_says_what_the_driver_said(desk: Desk) -> None:
    desk.change(Delivery, {"id": 9101}, delivered_at=None)
    event = {"delivery_id": 9101, "seq": 90, "at": desk.clock(), "event": "attempt"}
    desk.put(DeliveryEvent, {**event, "comment": "nobody there"})
    (said,) = tick(desk)
    assert "could not be delivered: 10 EA 4711 Olive oil extra virgin 1 l (nobody there) and 4 more" in said
    ticket = desk.row(Ticket)
    assert (ticket.category, ticket.value) == ("not-delivered", desk.row(SalesOrder, id=9001).gross)
    assert {each.claimed for each in desk.rows(TicketLine)} == {0}
    desk.lead.write_now(replacing.ask, ticket.id, 1)  # what could not be delivered may come again all the same
    assert (desk.rows(TicketLine)[0].claimed, desk.row(CreditClaim).quantity) == (19872, 10)


def test_a_missed_truck_and_a_short_pick(desk: Desk) -> None:
    assert tick(desk) == []  # the truck of the open order goes the day after tomorrow
    desk.change(SalesOrder, {"id": 9002}, status="held", promised_on=desk.clock().date() + timedelta(days=1))
    desk.clock.pass_by(hours=8)  # past the cut-off; nothing of a held order can be picked any more
    (said,) = tick(desk)
    assert "order 26000002 missed its truck: 12 EA 4711" in said
    assert desk.rows(TicketLine)[0].subject == "order"
    desk.change(SalesOrder, {"id": 9002}, status="allocated")
    desk.change(SalesOrder, {"id": 9001}, picked_at=desk.clock())
    desk.change(OrderLine, {"order_id": 9001, "line": 1}, picked=Decimal(7))
    (said,) = tick(desk)
    assert "was picked short: 3 EA 4711" in said
    desk.change(OrderLine, {"order_id": 9001, "line": 1}, picked=Decimal(10))


def waits(desk: Desk, ticket: int, party: str = "internal", question: str = "where is it?") -> None:
    """The ticket waits."""
    with desk.store.engine.execution_options(desk_write=True).begin() as connection:
        tx = Tx(connection, 1, SYSTEM, desk.clock())
        data = {"party": party, "question": question, "wake": desk.clock() + timedelta(days=3)}
        ticket_log.append(tx, ticket_log.get(tx, ticket), "waiting", data)


def resumed(desk: Desk) -> str:
    """By what the ticket goes on, '' while it waits."""
    found = [json.loads(each.data)["by"] for each in desk.rows(TicketEvent) if each.event == "resumed"]
    return found[-1] if found and desk.row(Ticket).state == "open" else ""


def test_what_happens_elsewhere_brings_a_ticket_back(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk)
    waits(desk, made.id)
    with desk.store.engine.execution_options(desk_write=True).begin() as connection:
        tx = Tx(connection, 1, SYSTEM, desk.clock())
        assert ticket_resuming.delivered(tx, [9101, 77]) == 1
    assert resumed(desk) == "proof of delivery 26000001"
    waits(desk, made.id)
    desk.as_("cash1").write_now(applying.receive, 1, 500, desk.clock().date())
    assert resumed(desk) == ""  # money is what the customer brings
    desk.as_("dock1").write_now(returns.receive, "26000001", 1, Decimal(1))
    assert resumed(desk).startswith("goods counted in")
    talk.store.write_now(ticket_money.credit, made.id, 0, talk.call)
    waits(desk, made.id)
    desk.lead.write_now(approving.approve, desk.row(ApprovalRequest).id, None)
    assert resumed(desk) == "request 26000001 approved"
    assert desk.row(CreditAccount, id=1).open_credit == 500
    assert desk.row(Customer, id=1).on_hold is False


def test_money_ends_a_wait_it_is_the_answer_to(desk: Desk, talk: Talk) -> None:
    made, cash = complain(desk, talk), desk.as_("cash1")

    def paid(amount: int = 500) -> str:
        money = cash.write_now(applying.receive, 1, amount, desk.clock().date())
        assert resumed(desk) == "", "money that nobody has said what it is for"
        cash.write_now(applying.apply, None, money.id, desk.seeded.open_item)
        return resumed(desk)

    waits(desk, made.id, "customer", "a photo of the pallet")
    assert paid() == ""
    desk.lead.write_now(ticket_waiting.go_on, made.id)
    waits(desk, made.id, "internal", "has he paid?")
    assert paid() == ""
    desk.lead.write_now(ticket_waiting.go_on, made.id)
    waits(desk, made.id, "customer", "when is the rest paid?")
    assert paid().startswith("receipt ")


def test_a_ticket_about_payment_goes_on_by_money_of_its_invoice_or_of_the_account(desk: Desk, talk: Talk) -> None:
    made, cash = complain(desk, talk), desk.as_("cash1")
    desk.rep.write_now(ticket_moves.category, made.id, "payment")
    waits(desk, made.id, "customer")
    money = cash.write_now(applying.receive, 1, 500, desk.clock().date())
    assert resumed(desk) == ""
    cash.write_now(applying.apply, None, money.id, desk.seeded.open_item)
    assert resumed(desk).startswith("receipt ")
    other = talk.store.write_now(tickets.note, talk.call, "q", "the statement").id
    waits(desk, other, "customer")
    cash.write_now(applying.receive, 1, 500, desk.clock().date())
    assert desk.row(Ticket, id=other).state == "waiting_customer"
    desk.rep.write_now(ticket_moves.category, other, "payment")
    cash.write_now(applying.receive, 1, 500, desk.clock().date())
    assert desk.row(Ticket, id=other).state == "open"


def test_a_corrective_action_from_start_to_result(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk)
    args = (made.id, "dock1", "+14", "weigh every pallet")
    assert desk.rep.read_now(corrective.preview, *args).startswith(
        "corrective action on ticket 26000001: Ray Tulk until"
    )
    done = talk.store.write_now(corrective.add, *args, talk.call)
    assert done.words.startswith("Corrective action: Ray Tulk until ")
    assert talk.undo() == "Undone: the corrective action is taken back"
    assert desk.rows(CorrectiveAction) == []
    done = talk.store.write_now(corrective.add, *args, talk.call)
    dock = desk.as_("dock1")
    assert [each.action for each in dock.read_now(corrective.still_open)] == ["weigh every pallet"]
    assert desk.rep.read_now(corrective.still_open) == ()
    assert dock.read_now(corrective.overdue) == ()
    desk.clock.pass_by(days=15)
    assert [each.late for each in dock.read_now(corrective.overdue)] == [True]
    (waits,) = [each for each in dock.read_now(queue.entries) if each.kind == "corrective"]
    assert waits.words.startswith("weigh every pallet, due ")
    with pytest.raises(Refused, match="Ray Tulk's to do"):
        desk.rep.write_now(corrective.done, done.id, "nothing")
    report = desk.as_("boss1").read_now(reports.run, "corrective")
    assert [row[4:] for row in report.rows] == [("open", 1, "")]
    assert "done: weigh every pallet" in dock.write_now(corrective.done, done.id, "scales at gate 2").words
    assert dock.read_now(corrective.overdue) == ()
    (shown,) = desk.as_("boss1").read_now(ticket_views.whole, made.id).actions
    assert (shown.done, shown.result) == (True, "scales at gate 2")
    with pytest.raises(Refused, match="done already"):
        dock.write_now(corrective.done, done.id, "again")
    with pytest.raises(NotFound):
        desk.rep.write_now(corrective.add, made.id, "nobody", "+14", "x")
    with pytest.raises(Invalid, match="within 400 days"):
        desk.rep.write_now(corrective.add, made.id, "dock1", "+500", "x")


def test_an_action_two_say_is_done_at_once_is_done_once(
    desk: Desk, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = complain(desk, talk)
    action = talk.store.write_now(corrective.add, made.id, "dock1", "+14", "weigh every pallet", talk.call).id
    looked = desk.row(CorrectiveAction)
    dock = desk.as_("dock1")
    dock.write_now(corrective.done, action, "scales at gate 2")
    stale = SimpleNamespace(**looked._asdict(), owner_name="Ray Tulk", number="26000001")
    monkeypatch.setattr(corrective, "_get", lambda *_: stale)  # as the second one saw it, a moment ago
    with pytest.raises(Refused, match="'weigh every pallet' is done already"):
        dock.write_now(corrective.done, action, "scales at gate 3")
    assert [each.event for each in desk.rows(TicketEvent)].count("corrected") == 1


def test_what_is_beyond_the_lines_of_a_ticket_opens_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proactive, "MOST_LINES", 3)
    came(desk, planned=desk.clock().date() - timedelta(days=1))
    (said,) = tick(desk)
    assert said.endswith("10 EA 4711 Olive oil extra virgin 1 l and 4 more.")
    assert (len(desk.rows(TicketLine)), len(desk.rows(ProactiveLine))) == (3, 5)
    assert desk.row(TicketItem).body.endswith("\nAnd 2 more on the delivery.")
    assert tick(desk) == []
