"""Clocks of a merged ticket where it went: an edited policy reaches them, and they bring what had paused them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from csdesk.models import TicketEvent
from csdesk.rules.ticket_lives import Clock
from csdesk.services import serving, ticket_merging, ticket_moves, ticket_views, ticket_waiting
from tests.services.conftest import Desk, faults
from tests.services.escalations import query, ticket

OTHERS = {"policy": {"night": {"calendar": "desk", "targets": {"resolution": {"3": "2d"}}}},
          "queue": {"night": {"name": "Night", "policy": "night", "staff": ["lead3"]},
                    "desk": {"name": "Desk", "policy": "standard", "staff": ["rep7", "lead3"]}}}  # fmt: skip


def resolution(desk: Desk, id: int) -> Clock:
    """The resolution clock that goes on."""
    found = desk.lead.read_now(ticket_views.whole, id).clocks
    return next(each for each in found if each.kind == "resolution" and each.state in ("running", "paused"))


def policies(desk: Desk, id: int) -> list[dict[str, Any]]:
    return [json.loads(row.data) for row in desk.rows(TicketEvent, ticket_id=id) if row.event == "policy"]


def night(desk: Desk) -> tuple[int, int]:
    """A ticket of a queue with a policy of its own that has the tighter resolution, and an older one of the desk's."""
    desk.store.write_now(serving.load, OTHERS)
    first = query(desk)
    desk.lead.write_now(ticket_moves.assign, first, "night")
    desk.clock.pass_by(hours=1)
    return first, query(desk, "the same list")


def merge(desk: Desk, id: int, into: int) -> None:
    desk.lead.write_now(ticket_merging.merge, id, ticket(desk, into).number)


def target(desk: Desk, policy: str, words: str) -> str:
    return desk.store.write_now(serving.edit, "policy", policy, {"targets": {"resolution": {"3": words}}})


def test_an_edited_policy_reaches_the_clocks_of_a_merged_ticket(desk: Desk) -> None:
    first, second = night(desk)
    merge(desk, first, second)
    before, row = resolution(desk, second), ticket(desk, second)
    assert (before.policy, before.policy_version) == ("night", 1)
    assert target(desk, "night", "12h").endswith("1 ticket with running clocks told.")
    after, moved = resolution(desk, second), ticket(desk, second)
    assert (after.policy, after.policy_version, after.target) == ("night", 2, timedelta(hours=12))
    assert None not in (before.due, after.due, moved.due_at)
    assert str(after.due) < str(before.due)
    assert (moved.policy, moved.policy_version) == (row.policy, row.policy_version) == ("standard", 1)
    assert policies(desk, second) == [{"policy": "night", "policy_version": 2, "edited": True}]
    assert faults(desk.store) == []


def test_a_merge_taken_back_takes_the_edited_policy_of_the_other_along(desk: Desk) -> None:
    first, second = night(desk)
    own = resolution(desk, second)
    merge(desk, first, second)
    target(desk, "night", "12h")
    desk.lead.write_now(ticket_merging.unmerge, first)
    again = resolution(desk, second)
    assert (again.policy, again.policy_version, again.due) == ("standard", 1, own.due)
    assert target(desk, "night", "10h").endswith("1 ticket with running clocks told."), "the one that came out"
    assert [resolution(desk, each).policy for each in (first, second)] == ["night", "standard"]
    assert faults(desk.store) == []


def test_a_calendar_of_both_policies_tells_each_of_them(desk: Desk) -> None:
    first, second = night(desk)
    merge(desk, first, second)
    words = desk.store.write_now(serving.edit, "calendar", "desk", {"holidays": ["2026-03-04"]})
    assert words.endswith("1 ticket with running clocks told.")
    assert [(each["policy"], each["policy_version"]) for each in policies(desk, second)] == [
        ("night", 2), ("standard", 2),
    ]  # fmt: skip
    assert (ticket(desk, second).policy, ticket(desk, second).policy_version) == ("standard", 2)
    assert resolution(desk, second).policy_version == 2
    assert faults(desk.store) == []


def test_what_waited_for_the_customer_is_not_late_where_it_goes(desk: Desk) -> None:
    first = query(desk)
    desk.clock.pass_by(hours=1)
    desk.rep.write_now(ticket_waiting.wait, first, "c", "+20", "", "which one?")
    waited = desk.clock()
    desk.clock.pass_by(days=15)
    second = query(desk, "the same list")
    began, alone = desk.clock(), [ticket(desk, each).breaches for each in (first, second)]
    desk.clock.pass_by(minutes=10)
    merge(desk, first, second)
    found = resolution(desk, second)
    assert (found.started_at, found.state) == (ticket(desk, first).opened_at, "running")
    assert [(each.party, each.start, each.end, each.reason) for each in found.pauses] == [
        ("customer", waited, began, "which one?")
    ]
    assert found.elapsed == timedelta(hours=1, minutes=10), "an hour of the first one, ten minutes of the second"
    assert ([ticket(desk, each).breaches for each in (first, second)], alone) == ([0, 0], [0, 0])
    desk.lead.write_now(ticket_merging.unmerge, first)
    assert resolution(desk, second).pauses == ()
    assert [(each.start, each.end) for each in resolution(desk, first).pauses] == [(waited, None)]
    assert faults(desk.store) == []
