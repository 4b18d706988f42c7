"""Lines of a merged ticket: what is asked, decided, told and delivered for them counts where the ticket went, and is
gone there once it comes out again."""

from __future__ import annotations

from decimal import Decimal

import pytest

from csdesk.errors import Conflict, Invalid, Refused
from csdesk.models import ApprovalRequest, Delivery, DeliveryLine, Dispute, Escalation, Ticket, TicketLine
from csdesk.services import (
    approving,
    earlier_claims,
    escalation_people,
    escalation_steps,
    proactive,
    replacing,
    supervising,
    ticket_lines,
    ticket_merging,
    ticket_money,
    ticket_moves,
    ticket_resolving,
    ticket_subjects,
    ticket_thread,
    ticket_undo,
    ticket_views,
    ticket_waiting,
    tickets,
)
from csdesk.services.tx import SYSTEM, Tx
from tests.services.conftest import Desk, faults
from tests.services.papers import post_all
from tests.services.talk import Talk
from tests.services.ticket_acts import complaint, query, reachable, ticket


@pytest.fixture
def pair(desk: Desk, talk: Talk) -> tuple[int, int]:
    """A complaint about a line, and another one of the same customer about none, an hour later."""
    reachable(desk)
    first = complaint(desk, talk)
    desk.clock.pass_by(hours=1)
    return first, query(talk, "the same pallet", "c")


def approvals(desk: Desk, id: int) -> list[tuple[str, str]]:
    """The approval clocks of a ticket: what about, in which state."""
    found = desk.lead.read_now(ticket_views.whole, id).clocks
    return [(each.subject, each.state) for each in found if each.kind == "approval"]


def merge(desk: Desk, id: int, into: int) -> None:
    desk.lead.write_now(ticket_merging.merge, id, ticket(desk, into).number)


def resolve(desk: Desk, id: int, words: str, call: int | None = None) -> None:
    """Transport was the cause; the decision goes to the customer as the ticket stands."""
    desk.rep.write_now(ticket_resolving.resolve, id, "t", words, call, ticket(desk, id).version)


def decide(desk: Desk) -> None:
    """The last request is approved and posted once its hold has passed."""
    desk.lead.write_now(approving.approve, desk.rows(ApprovalRequest)[-1].id, None)
    desk.clock.pass_by(minutes=5)
    assert post_all(desk)


@pytest.mark.parametrize("ask", [ticket_money.credit, replacing.ask])
def test_what_is_decided_for_a_merged_ticket_is_told_where_it_went(desk: Desk, talk: Talk, pair, ask) -> None:  # type: ignore[no-untyped-def]
    first, second = pair
    desk.rep.write_now(ask, first, 0, None)
    asked = desk.clock()
    desk.clock.pass_by(minutes=10)
    merge(desk, first, second)
    view = desk.lead.read_now(ticket_views.whole, second)
    assert [each.started_at for each in view.clocks if each.kind == "approval"] == [asked]
    looked = ticket(desk, second).version
    with pytest.raises(Refused, match=r"has request 26000001 \(in approval\)"):
        desk.rep.write_now(ticket_moves.cancel, second, "no")
    decide(desk)
    assert ticket(desk, second).told_at == desk.clock()
    joined = desk.lead.read_now(ticket_views.whole, second)
    assert "26000001 is decided" in joined.items[-1].body
    assert {each.state for each in joined.clocks if each.kind == "resolution"} == {"met"}
    assert approvals(desk, second) == [("26000001", "met")]
    with pytest.raises(Conflict, match="26000001 is decided"):
        desk.rep.write_now(ticket_thread.reply, second, "we are looking into it", looked)
    desk.lead.write_now(ticket_merging.unmerge, first)
    assert approvals(desk, first) == [("26000001", "met")]
    assert (ticket(desk, first).told_at, ticket(desk, second).told_at) == (desk.clock(), None)
    assert approvals(desk, second) == []
    parted = desk.lead.read_now(ticket_views.whole, second)
    assert {each.state for each in parted.clocks if each.kind == "resolution"} == {"running"}
    assert "26000001 is decided" in desk.lead.read_now(ticket_views.whole, first).items[-1].body
    assert faults(desk.store) == []


