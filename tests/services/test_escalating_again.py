"""Escalations that nobody could be told of yet, that were withdrawn and are called for again, and who may end one."""

from __future__ import annotations

import pytest

from csdesk.errors import Refused
from csdesk.models import Escalation
from csdesk.services import (
    callbacks,
    escalation_steps,
    ticket_merging,
    ticket_moves,
    ticket_resolving,
    ticket_thread,
    ticket_undo,
    ticket_waiting,
)
from tests.services.conftest import Desk
from tests.services.escalations import ladder, local, one, query, shift, tick, ticket


@pytest.fixture
def away(desk: Desk) -> Desk:
    """Friday 6 March 17:50: nobody who can be told is on shift before Monday 09:00."""
    shift(desk, "boss1", "supervisor", "9 Mar 09:00", "9 Mar 18:00")
    desk.clock.now = local("6 Mar 17:50")
    return desk


def test_what_waits_for_the_next_shift_is_not_put_off_by_what_happens_to_the_ticket(away: Desk) -> None:
    made = query(away, "found glass in the jar")
    assert tick(away) == ["Ticket 26000001: nobody is on shift to escalate to (safety)."]
    assert ticket(away, made).next_at == local("9 Mar 09:00")
    away.clock.now = local("6 Mar 17:57")
    away.rep.write_now(ticket_waiting.wait, made, "c", "+7", "", "which lot?")
    assert ticket(away, made).next_at == local("9 Mar 09:00")
    assert tick(away, "9 Mar 09:00") == [
        "Ticket 26000001: escalated to Bo Sand (supervisor): safety, since Fri 06 Mar 17:50."
    ]
    assert ladder(away, made, "safety") == [("safety", 2, "raised", "boss1")]
    assert tick(away) == []


def test_whoever_was_told_keeps_it_until_the_next_level_is_really_told(desk: Desk) -> None:
    shift(desk, "lead3", "lead", "5 Mar 08:00", "5 Mar 18:30")
    shift(desk, "boss1", "supervisor", "10 Mar 08:00", "10 Mar 18:00")
    made = query(desk)
    tick(desk, "5 Mar 18:01")
    tick(desk, "9 Mar 12:29")  # half the time again is over, and nobody is on shift
    lead = one(desk, made, "clock-100", 1)
    assert (lead.state, lead.to_staff, lead.outcome) == ("raised", desk.seeded.staff["lead3"], "")
    tick(desk, "10 Mar 08:00")
    assert one(desk, made, "clock-150", 2).to_staff == desk.seeded.staff["boss1"]
    assert (one(desk, made, "clock-100", 1).state, one(desk, made, "clock-100", 1).outcome) == (
        "passed", "the next level was told",
    )  # fmt: skip


def test_the_ladder_stops_below_a_level_of_which_nobody_is_on_shift(desk: Desk) -> None:
    shift(desk, "lead3", "lead", "3 Mar 08:00", "3 Mar 18:00")
    shift(desk, "boss1", "supervisor", "3 Mar 08:00", "3 Mar 18:00")
    shift(desk, "mgr1", "operations", "4 Mar 08:00", "4 Mar 18:00")
    desk.clock.now = local("3 Mar 09:00")
    made = query(desk)
    desk.rep.write_now(escalation_steps.by_hand, made, "no news")
    # the lead had until 09:30, the supervisor until 10:30, no head is there: the supervisor has it, since 09:30
    tick(desk, "3 Mar 11:00")
    assert ladder(desk, made) == [("hand", 1, "passed", "lead3"), ("hand", 2, "raised", "boss1")]
    up = one(desk, made, "hand", 2)
    assert (up.due_at, up.next_at) == (local("3 Mar 09:30"), local("3 Mar 12:00"))
    tick(desk, "3 Mar 12:01")
    assert one(desk, made, "hand", 2).next_at == local("4 Mar 08:00")
    tick(desk, "4 Mar 08:00")
    assert ladder(desk, made)[1:] == [("hand", 2, "passed", "boss1"), ("hand", 3, "raised", "mgr1")]


