"""Clocks, callbacks and words of safety of a merged ticket: they run on where it went, and are gone there once it comes
out again."""

from __future__ import annotations

from typing import Any

import pytest

from csdesk.errors import Conflict, Refused
from csdesk.models import Callback, TicketEvent
from csdesk.services import (
    callbacks,
    ticket_merging,
    ticket_moves,
    ticket_thread,
    ticket_undo,
    ticket_views,
    ticket_waiting,
)
from tests.services.conftest import Desk, faults
from tests.services.escalations import ladder, local, query, tick, ticket


@pytest.fixture
def pair(desk: Desk) -> tuple[int, int]:
    """Two queries of one customer, an hour apart."""
    first = query(desk)
    desk.clock.pass_by(hours=1)
    return first, query(desk, "the same list")


def merge(desk: Desk, id: int, into: int) -> None:
    desk.lead.write_now(ticket_merging.merge, id, ticket(desk, into).number)


def running(desk: Desk, id: int) -> dict[str, Any]:
    """The clocks of a ticket that go on, by kind."""
    found = desk.lead.read_now(ticket_views.whole, id).clocks
    return {each.kind: each for each in found if each.state in ("running", "paused")}


def shown(desk: Desk, id: int) -> list[tuple[Any, ...]]:
    found = desk.lead.read_now(ticket_views.whole, id).clocks
    return [(each.kind, each.epoch, each.started_at, each.due, each.state) for each in found]


def test_an_unanswered_message_is_to_be_answered_where_the_ticket_went(desk: Desk, pair: tuple[int, int]) -> None:
    first, second = pair
    desk.rep.write_now(ticket_thread.inbound, first, "and the prices?")
    wrote = desk.clock()
    desk.rep.write_now(ticket_waiting.wait, second, "c", "+2", "", "which one?")
    before, state = shown(desk, second), ticket(desk, second).state
    desk.clock.pass_by(minutes=10)
    merge(desk, first, second)
    reply = running(desk, second)["reply"]
    assert (reply.started_at, reply.state, ticket(desk, second).state) == (wrote, "running", "open")
    assert running(desk, second)["keep_informed"].started_at < wrote, "of the first one, the earlier"
    assert ticket(desk, second).due_at is not None
    desk.lead.write_now(ticket_merging.unmerge, first)
    assert (shown(desk, second), ticket(desk, second).state) == (before, state)
    assert running(desk, first)["reply"].started_at == wrote
    assert faults(desk.store) == []


def test_the_earliest_start_and_the_tightest_clock_go_on_over_two_merges(desk: Desk, pair: tuple[int, int]) -> None:
    first, second = pair
    desk.lead.write_now(ticket_moves.priority, first, 1, 1)
    third = query(desk, "the list again")
    merge(desk, first, second)
    merge(desk, second, third)
    found = running(desk, third)["resolution"]
    assert (found.started_at, found.priority) == (ticket(desk, first).opened_at, 1)
    with pytest.raises(Refused, match="26000002, which it is in, was merged too; take that merge back first"):
        desk.lead.write_now(ticket_merging.unmerge, first)
    with pytest.raises(Conflict, match="26000002 was merged too since; take that merge back first"):
        desk.lead.write_now(ticket_undo.take_back, first)
    desk.lead.write_now(ticket_merging.unmerge, second)
    assert running(desk, third)["resolution"].started_at == ticket(desk, third).opened_at
    desk.lead.write_now(ticket_merging.unmerge, first)
    assert running(desk, second)["resolution"].priority == 3
    assert faults(desk.store) == []


def test_a_callback_of_a_merged_ticket_is_owed_and_escalated_where_it_went(desk: Desk, pair: tuple[int, int]) -> None:
    first, second = pair
    talk = desk.talk()
    made = talk.store.write_now(callbacks.make, talk.call, "11-12", "the list", first)
    merge(desk, first, second)
    clock = running(desk, second)["callback"]
    assert (clock.subject, clock.due) == (str(made.id), desk.row(Callback).until_at)
    assert (ticket(desk, second).due_kind, ticket(desk, second).due_at) == ("callback", clock.due)
    said = tick(desk, "3 Mar 12:01")
    assert "Ticket 26000002: escalated to Lee Dale (lead): callback broken: the list, since Tue 03 Mar 12:00." in said
    assert ladder(desk, second, "callback") == [("callback", 1, "raised", "lead3")]
    assert (ladder(desk, first, "callback"), tick(desk)) == ([], [])
    talk.store.write_now(callbacks.keep, made.id)
    assert "callback" not in running(desk, second)
    assert any("withdrawn, the call was made" in each for each in tick(desk))
    desk.lead.write_now(ticket_merging.unmerge, first)
    assert "callback" not in running(desk, first), "it was made meanwhile"
    told = [(row.ticket_id == second, row.event) for row in desk.rows(TicketEvent) if row.event == "callback_kept"]
    assert sorted(told) == [(False, "callback_kept"), (True, "callback_kept")]
    assert faults(desk.store) == []


def test_a_callback_stays_with_the_one_that_comes_out_again(desk: Desk, pair: tuple[int, int]) -> None:
    first, second = pair
    talk = desk.talk()
    made = talk.store.write_now(callbacks.make, talk.call, "11-12", "the list", first)
    merge(desk, first, second)
    talk.store.write_now(callbacks.move, made.id, "13-14", True)
    assert running(desk, second)["callback"].due == local("3 Mar 14:00")
    desk.lead.write_now(ticket_merging.unmerge, first)
    assert "callback" not in running(desk, second)
    assert running(desk, first)["callback"].due == local("3 Mar 14:00")
    assert tick(desk, "3 Mar 14:01")[-1].startswith("Ticket 26000001: escalated to Lee Dale (lead): callback broken")


def test_a_word_of_safety_is_on_the_one_that_goes_on_while_the_merge_stands(desk: Desk, pair: tuple[int, int]) -> None:
    first, second = pair
    desk.rep.write_now(ticket_thread.spoke, first, "one of us got injured")
    merge(desk, first, second)
    assert (ticket(desk, second).safety, running(desk, second)["resolution"].priority) == (True, 1)
    desk.lead.write_now(ticket_merging.unmerge, first)
    assert (ticket(desk, second).safety, ticket(desk, first).safety) == (False, True)
