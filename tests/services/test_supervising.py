"""What a lead does about an escalated ticket: takes it, gives it away, raises it, extends what was promised, grants."""

from __future__ import annotations

from decimal import Decimal

import pytest

from csdesk.errors import NotFound, Refused
from csdesk.models import ApprovalRequest, Callback, Ticket
from csdesk.services import callbacks, changing, escalation_steps, supervising, ticket_money, ticket_views
from csdesk.services.asking import Change
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
        desk.lead.write_now(supervising.grant, id_, ())
    talk.store.write_now(ticket_money.credit, made.id, 0, talk.call)
    with pytest.raises(Refused, match="What waits for ticket 26000001 was asked since you looked at it"):
        desk.lead.write_now(supervising.grant, id_, ())
    (seen,) = desk.lead.read_now(supervising.asked, id_)
    looked = [(seen.id, seen.version)]
    assert desk.lead.read_now(supervising.preview_grant, id_, looked) == (
        "approves credit 26000001 39.74 USD by rep7: Damaged"
    )
    talk.store.write_now(changing.edit, seen.id, Change("d", Decimal(1)), seen.version)
    for verb in (desk.lead.read_now, desk.lead.write_now):
        with pytest.raises(Refused, match="Request 26000001 was changed since you looked at it"):
            verb(supervising.preview_grant if verb == desk.lead.read_now else supervising.grant, id_, looked)
    assert desk.row(ApprovalRequest).state == "in_approval"
    (anew,) = desk.lead.read_now(supervising.asked, id_)
    assert "approved" in desk.lead.write_now(supervising.grant, id_, [(anew.id, anew.version)]).words
    assert desk.row(ApprovalRequest).state == "approved"


def test_what_leads_do_is_refused_before_enter(desk: Desk, raised: tuple[int, int]) -> None:
    ticket, id_ = raised
    read = desk.lead.read_now
    assert read(supervising.preview_take, id_) == "ticket 26000001 is yours, taken over: escalated: stuck"
    assert read(supervising.preview_assign, id_, "lead3") == "ticket 26000001 goes to Lee Dale"
    assert read(supervising.preview_priority, id_) == "ticket 26000001 has priority 2 (escalated: stuck), was 3"
    with pytest.raises(NotFound, match="'zz' is neither a login nor a queue"):
        read(supervising.preview_assign, id_, "zz")
    with pytest.raises(Refused, match="Nothing is promised"):
        read(supervising.preview_extend, id_, "16")
    with pytest.raises(Refused, match="Nothing that is asked"):
        read(supervising.preview_grant, id_, ())
    for preview in (escalation_steps.preview_action, escalation_steps.preview_close, escalation_steps.preview_up):
        with pytest.raises(Refused, match="is Lee Dale's"):
            desk.rep.read_now(preview, id_, "words")
    with pytest.raises(Refused, match="Nobody above is on shift"):
        read(escalation_steps.preview_up, id_, "words")
    assert desk.row(Ticket, id=ticket).priority == 3


def test_the_newest_step_about_it_is_taken_back(desk: Desk) -> None:
    shift(desk, "lead3", "lead", "3 Mar 07:00", "3 Mar 18:00")
    talk = desk.talk()
    made = complain(desk, talk)
    talk.store.write_now(ticket_money.credit, made.id, 0, talk.call)
    id_ = talk.store.write_now(escalation_steps.by_hand, made.id, "he shouts").id
    with pytest.raises(Refused, match="no step of yours on ticket 26000001"):
        desk.lead.write_now(supervising.take_back, id_)
    desk.lead.write_now(supervising.assign, id_, "lead3")
    looked = [(each.id, each.version) for each in desk.lead.read_now(supervising.asked, id_)]
    desk.lead.write_now(supervising.grant, id_, looked)
    assert desk.lead.write_now(supervising.take_back, id_).words == (
        "Taken back: request 26000001 is in approval again."
    )
    assert desk.row(ApprovalRequest).state == "in_approval"
    assert desk.lead.write_now(supervising.take_back, id_).words == (
        "Undone: the last step on ticket 26000001 is taken back."
    )
    assert desk.row(Ticket).owner_id == desk.seeded.staff["rep7"]
    desk.lead.write_now(escalation_steps.acknowledge, id_, "15:30", "rings him")
    with pytest.raises(Refused, match=r"\(escalated\) is none that u takes back|no step of yours"):
        desk.lead.write_now(supervising.take_back, id_)