def test_a_merge_taken_back_takes_what_came_up_with_it(desk: Desk, talk: Talk, pair: tuple[int, int]) -> None:
    first, second = pair
    desk.rep.write_now(ticket_money.credit, first, 0, None)
    merge(desk, first, second)
    assert approvals(desk, second) == [("26000001", "running")]
    desk.lead.write_now(ticket_undo.take_back, first)
    assert approvals(desk, second) == []
    assert approvals(desk, first) == [("26000001", "running")]
    decide(desk)
    assert (ticket(desk, first).told_at, ticket(desk, second).told_at) == (desk.clock(), None)


def test_one_that_waits_goes_on_by_what_a_merged_one_waited_for(desk: Desk, talk: Talk, pair: tuple[int, int]) -> None:
    first, second = pair
    merge(desk, first, second)
    desk.rep.write_now(ticket_money.credit, first, 0, None)
    assert approvals(desk, second) == [("26000001", "running")]
    desk.rep.write_now(ticket_waiting.wait, second, "i", "+5", "", "what does the lead say?")
    desk.lead.write_now(approving.reject, desk.row(ApprovalRequest).id, "no photo", None)
    assert (ticket(desk, second).state, ticket(desk, first).state) == ("open", "merged")
    assert approvals(desk, second) == [("26000001", "met")]
    assert faults(desk.store) == []


def test_the_lines_of_a_merged_ticket_are_decided_on_its_page(desk: Desk, talk: Talk, pair: tuple[int, int]) -> None:
    first, second = pair
    desk.rep.write_now(ticket_moves.category, second, "damaged")
    merge(desk, first, second)
    with pytest.raises(Refused, match="has lines by 26000001 alone, which is in it; show that one first"):
        desk.rep.write_now(ticket_lines.uphold, second, 1, "signed for as sound")
    desk.rep.write_now(ticket_lines.uphold, first, 1, "signed for as sound")
    resolve(desk, second, "The pallet was signed for.")
    with pytest.raises(Refused, match="Ticket 26000002 is resolved; e and why reopens it"):
        desk.rep.write_now(ticket_money.credit, first, 0, None)
    assert faults(desk.store) == []


def test_a_complaint_goes_into_a_complaint_alone(desk: Desk, talk: Talk) -> None:
    first, second = complaint(desk, talk), query(talk)
    for ask in (desk.lead.read_now, desk.lead.write_now):
        verb = ticket_merging.merge_preview if ask == desk.lead.read_now else ticket_merging.merge
        with pytest.raises(Refused, match="Merge the other way round: 26000002 into 26000001"):
            ask(verb, first, "002")
    merge(desk, second, first)
    assert ticket(desk, second).merged_into == first


def test_a_query_a_complaint_went_into_earlier_wants_cause_and_decision(desk: Desk, talk: Talk) -> None:
    """As it may come from a time, or a desk, that allowed it."""
    first, second = query(talk, "a broken pallet"), query(talk)
    merge(desk, first, second)
    desk.change(Ticket, {"id": first}, kind="complaint")
    desk.rep.write_now(ticket_moves.category, second, "damaged")
    with pytest.raises(Invalid, match="wants its root cause"):
        desk.rep.write_now(ticket_resolving.resolve, second, "", "all is well")
    resolve(desk, second, "We send another one.", talk.call)
    assert (ticket(desk, second).cause, ticket(desk, second).told_at) == ("cause-transport", desk.clock())
    desk.change(Ticket, {"id": first}, kind="query")


def test_a_message_to_a_merged_ticket_ends_the_wait_of_the_one_it_went_into(desk: Desk, pair: tuple[int, int]) -> None:
    first, second = pair
    merge(desk, first, second)
    desk.rep.write_now(ticket_waiting.wait, second, "c", "+5", "", "a photo?")
    said = "here is the photo of the broken pallet"
    assert desk.rep.read_now(ticket_thread.inbound_preview, first, said) == "gets the customer's message and goes on"
    desk.rep.write_now(ticket_thread.inbound, first, said)
    assert (ticket(desk, second).state, ticket(desk, first).state) == ("open", "merged")


@pytest.mark.parametrize("ask", [ticket_money.credit, replacing.ask])
def test_a_supervisor_grants_what_waits_of_a_merged_ticket_too(desk: Desk, pair: tuple[int, int], ask) -> None:  # type: ignore[no-untyped-def]
    first, second = pair
    desk.rep.write_now(ask, first, 0, None)
    merge(desk, first, second)
    with desk.store.engine.connect() as connection:
        tx = Tx(connection, 1, SYSTEM, desk.clock())
        assert escalation_people.money_blocks(tx, desk.row(Ticket, id=second))
    desk.rep.write_now(escalation_steps.by_hand, second, "he is furious")
    one = desk.rows(Escalation)[-1]
    asked = desk.lead.read_now(supervising.asked, one.id)
    made = desk.lead.write_now(supervising.grant, one.id, [(each.id, each.version) for each in asked])
    assert "26000001" in made.words
    assert desk.row(ApprovalRequest).state == "approved"


