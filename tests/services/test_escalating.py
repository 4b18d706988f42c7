"""Escalations: which level is told when, whom the roster names, who takes one on, and that each is there once."""

from __future__ import annotations

import pytest

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import AuditEntry, Callback, Escalation, ServiceQueue, Staff, StaffQueue, Ticket, TicketItem
from csdesk.services import (
    escalation_lists,
    escalation_steps,
    queue,
    service_settings,
    ticket_merging,
    ticket_moves,
    ticket_resolving,
    ticket_thread,
    undo,
)
from csdesk.services import ticket_views as views
from tests.services.conftest import Desk
from tests.services.escalations import ladder, local, one, query, shift, tick, ticket

# A query of Tuesday 3 March 09:03 (open 08:00 to 18:00, Monday to Friday) is to be told of by Thursday 18:00: 28:57 of
# open time, three quarters of it (21:42:45) on Thursday 10:45:45, half again (43:25:30) on Monday 12:28:30.
KEEP = "keep_informed:1"


def of_keeping(desk: Desk, ticket_id: int) -> list[tuple[str, int, str, str]]:
    logins = {number: login for login, number in desk.seeded.staff.items()}
    rows = desk.rows(Escalation, ticket_id=ticket_id, epoch=KEEP)
    return sorted((row.rule, row.level, row.state, logins.get(row.to_staff, "")) for row in rows)


def test_the_owner_then_the_lead_then_the_supervisor_then_the_head(desk: Desk) -> None:
    made = query(desk)
    assert ticket(desk, made).next_at == local("5 Mar 10:45").replace(second=45)
    assert tick(desk, "5 Mar 10:45") == []
    said = tick(desk, "5 Mar 10:46")
    assert said == ["Ticket 26000001: escalated to Robin Penn (owner): keep informed: three quarters of the time are "
                    "used."]  # fmt: skip
    assert tick(desk) == []
    assert of_keeping(desk, made) == [("clock-75", 0, "raised", "rep7")]
    assert tick(desk, "5 Mar 18:01") == [
        "Ticket 26000001: escalated to Lee Dale (lead): keep informed is late, since Thu 05 Mar 18:00."
    ]
    assert of_keeping(desk, made) == [("clock-100", 1, "raised", "lead3"), ("clock-75", 0, "passed", "rep7")]
    # the lead has 30 minutes of open time: Friday 08:30
    assert one(desk, made, "clock-100", 1).next_at == local("6 Mar 08:30")
    tick(desk, "6 Mar 08:31")
    assert of_keeping(desk, made)[1:3] == [("clock-100", 2, "raised", "boss1"), ("clock-75", 0, "passed", "rep7")]
    assert one(desk, made, "clock-100", 1).outcome == "not acknowledged in time"
    tick(desk, "6 Mar 09:31")
    assert one(desk, made, "clock-100", 3).state == "raised"
    assert of_keeping(desk, made)[2] == ("clock-100", 3, "raised", "mgr1")
    assert one(desk, made, "clock-100", 3).next_at is None
    tick(desk, "9 Mar 12:29")
    assert of_keeping(desk, made)[3] == ("clock-150", 2, "passed", "")
    assert one(desk, made, "clock-150", 2).outcome == "it is with this level already"


def test_after_a_weekend_off_the_highest_level_due_is_raised_alone_and_says_since_when(desk: Desk) -> None:
    made = query(desk)
    said = tick(desk, "9 Mar 14:00")
    assert "Ticket 26000001: escalated to Robin Penn (owner): resolution" not in said[0]
    assert of_keeping(desk, made) == [
        ("clock-100", 1, "passed", ""), ("clock-150", 2, "raised", "boss1"), ("clock-75", 0, "passed", ""),
    ]  # fmt: skip
    late = one(desk, made, "clock-150", 2)
    assert (late.due_at, late.raised_at) == (local("9 Mar 12:28").replace(second=30), local("9 Mar 14:00"))
    assert "since Mon 09 Mar 12:28" in said[0]
    assert one(desk, made, "clock-100", 1).outcome == "the next level was due already"
    assert tick(desk) == []


def test_levels_whose_time_is_over_too_are_passed_over_as_the_ladder_climbs(desk: Desk) -> None:
    made = query(desk)
    tick(desk, "5 Mar 18:01")
    # lead until Friday 08:30, supervisor until 09:30: at 11:00 it is the head's, since 09:30
    tick(desk, "6 Mar 11:00")
    assert [each[1:] for each in of_keeping(desk, made) if each[0] == "clock-100"] == [
        (1, "passed", "lead3"), (2, "passed", ""), (3, "raised", "mgr1"),
    ]  # fmt: skip
    assert one(desk, made, "clock-100", 3).due_at == local("6 Mar 09:30")


