"""Lines of a merged ticket: what is asked, decided, told and delivered for them counts where the ticket went, and is
gone there once it comes out again."""

from __future__ import annotations

import pytest

from csdesk.errors import Conflict, Refused
from csdesk.models import ApprovalRequest
from csdesk.services import (
    approving,
    replacing,
    ticket_merging,
    ticket_money,
    ticket_moves,
    ticket_thread,
    ticket_undo,
    ticket_views,
    ticket_waiting,
)
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