def test_what_a_pause_withdrew_is_raised_again_when_the_clock_runs_on(desk: Desk) -> None:
    made = query(desk)
    tick(desk, "9 Mar 14:00")
    late = one(desk, made, "clock-150", 2)
    assert (late.state, late.to_staff) == ("raised", desk.seeded.staff["boss1"])
    desk.rep.write_now(ticket_waiting.wait, made, "c", "+1", "", "which list?")
    assert "supervisor's escalation withdrawn, keep informed is paused" in tick(desk)[0]
    assert tick(desk) == []
    desk.clock.now = local("9 Mar 16:00")
    desk.rep.write_now(ticket_waiting.go_on, made)
    assert "keep informed is late by half its time again, since Mon 09 Mar 12:28" in tick(desk)[0]
    again = one(desk, made, "clock-150", 2)
    assert (again.id, again.state, again.raised_at) == (late.id, "raised", local("9 Mar 16:00"))
    assert (again.next_at, again.ended_at, again.outcome) == (local("9 Mar 17:00"), None, "")
    assert tick(desk) == []
    desk.as_("boss1").write_now(escalation_steps.close, again.id, "they know")
    desk.rep.write_now(ticket_waiting.wait, made, "c", "+1", "", "which list?")
    tick(desk)
    desk.rep.write_now(ticket_waiting.go_on, made)
    tick(desk)
    assert one(desk, made, "clock-150", 2).state == "closed", "what was answered stays so"


def test_an_answer_that_was_taken_back_is_owed_again(desk: Desk) -> None:
    made = query(desk)
    desk.clock.now = local("3 Mar 09:05")
    desk.rep.write_now(ticket_thread.inbound, made, "and which list")
    tick(desk, "3 Mar 13:06")
    desk.rep.write_now(ticket_thread.spoke, made, "the one of April")
    assert tick(desk) == ["Ticket 26000001: lead's escalation withdrawn, reply is met."]
    desk.rep.write_now(ticket_undo.take_back, made)
    assert tick(desk) == ["Ticket 26000001: escalated to Lee Dale (lead): reply is late, since Tue 03 Mar 13:05."]
    assert ladder(desk, made, "clock-100") == [("clock-100", 1, "raised", "lead3")]


def test_what_a_priority_by_mistake_called_for_is_withdrawn_and_comes_when_it_is_due(desk: Desk) -> None:
    made = query(desk)
    desk.clock.now = local("4 Mar 17:00")
    desk.lead.write_now(ticket_moves.priority, made, 1, 1)
    tick(desk)
    assert one(desk, made, "clock-150", 2).to_staff == desk.seeded.staff["boss1"]
    desk.lead.write_now(ticket_undo.take_back, made)
    (said,) = tick(desk)
    assert "supervisor's escalation withdrawn, keep informed is in time again" in said
    live = [row for row in desk.rows(Escalation, ticket_id=made) if row.ended_at is None]
    assert live == []
    assert one(desk, made, "clock-100", 1).state == "passed"
    tick(desk, "5 Mar 18:01")
    assert (one(desk, made, "clock-100", 1).state, one(desk, made, "clock-100", 1).due_at) == (
        "raised", local("5 Mar 18:00"),
    )  # fmt: skip
    tick(desk, "9 Mar 12:29")
    assert one(desk, made, "clock-150", 2).state == "raised"


def test_a_merge_that_is_taken_back_brings_its_escalations_back(desk: Desk) -> None:
    made, other = query(desk), query(desk, "the same list")
    desk.rep.write_now(escalation_steps.by_hand, made, "wants to leave us")
    tick(desk, "5 Mar 18:01")
    raised = [each for each in ladder(desk, made) if each[2] == "raised"]
    assert ("hand", 3, "raised", "mgr1") in raised
    desk.lead.write_now(ticket_merging.merge, made, "002")
    tick(desk)
    assert not [each for each in ladder(desk, made) if each[2] == "raised"]
    desk.lead.write_now(ticket_merging.unmerge, made)
    tick(desk)
    assert [each for each in ladder(desk, made) if each[2] == "raised"] == raised
    assert tick(desk) == []
    assert len(ladder(desk, other, "hand")) == 0