def test_whoever_takes_it_on_stops_the_ladder_until_the_time_of_his_next_step(desk: Desk) -> None:
    made = query(desk)
    tick(desk, "6 Mar 08:00")
    raised = one(desk, made, "clock-100", 1)
    words = desk.lead.read_now(escalation_steps.preview_acknowledge, raised.id, "10:00", "ring the carrier")
    assert words == "acknowledges it: ring the carrier, by 10:00; ticket 26000001 does not go up before"
    said = desk.lead.write_now(escalation_steps.acknowledge, raised.id, "10:00", "ring the carrier")
    assert said.words == "Escalation of ticket 26000001 acknowledged: ring the carrier, by 10:00."
    assert tick(desk, "6 Mar 09:59")[1:] == []  # resolution's three quarters at 08:15 are told meanwhile
    assert one(desk, made, "clock-100", 1).state == "acknowledged"
    desk.lead.write_now(escalation_steps.action, raised.id, "they bring it at noon")
    assert tick(desk, "6 Mar 10:01") == []
    desk.lead.write_now(escalation_steps.acknowledge, raised.id, "11:00", "look whether it came")
    assert "the next step was not taken: look whether it came" in tick(desk, "6 Mar 11:01")[0]
    assert of_keeping(desk, made)[:2] == [("clock-100", 1, "passed", "lead3"), ("clock-100", 2, "raised", "boss1")]
    closed = desk.as_("boss1").write_now(escalation_steps.close, one(desk, made, "clock-100", 2).id, "delivered")
    assert closed.words == "Escalation of ticket 26000001 closed: delivered."
    with pytest.raises(Refused, match="is closed already"):
        desk.as_("boss1").write_now(escalation_steps.close, closed.id, "again")
    verbs = [row.verb for row in desk.rows(AuditEntry) if row.verb.startswith("escalation_steps")]
    assert sorted(verbs) == sorted(["escalation_steps.acknowledge"] * 2 + ["escalation_steps.action",
                                                                          "escalation_steps.close"])  # fmt: skip


def test_it_withdraws_itself_when_the_clock_is_met_or_paused(desk: Desk) -> None:
    from csdesk.services import ticket_thread, ticket_waiting

    met, paused = query(desk), query(desk, "another")
    tick(desk, "6 Mar 08:00")
    desk.rep.write_now(ticket_thread.spoke, met, "told them it comes on Monday")
    desk.rep.write_now(ticket_waiting.wait, paused, "c", "mon", "", "which list?")
    said = tick(desk)
    assert said == [
        "Ticket 26000001: lead's escalation withdrawn, keep informed is met.",
        "Ticket 26000002: lead's escalation withdrawn, keep informed is paused.",
    ]
    assert [one(desk, each, "clock-100", 1).state for each in (met, paused)] == ["withdrawn", "withdrawn"]
    assert tick(desk) == []


def test_the_roster_names_the_one_on_shift_when_it_fires_else_one_level_up(desk: Desk) -> None:
    shift(desk, "lead3", "lead", "6 Mar 08:00", "6 Mar 12:00")
    shift(desk, "boss1", "supervisor", "6 Mar 08:00", "6 Mar 18:00")
    first = query(desk)
    said = tick(desk, "5 Mar 18:01")  # nobody is on shift: no mailbox, it waits for the next shift, once told
    assert said[1:] == []
    assert "nobody is on shift to escalate to (keep informed is late)" in said[0]
    assert ticket(desk, first).next_at == local("6 Mar 08:00")
    assert tick(desk, "6 Mar 07:59") == []
    tick(desk, "6 Mar 08:00")
    assert one(desk, first, "clock-100", 1).to_staff == desk.seeded.staff["lead3"]
    tick(desk, "6 Mar 12:30")
    second = query(desk, "late", login="rep7")
    made = desk.rep.write_now(escalation_steps.by_hand, second, "wants to leave us")
    assert made.words.endswith("escalated to Bo Sand (supervisor): wants to leave us.")
    assert ladder(desk, second, "hand") == [("hand", 1, "passed", ""), ("hand", 2, "raised", "boss1")]
    assert one(desk, second, "hand", 1).outcome == "no lead on shift"


def test_only_people_who_may_see_the_ticket_are_told(desk: Desk) -> None:
    desk.add(ServiceQueue, code="south", name="South", policy="standard", team="", reopen_days=7)
    desk.add(StaffQueue, staff_id=desk.seeded.staff["lead3"], queue="south")  # the lead works another queue now
    made = query(desk)
    said = desk.rep.write_now(escalation_steps.by_hand, made, "no news")
    assert "Bo Sand (supervisor)" in said.words
    assert one(desk, made, "hand", 1).outcome == "no lead on shift who may see it"
    with pytest.raises(NotFound):
        desk.lead.read_now(escalation_lists.whole, said.id)
    assert desk.lead.read_now(escalation_lists.to_me) == ()
    (mine,) = desk.as_("boss1").read_now(escalation_lists.to_me)
    assert (mine.why, mine.level, mine.to) == ("no news", "supervisor", "Bo Sand")


