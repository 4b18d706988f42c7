"""What a lead does about an escalated ticket: takes it, gives it away, raises it, extends what was promised, grants."""

from __future__ import annotations

import pytest

from csdesk.errors import Refused
from csdesk.models import ApprovalRequest, Callback, Ticket
from csdesk.services import callbacks, escalation_steps, supervising, ticket_money, ticket_views
from tests.services.conftest import Desk
from tests.services.escalations import query, shift
from tests.services.test_tickets import complain


@pytest.fixture
def raised(desk: Desk) -> tuple[int, int]:
    """A query of the rep and its escalation by hand, with the lead."""
    shift(desk, "lead3", "lead", "3 Mar 07:00", "3 Mar 18:00")
    ticket = query(desk)
    return ticket, desk.rep.write_now(escalation_steps.by_hand, ticket, "stuck").id


def test_it_is_taken_given_away_and_raised(desk: Desk, raised: tuple[int, int]) -> None:
    ticket, id_ = raised
    desk.lead.write_now(supervising.take, id_)
    assert desk.row(Ticket, id=ticket).owner_id == desk.seeded.staff["lead3"]
    desk.lead.write_now(supervising.raise_priority, id_, "he waits since noon")
    assert desk.row(Ticket, id=ticket).priority == 2
    desk.lead.write_now(supervising.assign, id_, "rep7")
    assert desk.row(Ticket, id=ticket).owner_id == desk.seeded.staff["rep7"]
    with pytest.raises(Refused, match=r"ticket\.lead"):
        desk.rep.write_now(supervising.take, id_)


def test_a_promise_is_extended_never_a_clock(desk: Desk, raised: tuple[int, int]) -> None:
    ticket, id_ = raised
    with pytest.raises(Refused, match="Nothing is promised"):
        desk.lead.write_now(supervising.extend, id_, "16")
    talk = desk.talk()
    talk.store.write_now(callbacks.make, talk.call, "15", "the list", ticket)
    before = _dues(desk, ticket)
    desk.lead.write_now(supervising.extend, id_, "17", True)
    assert f"{desk.row(Callback).due_at:%H:%M}" == "22:00"  # 17:00 in New York
    assert _dues(desk, ticket) == before


def _dues(desk: Desk, ticket: int) -> list[tuple[str, object]]:
    """When the clocks of a ticket but the promise's own are due."""
    clocks = desk.rep.read_now(ticket_views.whole, ticket).clocks
    return [(each.kind, each.due) for each in clocks if each.kind != "callback"]


def test_what_is_asked_is_granted_within_the_leads_tier(desk: Desk) -> None:
    shift(desk, "lead3", "lead", "3 Mar 07:00", "3 Mar 18:00")
    talk = desk.talk()
    made = complain(desk, talk)
    id_ = talk.store.write_now(escalation_steps.by_hand, made.id, "he shouts").id
    with pytest.raises(Refused, match="Nothing that is asked"):
        desk.lead.write_now(supervising.grant, id_)
    talk.store.write_now(ticket_money.credit, made.id, 0, talk.call)
    assert "approved" in desk.lead.write_now(supervising.grant, id_).words
    assert desk.row(ApprovalRequest).state == "approved"