def test_a_callback_that_is_broken_again_is_escalated_again(desk: Desk) -> None:
    made, talk = query(desk), desk.talk()
    promised = talk.store.write_now(callbacks.make, talk.call, "10-11", "the list", made)
    tick(desk, "3 Mar 11:01")
    assert ladder(desk, made, "callback") == [("callback", 1, "raised", "lead3")]
    desk.rep.write_now(callbacks.move, promised.id, "14-15")
    assert "lead's escalation withdrawn" in tick(desk)[0]
    assert tick(desk, "3 Mar 15:01") == [
        "Callback to 20417 Harbour View Deli of Tue 03 Mar 14:00-15:00: broken.",
        "Ticket 26000001: escalated to Lee Dale (lead): callback broken: the list, since Tue 03 Mar 15:00.",
    ]
    epochs = {row.epoch: row.state for row in desk.rows(Escalation, ticket_id=made)}
    assert epochs == {f"callback:{promised.id}": "withdrawn", f"callback:{promised.id}:1": "raised"}
    assert tick(desk) == []
    desk.rep.write_now(callbacks.keep, promised.id)
    assert tick(desk) == ["Ticket 26000001: lead's escalation withdrawn, the call was made or is wanted no longer."]


def test_nobody_ends_what_stands_above_him(desk: Desk) -> None:
    made = query(desk)
    up = desk.as_("boss1").write_now(escalation_steps.by_hand, made, "a matter of the head")
    assert one(desk, made, "hand", 3).to_staff == desk.seeded.staff["mgr1"]
    for store in (desk.lead, desk.as_("boss1")):
        with pytest.raises(Refused, match=r"is Max Gale's; a note on the ticket reaches him\."):
            store.write_now(escalation_steps.close, up.id, "looks done")
        with pytest.raises(Refused, match="is Max Gale's"):
            store.write_now(escalation_steps.acknowledge, up.id, "15:30", "ring them")
    shift(desk, "lead3", "operations", "3 Mar 07:00", "3 Mar 08:00")  # stood in for the head, until an hour ago
    with pytest.raises(Refused, match="is Max Gale's"):
        desk.lead.write_now(escalation_steps.close, up.id, "looks done")
    desk.lead.write_now(ticket_thread.note, made, "looks done")
    assert desk.as_("mgr1").write_now(escalation_steps.close, up.id, "rang them").state == "closed"
    shift(desk, "lead3", "lead", "3 Mar 08:00", "3 Mar 18:00")
    mine = desk.rep.write_now(escalation_steps.by_hand, made, "no news")
    assert one(desk, made, "hand", 1).to_staff == desk.seeded.staff["lead3"]
    assert desk.as_("boss1").write_now(escalation_steps.close, mine.id, "told them").state == "closed"


def test_what_is_resolved_is_opened_again_before_it_is_escalated(desk: Desk) -> None:
    made = query(desk)
    desk.rep.write_now(ticket_moves.category, made, "other")
    desk.rep.write_now(ticket_resolving.resolve, made, "", "it begins on Monday")
    with pytest.raises(Refused, match="is resolved; e and why opens it again, then ! escalates it"):
        desk.rep.write_now(escalation_steps.by_hand, made, "wants to leave us")
    desk.rep.write_now(ticket_waiting.go_on, made, "he rang again")
    desk.rep.write_now(escalation_steps.by_hand, made, "wants to leave us")
    assert tick(desk) == []
    assert ladder(desk, made, "hand") == [("hand", 1, "raised", "lead3")]


def test_what_happened_by_mistake_and_was_taken_back_calls_for_nobody(desk: Desk) -> None:
    made = query(desk)
    desk.rep.write_now(ticket_thread.spoke, made, "one of us got injured by glass")
    assert tick(desk) == ["Ticket 26000001: escalated to Bo Sand (supervisor): safety."]
    desk.rep.write_now(ticket_undo.take_back, made)
    assert tick(desk) == ["Ticket 26000001: supervisor's escalation withdrawn, nothing calls for it any more."]
    assert ladder(desk, made) == [("safety", 2, "withdrawn", "boss1")]