def test_the_head_of_finance_sees_the_one_ticket_that_was_escalated_to_him(desk: Desk) -> None:
    made, other = query(desk), query(desk, "another")
    shift(desk, "fin2", "operations", "3 Mar 08:00", "3 Mar 18:00")
    with pytest.raises(NotFound):
        desk.as_("fin2").read_now(views.whole, made)
    said = desk.rep.write_now(escalation_steps.by_hand, made, "they stop paying")
    assert "Nicky Ferris (head)" in said.words
    assert desk.as_("fin2").read_now(views.whole, made).head.number == "26000001"
    with pytest.raises(NotFound):
        desk.as_("fin2").read_now(views.whole, other)
    done = desk.as_("fin2").write_now(escalation_steps.close, said.id, "spoke to their bank")
    assert done.state == "closed"
    with pytest.raises(NotFound):
        desk.as_("fin2").read_now(views.whole, made)


def test_by_hand_goes_above_the_one_who_asks_and_can_be_taken_back(desk: Desk) -> None:
    talk = desk.talk()
    from csdesk.services import tickets

    made = talk.store.write_now(tickets.note, talk.call, "q", "when").id
    assert desk.rep.read_now(escalation_steps.preview, made, "no news") == (
        "escalates ticket 26000001 to Lee Dale (lead): no news"
    )
    assert desk.lead.read_now(escalation_steps.preview, made, "no news").startswith(
        "escalates ticket 26000001 to Bo Sand"
    )
    assert "Max Gale (head)" in desk.as_("boss1").read_now(escalation_steps.preview, made, "no news")
    with pytest.raises(Invalid, match="Say why"):
        desk.rep.write_now(escalation_steps.by_hand, made, " ")
    talk.store.write_now(escalation_steps.by_hand, made, "no news", talk.call)
    assert talk.store.write_now(undo.last, talk.call).words == "Undone: the escalation of ticket 26000001 is taken back"
    assert ladder(desk, made) == [("hand", 1, "withdrawn", "lead3")]
    again = talk.store.write_now(escalation_steps.by_hand, made, "still no news", talk.call)
    up = desk.lead.write_now(escalation_steps.send_up, again.id, "above my limit")
    assert "escalated to Bo Sand (supervisor): still no news; Lee Dale: above my limit" in up.words
    with pytest.raises(Refused, match="is Bo Sand's"):
        desk.rep.write_now(escalation_steps.close, one(desk, made, "hand", 2).id, "fine")
    system = [row.body for row in desk.rows(TicketItem, ticket_id=made) if row.kind == "system"]
    assert system[0] == "Escalated to Lee Dale (lead): no news."
    assert not any(row.visible for row in desk.rows(TicketItem, ticket_id=made) if row.kind == "system")


def test_what_happens_to_a_ticket_calls_for_somebody_too(desk: Desk) -> None:
    safety = query(desk, "glass splinters in the jar")
    assert tick(desk) == ["Ticket 26000001: escalated to Bo Sand (supervisor): safety."]
    assert ladder(desk, safety) == [("safety", 2, "raised", "boss1")]
    said = desk.as_("boss1").write_now(service_settings.set_, "escalate-value", "30")
    assert said == "escalate-value: 30 (value at risk above which a supervisor looks: 5000, 700000 JPY; empty = none)."
    from tests.services.test_tickets import complain

    dear = complain(desk, desk.talk()).id
    assert tick(desk) == ["Ticket 26000002: escalated to Bo Sand (supervisor): value over the limit."]
    assert ladder(desk, dear) == [("value", 2, "raised", "boss1")]


@pytest.mark.parametrize("how", ["inbound", "spoke", "note", "done", "merged"])
def test_a_word_of_safety_that_comes_later_makes_it_a_matter_of_safety(desk: Desk, how: str) -> None:
    made = query(desk)
    said = "one of us got injured by glass"
    verb = {"inbound": ticket_thread.inbound, "note": ticket_thread.note}.get(how, ticket_thread.spoke)
    if how == "done":
        desk.rep.write_now(ticket_moves.category, made, "other")
        desk.rep.write_now(ticket_resolving.resolve, made, "", "it begins on Monday")
    before = ticket(desk, made)
    said_words = desk.rep.write_now(verb, made, said).words
    assert said_words.endswith("; a matter of SAFETY now (glass).")
    if how == "merged":
        other = query(desk, "the same list")
        desk.lead.write_now(ticket_merging.merge, made, "002")
        made, before = other, before
    row = ticket(desk, made)
    assert (row.safety, row.state, row.priority) == (True, "open", 3 if how == "merged" else 1)
    assert any("escalated to Bo Sand (supervisor): safety" in each for each in tick(desk))
    assert ladder(desk, made, "safety") == [("safety", 2, "raised", "boss1")]
    first = desk.rep.read_now(queue.entries)[0]
    assert (first.subject_id, first.safety) == (made, True)
    assert "SAFETY" not in desk.rep.write_now(verb, made, said).words, "once"
    assert (before.safety, before.priority) == (False, 3)


