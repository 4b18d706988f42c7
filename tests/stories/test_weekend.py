"""A weekend at the desk, with a holiday behind it and the hour that summer time takes: what was opened on Friday
evening, who is told of what on Tuesday and when. Every expected instant is reckoned by hand from the hours below.

The desk is open 08:00 to 18:00, Monday to Friday; Monday 9 March 2026 is a holiday. Priority 3: reply 4 hours, keep
informed by the close of the second working day; priority 2: reply 2 hours.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import pytest

from csdesk.models import Callback, Escalation, ServiceCalendar, ServicePolicy, Ticket
from csdesk.rules.escalation import LIVE
from csdesk.services import callbacks, escalation_steps, founding_service, ticket_moves, ticket_thread, ticket_waiting
from csdesk.services import ticket_views as views
from tests.services.conftest import Desk
from tests.services.escalations import ZONE, local, query, shift, tick

HOURS = {"zone": "America/New_York", **founding_service.WEEK, "holidays": ["2026-03-09"]}


@dataclass(frozen=True)
class Friday:
    """What was there on Friday evening: a query with a callback, one the customer wrote to again, one that waits."""

    called: int
    written: int
    waiting: int
    callback: int


@pytest.fixture
def friday(desk: Desk) -> Friday:
    """Friday 6 March: three tickets of Robin, and the shifts of Tuesday."""
    stamp = {"made_at": local("2 Mar 09:00"), "made_by": 0}
    desk.add(ServiceCalendar, code="desk", version=2, hours=json.dumps(HOURS), **stamp)
    targets = json.dumps(founding_service.TARGETS)
    desk.add(ServicePolicy, code="standard", version=2, calendar="desk", calendar_version=2, targets=targets, **stamp)
    shift(desk, "lead3", "lead", "10 Mar 09:00", "10 Mar 13:00")
    shift(desk, "boss1", "supervisor", "10 Mar 08:00", "10 Mar 18:00")
    desk.clock.now = local("6 Mar 17:00")
    waiting = query(desk, "which pallet size")
    desk.clock.now = local("6 Mar 17:30")
    desk.rep.write_now(ticket_waiting.wait, waiting, "c", "wed", "", "which one do you have now?")
    called, talk = query(desk, "where is the price list"), desk.talk()
    promised = talk.store.write_now(callbacks.make, talk.call, "tue10-11", "the price list", called)
    written = query(desk, "wrong label")
    desk.clock.now = local("6 Mar 17:45")
    desk.rep.write_now(ticket_thread.inbound, written, "it is still wrong")
    return Friday(called, written, waiting, promised.id)


def told(desk: Desk, ticket: int, epoch: str) -> list[tuple[str, int, str, str, str]]:
    """(rule, level, state, since when it was called for, when raised) of what was raised about a clock or a thing."""
    rows = [row for row in desk.rows(Escalation, ticket_id=ticket) if row.epoch.startswith(epoch)]
    return [
        (row.rule, row.level, row.state, clock(row.due_at), clock(row.raised_at))
        for row in sorted(rows, key=lambda row: (row.level, row.rule))
    ]


def clock(at: datetime | None) -> str:
    """An instant on the company's clock."""
    assert at is not None
    return f"{at.astimezone(ZONE):%a %H:%M:%S}"


def due(desk: Desk, ticket: int) -> tuple[str, str]:
    """The headline clock of a ticket and when it is due."""
    row = desk.row(Ticket, id=ticket)
    return row.due_kind, clock(row.due_at)


def test_the_clocks_that_were_opened_on_friday_evening(desk: Desk, friday: Friday) -> None:
    # 17:45 to 18:00 are 15 minutes of the four hours, 3:45 are left for Tuesday: Monday is a holiday
    assert due(desk, friday.written) == ("reply", "Tue 11:45:00")
    assert due(desk, friday.called) == ("callback", "Tue 11:00:00")
    assert desk.row(Ticket, id=friday.waiting).due_at is None  # everything of it is paused
    clocks = {each.kind: each for each in desk.rep.read_now(views.whole, friday.called).clocks}
    # Friday 30 minutes, Tuesday and Wednesday ten hours each
    assert clock(clocks["keep_informed"].due) == "Wed 18:00:00"
    assert clocks["keep_informed"].target.total_seconds() == 20.5 * 3600


