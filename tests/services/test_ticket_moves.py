"""What is done with tickets: taken, given, waiting, resolved, closed, merged, referred; each with its way back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from csdesk.errors import Conflict, DeskError, Invalid, NotFound, Refused
from csdesk.models import (
    ApprovalRequest,
    Callback,
    Dispute,
    Outbox,
    ServicePolicy,
    ServiceQueue,
    Ticket,
    TicketEvent,
    TicketLine,
    TicketReferral,
)
from csdesk.services import (
    approving,
    ticket_lines,
    ticket_merging,
    ticket_money,
    ticket_moves,
    ticket_referring,
    ticket_resolving,
    ticket_subjects,
    ticket_thread,
    ticket_undo,
    ticket_views,
    ticket_waiting,
    undo,
)
from tests.services.conftest import Desk
from tests.services.papers import at_once
from tests.services.talk import Talk
from tests.services.ticket_acts import MAIL, bodies, complaint, query, reachable, ticket


def clocks(desk: Desk, id: int) -> dict[str, str]:
    """The state of each clock."""
    return {each.kind: each.state for each in desk.lead.read_now(ticket_views.whole, id).clocks}


# ------------------------------------------------------------------ who has it


def test_a_ticket_is_released_taken_and_given(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    assert desk.rep.write_now(ticket_moves.release, id).words == "Ticket 26000001 is free again, in queue desk."
    assert ticket(desk, id).owner_id is None
    with pytest.raises(Refused, match="nobody's; t takes it"):
        desk.rep.write_now(ticket_moves.release, id)
    desk.rep.write_now(ticket_moves.take, id)
    with pytest.raises(Refused, match="is yours already"):
        desk.rep.write_now(ticket_moves.take, id)
    with pytest.raises(Refused, match=r"Robin Penn has ticket 26000001; t and a reason"):
        desk.lead.write_now(ticket_moves.take, id)
    desk.lead.write_now(ticket_moves.take, id, "Robin is ill")
    with pytest.raises(NotFound):
        desk.rep.read_now(ticket_views.whole, id)
    desk.lead.write_now(ticket_moves.assign, id, "rep7")
    assert (ticket(desk, id).owner_id, ticket(desk, id).reassigned) == (1, 1)
    with pytest.raises(NotFound, match="neither a login nor a queue; the queues are: desk"):
        desk.lead.write_now(ticket_moves.assign, id, "nobody")
    with pytest.raises(Refused, match="Ray Tulk does not work tickets"):
        desk.lead.write_now(ticket_moves.assign, id, "dock1")
    with pytest.raises(Refused, match=r"needs the duty 'ticket.lead'"):
        desk.rep.write_now(ticket_moves.assign, id, "lead3")


def test_a_queue_of_another_policy_brings_its_targets(desk: Desk, talk: Talk) -> None:
    policy = desk.row(ServicePolicy)
    slow = json.loads(policy.targets) | {"resolution": {"1": "8h", "2": "5d", "3": "9d", "4": "9d"}}
    desk.put(ServicePolicy, {**policy._asdict(), "code": "slow", "targets": json.dumps(slow)})
    desk.put(ServiceQueue, {"code": "west", "name": "West", "policy": "slow", "team": ""})
    id = query(talk)
    before = next(each for each in desk.lead.read_now(ticket_views.whole, id).clocks if each.kind == "resolution")
    desk.lead.write_now(ticket_moves.assign, id, "west")
    row = ticket(desk, id)
    assert (row.queue, row.owner_id, row.policy) == ("west", None, "slow")
    after = next(each for each in desk.lead.read_now(ticket_views.whole, id).clocks if each.kind == "resolution")
    assert (after.started_at, after.target > before.target) == (before.started_at, True)


def test_each_step_is_taken_back_whole_within_its_hold(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = query(talk)
    steps: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
        (ticket_thread.note, ("kept inside",)),
        (ticket_thread.spoke, ("called him",)),
        (ticket_thread.inbound, ("and the other one?",)),
        (ticket_moves.priority, (1, 1)),
        (ticket_moves.category, ("order",)),
        (ticket_waiting.wait, ("c", "+2", "", "which one?")),
        (ticket_waiting.go_on, ()),
        (ticket_referring.refer, ("dock1", "is it there?")),
        (ticket_resolving.resolve, ("", "told him")),
        (ticket_resolving.resolve, ()),
        (ticket_waiting.go_on, ("he rang again",)),
        (ticket_moves.cancel, ("opened twice",)),
    ]
    for verb, args in steps:
        before = ticket(desk, id)
        desk.rep.write_now(verb, id, *args)
        after = ticket(desk, id)
        assert after.version > before.version, verb.__name__
        desk.rep.write_now(ticket_undo.take_back, id)
        back = ticket(desk, id)
        same = {name for name in before._fields if getattr(before, name) != getattr(back, name)} - {"version"}
        assert same <= {"next_at"}, (verb.__name__, same)
        if verb is not ticket_moves.cancel:
            desk.rep.write_now(verb, id, *args)
    desk.clock.pass_by(minutes=5)
    with pytest.raises(Refused, match="Too late to undo 'Ticket 26000001 is open again: he rang again'"):
        desk.rep.write_now(ticket_undo.take_back, id)


def test_a_step_others_have_built_on_is_not_taken_back(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    desk.rep.write_now(ticket_waiting.wait, id, "i", "+2", "", "is it there?", talk.call)
    desk.lead.write_now(ticket_waiting.go_on, id)
    with pytest.raises(Conflict, match="went on since"):
        desk.rep.write_now(undo.last, talk.call)


# ------------------------------------------------------------------ how urgent, what about


def test_priority_follows_impact_and_urgency_or_a_reason(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    assert desk.rep.read_now(ticket_moves.priority_preview, id, 1, 1) == (
        "has priority 1 (impact high, urgency high), was 3"
    )
    desk.rep.write_now(ticket_moves.priority, id, 1, 1)
    assert (ticket(desk, id).priority, ticket(desk, id).impact) == (1, 1)
    with pytest.raises(Refused, match="has priority 1 already"):
        desk.rep.write_now(ticket_moves.priority, id, 1, 1)
    with pytest.raises(Invalid, match="wants a reason"):
        desk.rep.write_now(ticket_moves.priority, id, 0, 0, 2)
    for lower in ((0, 0, 2, "a feast on Friday"), (3, 3)):
        with pytest.raises(Refused, match="has priority 1; only a lead lowers it"):
            desk.rep.write_now(ticket_moves.priority, id, *lower)
    desk.lead.write_now(ticket_moves.priority, id, 0, 0, 2, "a feast on Friday")
    assert (ticket(desk, id).priority, ticket(desk, id).impact) == (2, 1)


def test_after_a_breach_only_a_supervisor_lowers_it_with_a_reason(desk: Desk, talk: Talk) -> None:
    id, boss = query(talk), desk.as_("boss1")
    desk.clock.pass_by(days=20)
    assert ticket(desk, id).breaches == 0, "nobody has looked since"
    for store, words in ((desk.rep, "only a lead lowers it"), (desk.lead, "only a supervisor lowers its priority now")):
        with pytest.raises(Refused, match=words):
            store.read_now(ticket_moves.priority_preview, id, 3, 3, 0, "they left")
        with pytest.raises(Refused, match=words):
            store.write_now(ticket_moves.priority, id, 3, 3, 0, "they left")
    with pytest.raises(Invalid, match="with a reason alone"):
        boss.write_now(ticket_moves.priority, id, 3, 3)
    boss.write_now(ticket_moves.priority, id, 3, 3, 0, "they left")
    assert ticket(desk, id).breaches > 0, "a breach that happened stays"
    desk.rep.write_now(ticket_moves.priority, id, 1, 1)


def test_categories_are_meant_by_their_beginning(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    desk.rep.write_now(ticket_moves.category, id, "pri")
    assert ticket(desk, id).category == "price-wrong"
    with pytest.raises(NotFound, match="No category begins with 'zz'"):
        desk.rep.write_now(ticket_moves.category, id, "zz")
    with pytest.raises(Invalid, match="fits other, safety, service, short-delivery"):
        desk.rep.write_now(ticket_moves.category, id, "s")


# ------------------------------------------------------------------ waiting


def test_a_wait_without_party_question_or_day_is_refused(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    for party, day, at, text, said in (
        ("x", "fri", "", "why?", "waits for c the customer"),
        ("c", "fri", "", " ", "What was asked"),
        ("c", "nonsense", "", "why?", "is no day"),
        ("c", "+0", "00:01", "why?", "later than now"),
        ("c", "fri", "25:00", "why?", "no time of day"),
        ("t", "fri", "", "where is it?", "Whom does it wait for"),
    ):
        with pytest.raises(DeskError, match=said):
            desk.rep.write_now(ticket_waiting.wait, id, party, day, at, text)
    assert ticket(desk, id).state == "open"


def test_a_wait_pauses_what_it_pauses_and_ends_when_resolved(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    made = desk.rep.write_now(ticket_waiting.wait, id, "t", "fri", "14:30", "Carrier: where is truck 4?")
    assert made.words.startswith("Ticket 26000001 waits for Carrier until Fri ")
    row = ticket(desk, id)
    assert (row.state, row.waits_on, row.question) == ("waiting_third", "Carrier", "where is truck 4?")
    assert clocks(desk, id)["resolution"] == "paused"
    desk.rep.write_now(ticket_waiting.wait, id, "i", "fri", "", "Ray Tulk: is it there?")
    assert clocks(desk, id)["resolution"] == "running"
    desk.rep.write_now(ticket_moves.category, id, "order")
    desk.rep.write_now(ticket_resolving.resolve, id, "", "it was there")
    assert (ticket(desk, id).wake_at, ticket(desk, id).question) == (None, "")


# ------------------------------------------------------------------ resolving


def test_a_complaint_is_resolved_with_cause_decision_and_nothing_open(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = complaint(desk, talk)
    resolve = ticket_resolving.resolve
    for letter, text, said in (
        ("", "sorry", "wants its root cause: y, a letter and the words"),
        ("q", "sorry", "'q' is no root cause"),
        ("t", "", "the decision in words"),
        ("t", "sorry", "39.74 USD of line 1 is open: c asks its credit, h1 and words upholds"),
    ):
        with pytest.raises(DeskError, match=said):
            desk.rep.write_now(resolve, id, letter, text)
    desk.rep.write_now(ticket_money.dispute, id, 0, None)
    made = desk.rep.write_now(ticket_lines.uphold, id, 0, "signed for as sound")
    assert made.words == (
        "Ticket 26000001 line 1: 39.74 USD is upheld against the customer, 26000001 ends: it is owed again."
    )
    line, dispute = desk.row(TicketLine), desk.row(Dispute)
    assert (line.upheld, dispute.state) == (3974, "withdrawn")
    desk.rep.write_now(ticket_undo.take_back, id)
    assert (desk.row(TicketLine).upheld, desk.row(Dispute).state, desk.row(Dispute).open) == (0, "coded", 3974)
    desk.rep.write_now(ticket_lines.uphold, id, 1, "signed for as sound")
    made = desk.rep.write_now(resolve, id, "t", "The pallet was signed for as sound.", None, ticket(desk, id).version)
    assert made.words.startswith(f"Ticket 26000001 is resolved, the decision goes to {MAIL}: ")
    row = ticket(desk, id)
    assert (row.state, row.cause, row.stage) == ("resolved", "cause-transport", "told")
    assert row.told_at == desk.clock()
    assert bodies(desk, id)[-1] == ("outbound", True, MAIL, "The pallet was signed for as sound.")
    assert clocks(desk, id)["resolution"] == "met"
    stages = [name for name, _ in desk.rep.read_now(ticket_views.whole, id).stages]
    assert stages == ["received", "acknowledged", "responded", "told"]
    desk.rep.write_now(resolve, id)
    assert (ticket(desk, id).state, ticket(desk, id).due_at) == ("closed", None)


def test_a_credit_that_waits_or_a_callback_keeps_it_open(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = complaint(desk, talk)
    desk.rep.write_now(ticket_money.credit, id, 0, None)
    with pytest.raises(Refused, match=r"request 26000001 in approval"):
        desk.rep.write_now(ticket_resolving.resolve, id, "t", "sorry")
    with pytest.raises(Refused, match="Request 26000001 about it waits"):
        desk.rep.write_now(ticket_lines.uphold, id, 0, "no")
    with pytest.raises(Refused, match=r"has request 26000001 \(in approval\), dispute 26000001 open"):
        desk.rep.write_now(ticket_moves.cancel, id, "no")
    desk.lead.write_now(approving.reject, desk.row(ApprovalRequest).id, "no photo")
    desk.rep.write_now(ticket_lines.uphold, id, 0, "no photo was sent")
    desk.put(Callback, {"id": 66, "customer_id": 1, "staff_id": 1, "due_at": desk.clock(), "about": "the pallet",
                        "made_at": desk.clock(), "ticket_id": id, "owner_id": 1})  # fmt: skip
    with pytest.raises(Refused, match="A callback about the pallet is open"):
        desk.rep.write_now(ticket_resolving.resolve, id, "t", "sorry")


def test_without_an_address_the_decision_is_told_on_the_call_or_not_at_all(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    desk.rep.write_now(ticket_lines.uphold, id, 0, "signed for")
    with pytest.raises(Refused, match="has a mail address: ring"):
        desk.rep.write_now(ticket_resolving.resolve, id, "t", "We cannot grant it.")
    seen = ticket(desk, id).version
    made = desk.rep.write_now(ticket_resolving.resolve, id, "t", "We cannot grant it.", talk.call, seen)
    assert made.words == "Ticket 26000001 is resolved, told on the call: We cannot grant it.."
    assert bodies(desk, id)[-1] == ("call", True, "", "We cannot grant it.")
    assert desk.rows(Outbox) == []


def test_a_query_wants_a_category_and_words(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    with pytest.raises(Refused, match="no category yet; g and the beginning"):
        desk.rep.write_now(ticket_resolving.resolve, id, "", "told him")
    desk.rep.write_now(ticket_moves.category, id, "other")
    with pytest.raises(Invalid, match="what became of it in words"):
        desk.rep.write_now(ticket_resolving.resolve, id)
    desk.rep.write_now(ticket_resolving.resolve, id, "", "told him")
    with pytest.raises(Refused, match="is resolved; e and why reopens it"):
        desk.rep.write_now(ticket_moves.take, id)


# ------------------------------------------------------------------ merging


def everything(desk: Desk, id: int) -> tuple[Any, ...]:
    """Thread, lines and clocks of a ticket as they are shown."""
    view = desk.lead.read_now(ticket_views.whole, id)
    return view.items, view.lines, [(each.kind, each.epoch, each.due, each.state) for each in view.clocks], view.merged


def test_a_merge_joins_threads_and_clocks_and_its_taking_back_parts_them_exactly(desk: Desk, talk: Talk) -> None:
    first = complaint(desk, talk)
    desk.clock.pass_by(hours=1)
    second = query(talk, "about the same pallet", "c")
    desk.lead.write_now(ticket_moves.priority, first, 1, 1)
    before = everything(desk, first), everything(desk, second)
    states = ticket(desk, first).state, ticket(desk, second).state
    with pytest.raises(Refused, match=r"needs the duty 'ticket.queue'"):
        desk.rep.write_now(ticket_merging.merge, first, "002")
    assert desk.lead.read_now(ticket_merging.merge_preview, first, "002").startswith("goes into 26000002 (about the")
    made = desk.lead.write_now(ticket_merging.merge, first, "002")
    assert (made.ticket_id, ticket(desk, first).state, ticket(desk, first).due_at) == (second, "merged", None)
    joined = desk.lead.read_now(ticket_views.whole, second)
    assert [each.body for each in joined.items] == ["crushed", "about the same pallet"]
    assert joined.merged == ("26000001",)
    resolution = next(each for each in joined.clocks if each.kind == "resolution" and each.state == "running")
    assert (resolution.started_at, resolution.priority) == (ticket(desk, first).opened_at, 1)
    desk.lead.write_now(ticket_thread.note, second, "both about pallet 12")
    with pytest.raises(Refused, match="is merged"):
        desk.lead.write_now(ticket_moves.take, first)
    desk.lead.write_now(ticket_moves.category, second, "damaged")
    with pytest.raises(Refused, match=r"39.74 USD of line 1 of the merged 26000001 is open: .* on its page"):
        desk.lead.write_now(ticket_resolving.resolve, second, "t", "done")
    desk.clock.pass_by(days=6)
    desk.lead.write_now(ticket_merging.unmerge, first)
    assert (ticket(desk, first).state, ticket(desk, second).state) == states
    after = everything(desk, first), everything(desk, second)
    assert after[0][:2] == before[0][:2]
    assert [each for each in after[1][0] if each.body != "both about pallet 12"] == list(before[1][0])


def test_a_merge_is_taken_back_for_seven_days_by_a_lead(desk: Desk, talk: Talk) -> None:
    first, second = query(talk), query(talk, "the same again")
    desk.lead.write_now(ticket_merging.merge, second, "001")
    with pytest.raises(Refused, match=r"needs the duty 'ticket.lead'"):
        desk.rep.write_now(ticket_merging.unmerge, second)
    desk.lead.write_now(ticket_undo.take_back, second)
    assert ticket(desk, second).state == "open"
    desk.lead.write_now(ticket_merging.merge, second, "001")
    desk.clock.pass_by(days=7, seconds=1)
    with pytest.raises(Refused, match="more than 7 days ago"):
        desk.lead.write_now(ticket_merging.unmerge, second)
    with pytest.raises(NotFound, match="no other ticket that ends in 999"):
        desk.lead.write_now(ticket_merging.merge, first, "999")


def test_another_customers_ticket_is_never_merged(desk: Desk, talk: Talk) -> None:
    query(talk)
    other = query(desk.talk(2), "somebody else")
    with pytest.raises(NotFound):
        desk.lead.write_now(ticket_merging.merge, other, "001")


def test_two_merges_into_each_other_leave_one_alive(desk: Desk, talk: Talk) -> None:
    first, second = query(talk), query(talk, "the same again")
    results = at_once(
        lambda: desk.lead.write_now(ticket_merging.merge, first, "002"),
        lambda: desk.lead.write_now(ticket_merging.merge, second, "001"),
    )
    assert sorted(isinstance(each, DeskError) for each in results) == [False, True]
    assert sorted(row.state for row in desk.rows(Ticket)) == ["merged", "open"]


# ------------------------------------------------------------------ referred, more lines


def test_who_investigates_answers_inside_and_the_wait_for_him_ends(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    dock = desk.as_("dock1")
    with pytest.raises(NotFound, match="does not investigate; there are dock1"):
        desk.rep.write_now(ticket_referring.refer, id, "rep7", "who loaded it?")
    desk.rep.write_now(ticket_referring.refer, id, "dock1", "who loaded it?")
    with pytest.raises(Refused, match="is with Ray Tulk already"):
        desk.rep.write_now(ticket_referring.refer, id, "dock1", "who loaded it?")
    desk.rep.write_now(ticket_waiting.wait, id, "i", "+1", "", "Ray Tulk: who loaded it?")
    assert [each.kind for each in dock.read_now(ticket_views.whole, id).items] == ["internal"]
    dock.write_now(ticket_thread.note, id, "looking at the film")
    dock.write_now(ticket_referring.answer, id, "It was dropped at the ramp.")
    assert ticket(desk, id).state == "open"
    assert desk.row(TicketReferral).ended_at == desk.clock()
    assert all(not visible and not to for kind, visible, to, _ in bodies(desk, id) if kind == "internal")
    with pytest.raises(NotFound):
        dock.read_now(ticket_views.whole, id)
    assert ticket(desk, id).stage == "investigating"


def test_one_more_line_and_back(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    seen = desk.rep.read_now(ticket_subjects.delivery, 1, 1)
    made = desk.rep.write_now(ticket_lines.add, id, seen, 2, "s", Decimal(1), "one was missing", talk.call)
    assert made.words.startswith("Ticket 26000001 has line 2: delivery 26000001 line 2, 1 EA 4720")
    value = sum(line.claimed for line in desk.rows(TicketLine))
    assert ticket(desk, id).value == value
    with pytest.raises(Refused, match="is about delivery 26000001 line 2 already"):
        desk.rep.write_now(ticket_lines.add, id, seen, 2, "s", Decimal(1))
    desk.rep.write_now(undo.last, talk.call)
    assert (len(desk.rows(TicketLine)), ticket(desk, id).value) == (1, 3974)


def test_events_tell_who_did_what_when(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    desk.clock.pass_by(minutes=3)
    desk.lead.write_now(ticket_moves.priority, id, 1, 1)
    last = desk.rows(TicketEvent, ticket_id=id)[-1]
    assert (last.event, last.by, last.at) == ("priority", 2, desk.clock())
    assert last.at - desk.rows(TicketEvent, ticket_id=id)[0].at == timedelta(minutes=3)
