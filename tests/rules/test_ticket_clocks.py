"""The clocks of a ticket: every rule by a case worked by hand, the laws on random logs, and a walk beside the fold.

Times are local ones of Berlin in June 2026; Monday is the 15th, and the office is open 8 to 12 and 13 to 17.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.clock import due, elapsed
from csdesk.rules.ticket_clocks import Clock, clocks, headline, thresholds
from csdesk.rules.ticket_replay import replay
from csdesk.rules.ticket_states import MOVES, Event, state_of
from tests.rules.clock_reference import MINUTE, Walk
from tests.rules.ticket_logs import OFFICE, POLICIES, STEPS, at, log, logs

LONG = os.environ.get("CSDESK_LONG") == "1"
LAWS = settings(max_examples=5000 if LONG else 80, deadline=None, suppress_health_check=list(HealthCheck))
WALKS = settings(max_examples=1500 if LONG else 12, deadline=None, suppress_health_check=list(HealthCheck))
HOUR = timedelta(hours=1)
WAIT = {"party": "customer", "question": "photo?", "wake": "2026-06-26"}


def of(events: list[Event], now: str) -> dict[tuple[str, int], Clock]:
    return {(each.kind, each.epoch): each for each in clocks(events, POLICIES, at(now))}


# ---------------------------------------------------------------- first answers


def test_only_a_message_or_an_answered_call_is_a_first_response() -> None:
    quiet = log(
        ("15 08:00", "opened"), ("15 08:05", "claimed", {"owner": 1}), ("15 08:10", "note"),
        ("15 08:20", "call", {"answered": False}), ("15 08:30", "acknowledged"), ("15 09:00", "inbound"),
        ("15 09:10", "resolved", {"category": "x"}),
    )  # fmt: skip
    found = of(quiet, "15 11:00")
    assert found["acknowledge", 1].met_at == at("15 08:30")
    assert found["first_response", 1].state == "running", "resolving is a change of state, no answer"
    for name, data in (("outbound", {}), ("call", {"answered": True}), ("told", {})):
        answered = [*quiet, Event(9, at("15 10:00"), name, 1, data)]
        assert of(answered, "15 11:00")["first_response", 1].met_at == at("15 10:00"), name


def test_opened_by_phone_both_are_met_at_once() -> None:
    found = of(log(("15 08:00", "opened", {"channel": "phone"}), ("15 08:00", "call", {"answered": True})), "15 08:00")
    assert found["acknowledge", 1].met_at == found["first_response", 1].met_at == at("15 08:00")
    assert found["first_response", 1].elapsed == timedelta(0)


def test_neither_ever_pauses_and_the_wait_is_listed_with_them() -> None:
    events = log(("15 08:00", "opened"), ("15 08:10", "waiting", WAIT), ("15 10:30", "outbound"))
    found = of(events, "15 11:00")
    for kind, late in (("acknowledge", "0:30:00"), ("first_response", "0:00:00")):
        assert found[kind, 1].pauses == ()
        assert [each.party for each in found[kind, 1].waits] == ["customer"]
        assert str(found[kind, 1].late) == late
    assert found["resolution", 1].state == "paused"


# ---------------------------------------------------------------- reply and keep informed


def test_reply_runs_from_the_first_message_not_answered_an_epoch_each() -> None:
    events = log(
        ("15 08:00", "opened"), ("15 09:00", "inbound"), ("15 10:00", "inbound"), ("15 11:00", "outbound"),
        ("15 11:30", "inbound", {"courtesy": True}), ("15 14:00", "inbound"), ("15 15:00", "call", {"answered": False}),
    )  # fmt: skip
    found = of(events, "15 16:00")
    assert (found["reply", 1].started_at, found["reply", 1].met_at) == (at("15 09:00"), at("15 11:00"))
    assert (found["reply", 2].started_at, found["reply", 2].state) == (at("15 14:00"), "running")
    assert ("reply", 3) not in found


def test_keep_informed_waits_for_the_first_response_and_stops_when_resolved() -> None:
    first = {"priority": 1}
    events = log(
        ("15 08:00", "opened", first), ("15 09:00", "outbound"), ("15 10:00", "outbound"),
        ("15 16:00", "resolved", {"category": "x"}),
    )  # fmt: skip
    assert ("keep_informed", 1) not in of(events, "15 08:59")
    found = of(events, "15 17:00")
    assert (found["keep_informed", 1].met_at, found["keep_informed", 1].due) == (at("15 10:00"), at("15 14:00"))
    last = found["keep_informed", 2]
    assert (last.state, last.stopped_at, last.breached_at) == ("stopped", at("15 16:00"), at("15 15:00"))


# ---------------------------------------------------------------- pauses


def test_waiting_pauses_what_the_customer_is_waited_for_and_inside_nothing() -> None:
    inside = {"party": "internal", "question": "stock?", "wake": "2026-06-26"}
    events = log(
        ("15 08:00", "opened"), ("15 09:00", "outbound"), ("15 10:00", "waiting", inside), ("15 11:00", "resumed"),
        ("15 11:00", "waiting", WAIT), ("16 09:00", "resumed"),
    )  # fmt: skip
    found = of(events, "16 10:00")["resolution", 1]
    assert [(each.party, each.start, each.end) for each in found.pauses] == [
        ("customer", at("15 11:00"), at("16 09:00"))
    ]
    assert [(each.party, each.reason) for each in found.waits] == [("internal", "stock?")]
    assert found.elapsed == 4 * HOUR
    while_inside = of(events, "15 10:30")["resolution", 1]
    assert (while_inside.state, while_inside.waits[0].end) == ("running", None)


def test_resolved_straight_from_a_pause_closes_the_pause_first() -> None:
    events = log(("15 08:00", "opened"), ("15 09:00", "waiting", WAIT), ("17 09:00", "resolved", {"category": "x"}))
    found = of(events, "18 09:00")["resolution", 1]
    assert (found.state, found.elapsed, found.pauses[-1].end) == ("met", HOUR, at("17 09:00"))
    assert found.breached_at is None


def test_a_pause_that_begins_at_the_due_is_no_breach_and_one_after_it_no_excuse() -> None:
    on_time = log(("15 08:00", "opened", {"priority": 1}), ("15 17:00", "waiting", WAIT), ("17 08:00", "resumed"))
    assert of(on_time, "16 12:00")["resolution", 1].breached_at is None
    found = of(on_time, "17 08:01")["resolution", 1]
    assert (found.breached_at, found.late) == (at("17 08:00"), MINUTE)
    resolved = [*on_time, Event(4, at("17 08:00"), "resolved", 1, {"category": "x"})]
    assert of(resolved, "18 08:00")["resolution", 1].breached_at is None
    after = log(("15 08:00", "opened", {"priority": 1}), ("16 09:00", "waiting", WAIT))
    found = of(after, "16 12:00")["resolution", 1]
    assert (found.state, found.due, found.breached_at) == ("paused", at("15 17:00"), at("15 17:00"))
    assert found.late == HOUR


@pytest.mark.parametrize("wake", ["2026-06-16", "2026-06-16T00:00:00+02:00", "2026-06-16T00:00"])
@pytest.mark.parametrize("looked", ["", "16 16:00"])
def test_a_wake_date_ends_the_wait_whether_or_not_anybody_looked(wake: str, looked: str) -> None:
    events = log(("15 08:00", "opened"), ("15 09:00", "waiting", {**WAIT, "wake": wake}))
    if looked:
        events.append(Event(3, at(looked), "resumed", 1, {"by": "wake"}))
    found = of(events, "16 17:00")["resolution", 1]
    assert (found.elapsed, found.state, found.pauses[0].end) == (9 * HOUR, "running", at("16 00:00"))
    assert of(events, "15 17:00")["resolution", 1].state == "paused"


def test_a_wake_date_that_is_not_ahead_ends_nothing() -> None:
    events = log(("15 08:00", "opened"), ("15 09:00", "waiting", {**WAIT, "wake": "2026-06-15"}))
    assert of(events, "15 17:00")["resolution", 1].state == "paused"


# ---------------------------------------------------------------- another priority, another policy


def test_another_priority_keeps_start_and_pauses_and_takes_the_new_target() -> None:
    events = log(
        ("15 08:00", "opened"), ("15 08:10", "outbound"), ("15 09:00", "waiting", WAIT), ("15 11:00", "resumed"),
        ("15 14:00", "priority", {"priority": 1}),
    )  # fmt: skip
    before, after = (of(events, now)["resolution", 1] for now in ("15 13:59", "15 14:00"))
    assert (before.priority, after.priority) == (3, 1)
    assert (before.started_at, before.pauses) == (after.started_at, after.pauses)
    assert after.due == due(OFFICE, at("15 08:00"), 8 * HOUR, [(at("15 09:00"), at("15 11:00"))]) == at("16 10:00")
    assert ("resolution", 2) not in of(events, "15 14:00")


def test_a_breach_stays_and_a_new_epoch_runs() -> None:
    events = log(("15 08:00", "opened", {"priority": 1}), ("15 09:30", "priority", {"priority": 3}))
    found = of(events, "15 10:30")
    assert (found["first_response", 1].state, found["first_response", 1].breached_at) == ("stopped", at("15 09:00"))
    assert found["first_response", 1].late == HOUR / 2
    assert (found["first_response", 2].due, found["first_response", 2].breached_at) == (at("15 12:00"), None)
    assert found["first_response", 2].started_at == at("15 08:00")


def test_a_shorter_target_is_not_missed_before_it_was_set_nor_while_paused() -> None:
    events = log(
        ("15 08:00", "opened"), ("15 08:10", "outbound"), ("16 09:00", "waiting", WAIT),
        ("16 10:00", "priority", {"priority": 1}), ("17 09:00", "resumed"),
    )  # fmt: skip
    paused = of(events, "16 11:00")["resolution", 1]
    assert (paused.due, paused.breached_at, paused.late) == (at("15 17:00"), None, timedelta(0))
    assert of(events, "17 09:01")["resolution", 1].breached_at == at("17 09:00")


def test_a_policy_without_such_a_clock_stops_it_and_one_with_it_starts_it() -> None:
    none = {"priority": 3, "policy": "none"}
    events = log(
        ("15 08:00", "opened"), ("15 10:00", "priority", none), ("15 11:00", "priority", {"priority": 1}),
    )  # fmt: skip
    assert of(events, "15 10:30")["resolution", 1].state == "stopped"
    found = of(events, "15 11:30")
    assert (found["resolution", 2].state, found["resolution", 2].due) == ("running", at("15 17:00"))
    assert of(log(("15 08:00", "opened", none)), "15 12:00") == {}


def test_an_edited_policy_moves_running_clocks_only_and_leaves_the_same_alone() -> None:
    edit = {"policy": "std", "policy_version": 2}
    events = log(("15 08:00", "opened"), ("15 13:00", "policy", edit))
    found = of(events, "15 13:30")
    assert found["resolution", 1].due == at("15 15:00")
    assert (found["acknowledge", 1].policy_version, found["acknowledge", 1].state) == (1, "running")
    assert ("acknowledge", 2) not in found, "late by then, and its target is what it was"
    met = log(("15 08:00", "opened"), ("15 09:00", "resolved", {"category": "x"}), ("15 10:00", "policy", edit))
    assert of(met, "15 11:00")["resolution", 1].policy_version == 1
    other = log(("15 08:00", "opened"), ("15 08:30", "policy", {"policy": "std", "policy_version": 1}))
    assert of(other, "15 09:00") == of(other[:1], "15 09:00")


# ---------------------------------------------------------------- reopened, over, merged


def test_reopened_goes_on_in_the_same_epoch() -> None:
    events = log(
        ("15 08:00", "opened", {"priority": 2}), ("15 09:00", "told"), ("15 10:00", "resolved", {"category": "x"}),
        ("16 09:00", "inbound"), ("16 09:00", "reopened"), ("16 10:00", "resolved", {"category": "x"}),
        ("17 09:00", "reopened"),
    )  # fmt: skip
    found = of(events, "17 10:00")
    assert [(each.party, each.start, each.end) for each in found["resolution", 1].pauses] == [
        ("resolved", at("15 09:00"), at("16 09:00")), ("resolved", at("16 10:00"), at("17 09:00")),
    ]  # fmt: skip
    assert found["resolution", 1].elapsed == 3 * HOUR
    assert [each.start for each in found["keep_informed", 1].pauses] == [at("15 10:00"), at("16 10:00")]
    assert found["reply", 1].state == "running"


def test_a_message_to_the_customer_while_resolved_informs_him_anew() -> None:
    events = log(
        ("15 08:00", "opened", {"priority": 1}), ("15 09:00", "outbound"), ("15 10:00", "resolved", {"category": "x"}),
        ("15 14:00", "outbound"), ("15 15:00", "reopened"),
    )  # fmt: skip
    assert of(events, "15 15:00")["keep_informed", 2].started_at == at("15 15:00")


@pytest.mark.parametrize(("name", "data"), [("closed", {}), ("cancelled", {}), ("merged", {"into": 7})])
def test_nothing_runs_on_a_ticket_that_is_over(name: str, data: dict[str, Any]) -> None:
    until = {"id": 5, "until": "2026-06-16T15:00:00+02:00"}
    events = log(
        ("15 08:00", "opened"), ("15 08:30", "inbound"), ("15 09:00", "callback_promised", until),
        ("15 09:00", "approval_asked", {"request": 3}), ("15 10:30", "resolved", {"category": "x"}),
        ("15 11:00", name, data), ("15 11:30", "inbound"), ("15 11:40", "approval_asked", {"request": 4}),
        ("15 11:50", "callback_promised", {**until, "id": 6}),
    )  # fmt: skip
    found = of(events, "20 11:00")
    assert {each.state for each in found.values()} == {"met", "stopped"}
    assert found["acknowledge", 1].late == HOUR, "it was late when it was stopped"
    assert found["callback", 1].breached_at is None


def test_a_message_to_a_closed_ticket_counts_from_then_once_it_is_reopened() -> None:
    events = log(
        ("15 08:00", "opened"), ("15 08:10", "outbound"), ("15 09:00", "resolved", {"category": "x"}),
        ("15 10:00", "closed"), ("15 11:00", "inbound"), ("15 11:00", "reopened"),
    )  # fmt: skip
    found = of(events, "15 11:30")
    assert (found["reply", 1].started_at, found["resolution", 1].state) == (at("15 11:00"), "running")
    assert found["first_response", 1].state == "met"


def test_the_survivor_of_a_merge_has_the_earliest_start_and_the_tightest_clock() -> None:
    other = {"ticket": 7, "priority": 1, "opened_at": "2026-06-15T08:00:00+02:00"}
    later = {"ticket": 8, "priority": 3, "opened_at": "2026-06-15T15:00:00+02:00"}
    events = log(("15 14:00", "opened"), ("15 14:10", "outbound"), ("15 16:00", "merged_in", other))
    found = of(events, "15 16:30")["resolution", 1]
    assert (found.started_at, found.due, found.priority) == (at("15 08:00"), at("15 17:00"), 1)
    harmless = of([*events[:2], replace(events[2], data={**events[2].data, **later})], "15 16:30")["resolution", 1]
    assert (harmless.started_at, harmless.due) == (at("15 14:00"), at("17 17:00"))
    lowered = [*events, *log(("15 16:40", "priority", {"priority": 3}))]
    lowered[-1] = replace(lowered[-1], seq=4)
    assert of(lowered, "15 16:45")["resolution", 1].priority == 3, "a decision for the whole ticket"
    tight = of([*log(("15 14:00", "opened")), replace(events[2], seq=2)], "15 16:30")
    assert (tight["first_response", 1].started_at, tight["first_response", 1].breached_at) == (
        at("15 08:00"), at("15 16:00"),
    ), "not before the merge"  # fmt: skip


def merged(*pauses: tuple[str, str], since: str = "15 08:00", **more: Any) -> dict[str, Any]:
    """A ticket with a resolution clock that ran since then and waited for the customer in these spans."""
    spans = [["customer", at(start).isoformat(), at(end).isoformat(), "photo?"] for start, end in pauses]
    return {"ticket": 7, "opened_at": at(since).isoformat(), "starts": {"resolution": at(since).isoformat()},
            "pauses": {"resolution": spans}, **more}  # fmt: skip


def test_a_clock_of_a_merged_ticket_brings_its_pauses_until_the_later_one_began() -> None:
    waited = merged(("15 09:00", "15 10:00"), ("15 11:00", "19 16:00"))
    events = log(
        ("19 14:00", "opened"),
        ("19 15:00", "waiting", WAIT),
        ("19 15:30", "resumed"),
        ("19 16:00", "merged_in", waited),
    )
    found = of(events, "19 16:30")["resolution", 1]
    assert [(each.start, each.end) for each in found.pauses] == [
        (at("15 09:00"), at("15 10:00")), (at("15 11:00"), at("19 14:00")), (at("19 15:00"), at("19 15:30")),
    ]  # fmt: skip
    assert (found.started_at, found.elapsed, found.breached_at) == (at("15 08:00"), 4 * HOUR, None)
    bare = [*events[:3], replace(events[3], data={**events[3].data, "pauses": {}})]
    assert of(bare, "19 16:30")["resolution", 1].breached_at == at("19 16:00")
    urgent = [*events, Event(5, at("19 16:10"), "priority", 1, {"priority": 1, "policy": "std", "policy_version": 1})]
    assert of(urgent, "19 16:30")["resolution", 1].elapsed == 4 * HOUR, "pauses stay whatever is decided"


def test_where_none_runs_the_clock_of_a_merged_ticket_brings_all_its_pauses() -> None:
    waited = merged(("15 09:00", "19 16:00"))
    found = of(log(("19 14:00", "opened"), ("19 14:30", "told"), ("19 16:00", "merged_in", waited)), "19 16:30")
    assert [(each.start, each.end) for each in found["resolution", 2].pauses] == [(at("15 09:00"), at("19 16:00"))]
    assert found["resolution", 2].elapsed == HOUR + HOUR / 2
    assert found["resolution", 1].pauses == ()


def test_a_clock_that_began_earlier_gains_nothing_from_the_pauses_of_a_later_one() -> None:
    later = merged(("15 15:00", "16 10:00"), since="15 14:00")
    events = log(("15 08:00", "opened"), ("16 10:00", "merged_in", later))
    assert of(events, "16 11:00")["resolution", 1] == of(events[:1], "16 11:00")["resolution", 1]


def test_of_two_merges_each_brings_its_pauses_until_the_clock_it_joins_began() -> None:
    first, second = merged(("17 09:00", "19 15:00"), since="17 08:00"), merged(("15 09:00", "19 16:00"))
    events = log(
        ("19 14:00", "opened"), ("19 15:00", "merged_in", first), ("19 16:00", "merged_in", {**second, "ticket": 8})
    )
    found = of(events, "19 16:00")["resolution", 1]
    assert [(each.start, each.end) for each in found.pauses] == [
        (at("15 09:00"), at("17 08:00")), (at("17 09:00"), at("19 14:00")),
    ]  # fmt: skip
    assert found.elapsed == 4 * HOUR


def test_what_begins_after_a_merge_has_its_own_start() -> None:
    events = log(
        ("15 14:00", "opened"), ("15 14:10", "merged_in", merged()), ("15 15:00", "told"), ("15 16:00", "line"),
        ("15 16:10", "priority", {"priority": 2}),
    )  # fmt: skip
    assert of(events, "15 16:30")["resolution", 2].started_at == at("15 16:00")


def test_an_edited_policy_counts_on_the_tickets_merged_in_as_long_as_they_are() -> None:
    edit = {"policy": "std", "policy_version": 2, "edited": True}
    own = {"priority": 3, "policy": "none", "policy_version": 1}
    events = log(("15 08:00", "opened", own), ("15 09:00", "merged_in", merged()), ("15 10:00", "policy", edit))
    found = of(events, "15 10:30")["resolution", 1]
    assert (found.policy, found.policy_version, found.due) == ("std", 2, at("15 15:00"))
    assert replay(events)["policy"] == state_of(events).policy == "none", "the ticket's own stays its own"
    out = [*events, Event(4, at("15 11:00"), "unmerged_out", 1, {"ticket": 7})]
    assert of(out, "15 11:30") == {}


# ---------------------------------------------------------------- approvals and callbacks


def test_an_approval_runs_per_request_and_never_pauses() -> None:
    events = log(
        ("15 08:00", "opened", {"priority": 1}), ("15 08:00", "approval_asked", {"request": 3}),
        ("15 08:10", "waiting", WAIT), ("15 08:30", "approval_asked", {"request": 4}),
        ("15 09:10", "approval_decided", {"request": 3}), ("15 09:20", "approval_withdrawn", {"request": 4}),
        ("15 09:20", "approval_decided", {"request": 9}),
    )  # fmt: skip
    found = of(events, "15 10:00")
    one, two = found["approval", 1], found["approval", 2]
    assert (one.subject, one.met_at, one.late) == ("3", at("15 09:10"), 10 * MINUTE)
    assert (two.subject, two.stopped_at, two.breached_at, two.pauses) == ("4", at("15 09:20"), None, ())


def callback(until: str, **more: Any) -> dict[str, Any]:
    return {"id": 5, "from": at("15 14:00").isoformat(), "until": at(until).isoformat(), **more}


@pytest.mark.parametrize(
    ("events", "now", "found"),
    [
        ((), "15 14:59", ("running", None)),
        ((), "15 15:01", ("running", "15 15:00")),
        ((("15 14:30", "callback_kept", {"id": 5}),), "16 09:00", ("met", None)),
        ((("15 15:20", "callback_kept", {"id": 5}),), "16 09:00", ("met", "15 15:00")),
        ((("15 11:00", "callback_cancelled", {"id": 5}),), "16 09:00", ("stopped", None)),
        ((("15 13:00", "callback_moved", callback("16 15:00")),), "15 16:00", ("stopped", None)),
        ((("15 14:30", "callback_moved", callback("16 15:00")),), "15 16:00", ("stopped", "15 14:30")),
        ((("15 14:30", "callback_moved", callback("16 15:00", by_customer=True)),), "15 16:00", ("stopped", None)),
        ((("15 15:30", "callback_moved", callback("16 15:00", by_customer=True)),), "16 9:00", ("stopped", "15 15:00")),
        ((("15 14:30", "callback_kept", {"id": 99}),), "15 14:40", ("running", None)),
    ],
)  # fmt: skip
def test_callbacks(events: tuple[Any, ...], now: str, found: tuple[str, str | None]) -> None:
    whole = log(("13 10:00", "opened"), ("13 10:00", "callback_promised", callback("15 15:00")), *events)
    got = of(whole, now)
    one = got["callback", 1]
    assert (one.state, one.breached_at) == (found[0], at(found[1]) if found[1] else None)
    assert (one.due, one.subject, one.target) == (at("15 15:00"), "5", at("15 15:00") - at("13 10:00"))
    if events and events[0][1] == "callback_moved":
        assert (got["callback", 2].state, got["callback", 2].due) == ("running", at("16 15:00"))


# ---------------------------------------------------------------- headline, thresholds, what is refused


def test_the_headline_is_the_running_one_that_is_due_first() -> None:
    events = log(("15 08:00", "opened"), ("15 08:30", "acknowledged"), ("15 09:00", "waiting", WAIT))
    first = headline(clocks(events, POLICIES, at("15 09:30")))
    assert first is not None
    assert (first.kind, first.due) == ("first_response", at("15 12:00"))
    answered = [*events, Event(4, at("15 10:00"), "outbound", 1, {})]
    assert headline(clocks(answered, POLICIES, at("15 10:30"))) is None, "the rest is paused"


def test_thresholds_are_shares_of_open_time() -> None:
    events = log(("15 15:00", "opened", {"priority": 1}), ("15 15:10", "outbound"))
    whole = of(events, "15 16:00")["resolution", 1]
    assert thresholds(whole) == (at("16 12:00"), at("16 15:00"), at("17 10:00"))
    assert thresholds(whole, (0, 50)) == (at("15 15:00"), at("16 10:00")), "0 % is the start"
    paused = of([*events, Event(3, at("15 16:00"), "waiting", 1, WAIT)], "15 17:00")["resolution", 1]
    assert thresholds(paused) == (None, None, None)
    met = of([*events, Event(3, at("16 14:00"), "resolved", 1, {})], "18 17:00")["resolution", 1]
    assert thresholds(met) == (at("16 12:00"), None, None)


def test_a_policy_that_is_not_given_is_refused() -> None:
    with pytest.raises(Invalid, match="Policy std has no version 9"):
        of(log(("15 08:00", "opened", {"policy_version": 9})), "15 09:00")


def test_events_in_any_order_and_dated_backwards_are_read_by_their_number() -> None:
    events = log(("15 08:00", "opened"), ("15 09:00", "waiting", WAIT), ("15 08:59", "resumed"))
    assert of(events[::-1], "15 10:00") == of(events, "15 10:00")
    assert of(events, "15 10:00")["resolution", 1].pauses == ()


# ---------------------------------------------------------------- laws


def nows(events: list[Event]) -> st.SearchStrategy[datetime]:
    return st.integers(0, 12 * 1440).map(lambda minutes: events[0].at + minutes * MINUTE)


@LAWS
@given(st.data())
def test_laws_of_every_clock(data: st.DataObject) -> None:
    events = data.draw(logs())
    now = data.draw(nows(events))
    found = clocks(events, POLICIES, now)
    label = state_of([each for each in events if each.at <= now])
    for each in found:
        assert each.elapsed + each.remaining == each.target
        assert all(a.end is not None and a.end <= b.start for a, b in pairwise(each.pauses))
        assert (each.state in ("met", "stopped")) == ((each.met_at or each.stopped_at) is not None)
        assert not (each.kind in ("acknowledge", "first_response", "approval", "callback") and each.pauses)
        spans = [(one.start, one.end or now) for one in each.pauses]
        end = each.met_at or each.stopped_at or now
        assert each.elapsed == elapsed(each.calendar, each.started_at, end, spans)
        assert each.late == (max(each.elapsed - each.target, timedelta(0)) if each.breached_at else timedelta(0))
        if each.breached_at:
            assert each.breached_at <= end
            assert each.kind == "callback" or each.due is not None
            assert not any(a <= each.breached_at < b for a, b in spans), "never while paused"
        elif each.state == "running":
            assert each.due is not None
            assert now <= each.due or any(a <= each.due < b for a, b in spans) or each.set_at == now or now in (
                b for _, b in spans
            )  # fmt: skip
    assert len({(each.kind, each.epoch) for each in found}) == len(found)
    if label.label in ("closed", "merged", "cancelled"):
        assert not [each for each in found if each.state in ("running", "paused")]


HISTORY = [each for each in STEPS if each not in ("unmerged", "unmerged_out")]


@LAWS
@given(st.data())
def test_what_was_late_stays_late_and_looking_changes_nothing(data: st.DataObject) -> None:
    """Seen at any two instants, earlier breaches are among the later ones, at the same instant, each epoch once."""
    events = data.draw(logs(HISTORY))
    first, second = sorted((data.draw(nows(events)), data.draw(nows(events))))
    early, late = (
        {(each.kind, each.epoch): each.breached_at for each in clocks(events, POLICIES, now) if each.breached_at}
        for now in (first, second)
    )
    assert early.items() <= late.items()
    assert all(late[each] >= first or each in early for each in late)  # type: ignore[operator]


@LAWS
@given(st.data())
def test_elapsed_never_falls_within_an_epoch(data: st.DataObject) -> None:
    """While nothing moves its start or its hours: a merge may, and another policy."""
    events = data.draw(logs([each for each in HISTORY if each != "merged_in"]))
    first, second = sorted((data.draw(nows(events)), data.draw(nows(events))))
    early, late = ({(each.kind, each.epoch): each for each in clocks(events, POLICIES, now)} for now in (first, second))
    for key, each in early.items():
        if each.calendar == late[key].calendar:
            assert each.elapsed <= late[key].elapsed
        assert each.started_at == late[key].started_at


@LAWS
@given(st.data())
def test_a_merge_that_is_undone_leaves_no_trace(data: st.DataObject) -> None:
    events = data.draw(logs(HISTORY, most=10))
    place = data.draw(st.integers(1, len(events)))
    then = events[place - 1].at
    end = events[-1].at
    other = {"ticket": 77, "priority": 1, "policy": "gold", "policy_version": 1, "opened_at": then.isoformat()}
    if data.draw(st.booleans()):
        since = then - timedelta(days=3)
        span = ["third", (since + HOUR).isoformat(), then.isoformat(), "?"]
        other |= {"starts": {"resolution": since.isoformat()}, "pauses": {"resolution": [span]}}
    now = data.draw(nows(events)) + (end - events[0].at)
    for begin, close, given_ in (("merged_in", "unmerged_out", other), ("merged", "unmerged", {"into": 7})):
        if begin == "merged" and (place != len(events) or begin not in MOVES[state_of(events).label]):
            continue
        with_it = [
            *events[:place], Event(0, then, begin, 1, given_), *events[place:], Event(0, end, close, 1, {"ticket": 77}),
        ]  # fmt: skip
        with_it = [replace(each, seq=seq) for seq, each in enumerate(with_it, 1)]
        assert clocks(with_it, POLICIES, now) == clocks(events, POLICIES, now)
        assert state_of(with_it) == state_of(events)


@LAWS
@given(st.data())
def test_a_pause_split_in_two_changes_nothing_of_the_clock(data: st.DataObject) -> None:
    """Resumed and waiting again in the same instant."""
    events = data.draw(logs([each for each in STEPS if "merged" not in each]))
    now = data.draw(nows(events))
    places = [place for place, each in enumerate(events) if each.event == "waiting" and place + 1 < len(events)]
    if not places:
        return
    place = data.draw(st.sampled_from(places))
    then = events[place].at + (events[place + 1].at - events[place].at) / 2
    split = [*events[: place + 1], Event(0, then, "resumed", 1, {}), replace(events[place], at=then),
             *events[place + 1 :]]  # fmt: skip
    wake = events[place].data["wake"]
    if wake and datetime.fromisoformat(wake).date() <= then.date():
        return  # it had ended by itself before the split, which makes another wait of it
    split = [replace(each, seq=seq) for seq, each in enumerate(split, 1)]
    plain, other = clocks(events, POLICIES, now), clocks(split, POLICIES, now)
    assert [replace(each, pauses=(), waits=()) for each in plain] == [
        replace(each, pauses=(), waits=()) for each in other
    ]


# ---------------------------------------------------------------- a walk beside the fold

PLAIN = ["outbound", "note", "waiting", "waiting", "resumed", "resolved", "reopened", "closed", "told", "inbound"]


@WALKS
@given(st.data())
def test_the_resolution_clock_is_the_open_minutes_in_which_the_ticket_is_ours(data: st.DataObject) -> None:
    """Asked each minute: is the desk open, is the ticket work or an internal wait, and was nothing told yet?"""
    events = [
        replace(each, data={**each.data, "wake": ""}) if each.event == "waiting" else each
        for each in data.draw(logs(PLAIN, most=10))
    ]
    opened = {**events[0].data, "policy": "std", "policy_version": 1}
    events[0] = replace(events[0], data=opened)
    now = min(data.draw(nows(events)), events[0].at + timedelta(days=9))
    walk = Walk(OFFICE, events[0].at, now)
    minutes, label, told, seen = 0, "new", False, 0
    for place in range(walk.place(events[0].at), walk.place(now)):
        while seen < len(events) and events[seen].at <= walk.at(place):
            told = events[seen].event == "told" or (told and events[seen].event != "reopened")
            seen += 1
            label = state_of(events[:seen]).label
        minutes += walk.open[place] and label in ("new", "open", "waiting_internal") and not told
    found = {each.kind: each for each in clocks(events, POLICIES, now) if each.kind == "resolution"}
    assert found["resolution"].elapsed == minutes * MINUTE
