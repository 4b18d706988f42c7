"""When a complaint counts as decided: once the customer was told what became of every line it has now."""

from __future__ import annotations

from decimal import Decimal

import pytest

from csdesk.errors import Invalid
from csdesk.models import ApprovalRequest, Ticket, TicketItem
from csdesk.rules.ticket_lives import Clock
from csdesk.services import (
    approving,
    ticket_lines,
    ticket_merging,
    ticket_money,
    ticket_resolving,
    ticket_subjects,
    ticket_views,
)
from tests.services.conftest import Desk, faults
from tests.services.papers import post_all
from tests.services.talk import Talk
from tests.services.ticket_acts import complaint, reachable, ticket


def second_line(desk: Desk, talk: Talk, id: int) -> None:
    """Line 2: two pieces of the delivery's second line, damaged too."""
    seen = desk.rep.read_now(ticket_subjects.delivery, 1, 1)
    talk.store.write_now(ticket_lines.add, id, seen, 2, "d", Decimal(2))


def credited(desk: Desk, talk: Talk, id: int, line: int = 1) -> None:
    """The credit of a line asked, approved and posted: the customer is told."""
    talk.store.write_now(ticket_money.credit, id, line, talk.call)
    desk.lead.write_now(approving.approve, desk.rows(ApprovalRequest)[-1].id, None)
    desk.clock.pass_by(minutes=5)
    post_all(desk)


def resolution(desk: Desk, id: int) -> list[Clock]:
    """The epochs of a ticket's resolution clock."""
    return [each for each in desk.rep.read_now(ticket_views.whole, id).clocks if each.kind == "resolution"]


def test_one_line_told_is_not_the_decision_about_the_other(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = complaint(desk, talk)
    second_line(desk, talk, id)
    credited(desk, talk, id)
    assert [each.state for each in resolution(desk, id)] == ["running"]
    talk.store.write_now(ticket_lines.uphold, id, 2, "signed for in full", talk.call)
    with pytest.raises(Invalid, match="It wants the decision in words"):
        talk.store.write_now(ticket_resolving.resolve, id, "t", "", talk.call)
    words = "Line 2 was signed for in full"
    talk.store.write_now(ticket_resolving.resolve, id, "t", words, talk.call, ticket(desk, id).version)
    assert [each.state for each in resolution(desk, id)] == ["met"]
    assert [each.body for each in desk.rows(TicketItem, ticket_id=id, kind="outbound")] == [words]
    assert faults(desk.store) == []


def test_the_last_note_tells_all_and_meets_the_clock(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    second_line(desk, talk, id)
    credited(desk, talk, id, 2)
    assert [each.state for each in resolution(desk, id)] == ["running"]
    credited(desk, talk, id, 1)
    assert [each.state for each in resolution(desk, id)] == ["met"]
    said = talk.store.write_now(ticket_resolving.resolve, id, "t", "", talk.call).words
    assert said.endswith("is resolved: as the customer was told.")


def test_a_line_upheld_before_the_note_of_another_is_told_too(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    second_line(desk, talk, id)
    talk.store.write_now(ticket_lines.uphold, id, 2, "signed for in full", talk.call)
    credited(desk, talk, id)
    assert [each.state for each in resolution(desk, id)] == ["running"]
    with pytest.raises(Invalid, match="It wants the decision in words"):
        talk.store.write_now(ticket_resolving.resolve, id, "t", "", talk.call)


def test_a_line_after_the_note_has_a_clock_of_its_own(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    credited(desk, talk, id)
    assert [each.state for each in resolution(desk, id)] == ["met"]
    desk.clock.pass_by(hours=1)
    second_line(desk, talk, id)
    first, later = resolution(desk, id)
    assert (first.state, later.state, later.epoch, later.started_at) == ("met", "running", 2, desk.clock())
    credited(desk, talk, id, 2)
    assert [each.state for each in resolution(desk, id)] == ["met", "met"]
    assert faults(desk.store) == []


def test_a_complaint_merged_in_later_is_told_by_itself(desk: Desk, talk: Talk) -> None:
    id, other = complaint(desk, talk), complaint(desk, talk, line=2)
    credited(desk, talk, id)
    desk.lead.write_now(ticket_merging.merge, other, ticket(desk, id).number)
    desk.lead.write_now(ticket_lines.uphold, other, 1, "signed for in full")
    with pytest.raises(Invalid, match="It wants the decision in words"):
        talk.store.write_now(ticket_resolving.resolve, id, "t", "", talk.call)
    assert [each.state for each in resolution(desk, id)] == ["met", "running"]


def test_in_the_ticket_it_went_into_the_last_note_of_all_meets_the_clock(desk: Desk, talk: Talk) -> None:
    id, other = complaint(desk, talk), complaint(desk, talk, line=2)
    desk.lead.write_now(ticket_merging.merge, other, ticket(desk, id).number)
    credited(desk, talk, other)
    assert [each.state for each in resolution(desk, id)] == ["running"]
    credited(desk, talk, id)
    assert [each.state for each in resolution(desk, id)] == ["met"]
    talk.store.write_now(ticket_resolving.resolve, id, "t", "", talk.call)
    assert desk.row(Ticket, id=id).state == "resolved"