def test_a_broken_callback_and_a_silence_inside(desk: Desk) -> None:
    from csdesk.services import callbacks, ticket_thread, ticket_waiting

    talk = desk.talk()
    made = query(desk)
    promised = talk.store.write_now(callbacks.make, talk.call, "10-11", "the list", made)
    desk.rep.write_now(ticket_waiting.wait, made, "i", "wed", "", "when is it printed?")
    # nobody writes until the close of the next working day but the wake date of Wednesday comes first
    assert tick(desk, "3 Mar 11:01") == [
        "Callback to 20417 Harbour View Deli of Tue 03 Mar 10:00-11:00: broken.",
        "Ticket 26000001: escalated to Lee Dale (lead): callback broken: the list, since Tue 03 Mar 11:00.",
    ]
    desk.rep.write_now(callbacks.keep, promised.id)
    assert tick(desk) == ["Ticket 26000001: lead's escalation withdrawn, the call was made or is wanted no longer."]
    assert desk.row(Callback).state == "broken"
    assert "is back from its wait" in tick(desk, "4 Mar 09:00")[0]
    desk.rep.write_now(ticket_waiting.wait, made, "i", "13/3", "", "when is it printed?")
    desk.clock.now = local("5 Mar 09:30")
    desk.rep.write_now(ticket_thread.note, made, "asked again")
    tick(desk, "6 Mar 17:59")
    assert ladder(desk, made, "silence") == []
    tick(desk, "6 Mar 18:00")
    assert ladder(desk, made, "silence") == [("silence", 0, "raised", "rep7")]
    desk.clock.now = local("9 Mar 08:10")
    desk.rep.write_now(ticket_thread.note, made, "printed tomorrow")
    tick(desk)
    assert ladder(desk, made, "silence") == [("silence", 0, "withdrawn", "rep7")]


def test_a_setting_is_written_as_it_is_read_or_refused(desk: Desk) -> None:
    boss = desk.as_("boss1")
    assert boss.write_now(service_settings.set_, "escalate-lead", "2h").startswith("escalate-lead: 2h (open time")
    assert [each.value for each in boss.read_now(service_settings.shown) if not each.usual] == ["2h"]
    assert boss.write_now(service_settings.set_, "escalate-lead", "usual").startswith("escalate-lead: 30m")
    for name, value, said in (
        ("escalate-lead", "2d", "is in days"), ("escalate-lead", "soon", "A target is written"),
        ("escalate-score", "7", "whole number from 0 to 5"), ("survey", "maybe", "neither yes nor no"),
        ("escalate-value", "many", "is no amount"), ("survey-link", "ftp://x", "begins with https"),
        ("unknown", "1", "is no setting of the service"), ("escalate-value", "5000.005", "USD has two decimals"),
        ("escalate-value", "5000, 7.5 JPY", "JPY has no decimals"), ("escalate-value", "1.2.3", "is no amount"),
        ("escalate-lead", "9999999h", "10000 open hours at most"), ("escalate-owner", "99999999999h", "at most"),
        ("escalate-silence", "9999999d", "1000 working days at most"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=said):
            boss.write_now(service_settings.set_, name, value)
    with pytest.raises(Refused, match=r"service\.admin"):
        desk.rep.write_now(service_settings.set_, "escalate-lead", "2h")


def test_a_void_ticket_is_not_escalated_and_nobody_disabled_is_told(desk: Desk) -> None:
    from csdesk.services import ticket_moves

    made, other = query(desk), query(desk, "another")
    desk.change(Staff, {"login": "lead3"}, disabled=True)
    desk.rep.write_now(ticket_moves.cancel, made, "opened twice")
    tick(desk, "6 Mar 09:00")
    assert ladder(desk, made) == []
    assert one(desk, other, "clock-100", 2).to_staff == desk.seeded.staff["boss1"]
    with pytest.raises(Refused, match="is cancelled"):
        desk.rep.write_now(escalation_steps.by_hand, made, "why")
    assert desk.row(Ticket, id=made).next_at is None