def test_nobody_complains_about_another_customers_delivery(desk: Desk, talk: Talk) -> None:
    seen = desk.rep.read_now(ticket_subjects.delivery, 1, 1)
    other = desk.talk(2)
    with pytest.raises(Refused, match="Delivery 26000001 went to another customer"):
        desk.rep.read_now(tickets.preview, 2, seen, 1, "d", Decimal(1))
    with pytest.raises(Refused, match="Delivery 26000001 went to another customer"):
        other.store.write_now(tickets.complain, other.call, seen, 1, "d", Decimal(1), "crushed")
    id = query(other)
    with pytest.raises(Refused, match="is not one of ticket 26000001's customer"):
        desk.rep.write_now(ticket_lines.add, id, seen, 1, "d", Decimal(1))


def test_nothing_is_asked_on_a_ticket_that_is_over(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    desk.rep.write_now(ticket_moves.cancel, id, "oops")
    for look, act in (
        (ticket_money.credit_preview, ticket_money.credit),
        (ticket_money.dispute_preview, ticket_money.dispute),
        (replacing.preview, replacing.ask),
    ):
        with pytest.raises(Refused, match="is cancelled; open another one"):
            desk.rep.read_now(look, id)
        with pytest.raises(Refused, match="is cancelled; open another one"):
            desk.rep.write_now(act, id, 0, None)
    assert desk.rows(ApprovalRequest) == desk.rows(Dispute) == []


@pytest.mark.parametrize("ask", [ticket_money.credit, ticket_money.dispute, replacing.ask])
def test_what_was_upheld_is_open_again_once_it_is_asked(desk: Desk, talk: Talk, ask) -> None:  # type: ignore[no-untyped-def]
    reachable(desk)
    id = complaint(desk, talk)
    desk.rep.write_now(ticket_lines.uphold, id, 1, "signed for as sound")
    desk.rep.write_now(ask, id, 1, talk.call)
    assert desk.row(TicketLine).upheld == 0
    with pytest.raises(Refused, match=r"39.74 USD of line 1 is open"):
        desk.rep.write_now(ticket_resolving.resolve, id, "t", "not granted")
    assert faults(desk.store) == []
    talk.undo()
    assert desk.row(TicketLine).upheld == 3974
    resolve(desk, id, "not granted")


def test_a_credit_whose_ticket_is_cancelled_is_not_approved(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    desk.rep.write_now(ticket_money.credit, id, 0, None)
    desk.change(Ticket, {"id": id}, state="cancelled", base="void")
    with pytest.raises(Refused, match="Ticket 26000001 is cancelled; nothing is credited"):
        desk.lead.write_now(approving.approve, desk.row(ApprovalRequest).id, None)
    desk.change(Ticket, {"id": id}, state="open", base="work")


def test_a_line_of_a_merged_ticket_is_somebodys_until_what_it_went_into_is_cancelled(
    desk: Desk, talk: Talk, pair: tuple[int, int]
) -> None:
    first, second = pair
    third = query(talk, "and again the pallet", "c")
    merge(desk, first, second)
    merge(desk, second, third)
    desk.change(Delivery, {"id": 9101}, delivered_at=desk.clock(), planned_on=None)
    desk.change(DeliveryLine, {"delivery_id": 9101, "line": 1}, damaged=Decimal(2))
    assert desk.store.read_now(proactive.due) == ()
    assert desk.rep.read_now(earlier_claims.of_delivery, 9101) == {1: "26000001: 2 EA damaged"}
    seen = desk.rep.read_now(ticket_subjects.delivery, 1, 1)
    told = desk.rep.read_now(tickets.preview, 1, seen, 1, "d", Decimal(1))
    assert "before: ticket 26000001, 2 EA damaged (merged)" in told
    desk.lead.write_now(ticket_moves.cancel, third, "by mistake")
    assert desk.store.read_now(proactive.due) == (("delivery", 9101),)
    assert desk.rep.read_now(earlier_claims.of_delivery, 9101) == {}