def test_tuesday_with_somebody_looking_all_the_time(desk: Desk, friday: Friday) -> None:
    for quiet in ("6 Mar 18:00", "7 Mar 12:00", "8 Mar 12:00", "9 Mar 12:00", "10 Mar 08:00"):
        assert tick(desk, quiet) == []
    desk.clock.now = local("10 Mar 09:00")
    desk.rep.write_now(ticket_moves.priority, friday.written, 2, 1)  # priority 2: two hours to reply
    assert due(desk, friday.written) == ("reply", "Tue 09:45:00")
    tick(desk, "10 Mar 09:15")  # an hour and a half of two: 15 minutes of Friday, 75 of Tuesday
    assert told(desk, friday.written, "reply") == [("clock-75", 0, "raised", "Tue 09:15:00", "Tue 09:15:00")]
    tick(desk, "10 Mar 09:46")
    assert told(desk, friday.written, "reply") == [
        ("clock-75", 0, "passed", "Tue 09:15:00", "Tue 09:15:00"),
        ("clock-100", 1, "raised", "Tue 09:45:00", "Tue 09:46:00"),
    ]
    assert desk.row(Ticket, id=friday.written).breaches == 1
    (raised,) = [row for row in desk.rows(Escalation, ticket_id=friday.written) if row.state == "raised"]
    assert raised.to_staff == desk.seeded.staff["lead3"]
    desk.clock.now = local("10 Mar 09:50")
    desk.lead.write_now(escalation_steps.acknowledge, raised.id, "11:00", "new labels by courier")
    assert tick(desk, "10 Mar 10:30") == []  # the lead has taken it on: it does not go up at 10:16
    tick(desk, "10 Mar 10:46")  # half its time again at 10:45: in hand, so nobody is told
    assert told(desk, friday.written, "reply")[2:] == [("clock-150", 2, "passed", "Tue 10:45:00", "Tue 10:46:00")]
    desk.clock.now = local("10 Mar 10:50")
    desk.rep.write_now(ticket_thread.spoke, friday.written, "labels come at noon")
    assert tick(desk) == ["Ticket 26000003: lead's escalation withdrawn, reply is met."]
    (reply,) = [each for each in desk.rep.read_now(views.whole, friday.written).clocks if each.kind == "reply"]
    assert (reply.state, reply.late.total_seconds()) == ("met", 65 * 60)
    assert tick(desk, "10 Mar 11:00") == []
    assert tick(desk, "10 Mar 11:01") == [
        "Callback to 20417 Harbour View Deli of Tue 10 Mar 10:00-11:00: broken.",
        "Ticket 26000002: escalated to Lee Dale (lead): callback broken: the price list, since Tue 10 Mar 11:00.",
    ]
    desk.clock.now = local("10 Mar 11:20")
    desk.rep.write_now(callbacks.keep, friday.callback)  # kept late: broken it stays
    assert tick(desk) == ["Ticket 26000002: lead's escalation withdrawn, the call was made or is wanted no longer."]
    assert desk.row(Callback, id=friday.callback).state == "broken"
    assert tick(desk, "10 Mar 11:31") == []
    own = (friday.called, friday.written, friday.waiting)
    live = [row for row in desk.rows(Escalation) if row.state in LIVE and row.ticket_id in own]
    assert live == []


def test_the_same_weekend_with_nobody_looking_until_tuesday_at_two(desk: Desk, friday: Friday) -> None:
    assert sorted(tick(desk, "10 Mar 14:00")) == [
        "Callback to 20417 Harbour View Deli of Tue 10 Mar 10:00-11:00: broken.",
        "Ticket 26000002: escalated to Bo Sand (supervisor): callback broken: the price list, since Tue 10 Mar 11:00.",
        "Ticket 26000003: escalated to Bo Sand (supervisor): reply is late by half its time again, since Tue 10 Mar "
        "13:45.",
    ]
    # three, four and six hours of open time: 15 minutes of Friday, the rest on Tuesday from 08:00
    assert told(desk, friday.written, "reply") == [
        ("clock-75", 0, "passed", "Tue 10:45:00", "Tue 14:00:00"),
        ("clock-100", 1, "passed", "Tue 11:45:00", "Tue 14:00:00"),
        ("clock-150", 2, "raised", "Tue 13:45:00", "Tue 14:00:00"),
    ]
    # the lead went home at 13:00: one level up
    assert told(desk, friday.called, "callback") == [
        ("callback", 1, "passed", "Tue 11:00:00", "Tue 14:00:00"),
        ("callback", 2, "raised", "Tue 11:00:00", "Tue 14:00:00"),
    ]
    assert told(desk, friday.waiting, "") == []
    assert tick(desk) == []


def test_a_wait_for_the_customer_is_no_time_of_ours(desk: Desk, friday: Friday) -> None:
    # nobody is on shift on Wednesday: the callback of Tuesday and the reply that is late wait, this one was not touched
    assert tick(desk, "11 Mar 07:59") == [
        "Callback to 20417 Harbour View Deli of Tue 10 Mar 10:00-11:00: broken.",
        "Ticket 26000003: nobody is on shift to escalate to (reply is late by half its time again).",
    ]
    said = tick(desk, "12 Mar 13:14")
    assert "Ticket 26000001 is back from its wait: which one do you have now?." in said
    # 21 hours from Friday 17:00; half an hour was used when it began to wait, the rest runs from Wednesday 08:00
    clocks = {each.kind: each for each in desk.rep.read_now(views.whole, friday.waiting).clocks}
    assert clock(clocks["keep_informed"].due) == "Fri 08:30:00"
    assert told(desk, friday.waiting, "keep") == []
    tick(desk, "12 Mar 13:15")  # 15:45 of 21 hours: half an hour, ten of Wednesday, 5:15 of Thursday
    assert told(desk, friday.waiting, "keep") == [("clock-75", 0, "raised", "Thu 13:15:00", "Thu 13:15:00")]
