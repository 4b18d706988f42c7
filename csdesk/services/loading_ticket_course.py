"""The course of one imported ticket: each row of its log as events, after those that are there. Internal.

What the source itself counts and judges (reassigned, reopened, its own target met so far) is kept in the event
`stated` of each row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from csdesk.rules.ticket_import import STATES, steps
from csdesk.rules.ticket_priority import MEDIUM, priority
from csdesk.rules.ticket_states import Event, moved
from csdesk.services.audit import dump, stamp
from csdesk.services.loading_base import Load
from csdesk.services.loading_ticket_places import Places
from csdesk.services.loading_types import Unit

KINDS = ("query", "complaint", "request", "claim", "proactive")
WAKE_DAYS = 14
State = Mapping[str, Any]  # the values of one row of a log


class Wrong(Exception):
    """A unit that cannot be taken: a short code and the reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclass
class Course:
    """A ticket while its rows are followed: events so far, what they came to, and how many rows went back in time."""

    id: int
    events: list[Event] = field(default_factory=list)
    old: int = 0  # events that were there before
    label: str = "new"
    facts: dict[str, Any] = field(default_factory=dict)
    back: int = 0
    next_at: datetime | None = None  # when the tick looks at it, as it stands so far

    def add(self, name: str, at: datetime, by: int, data: Mapping[str, Any]) -> None:
        """One more event, never before the one ahead of it."""
        plain = json.loads(dump(data))
        label = moved(self.label, name, plain)
        self.label = label
        self.events.append(Event(len(self.events) + 1, at, name, by, plain))


def follow(
    load: Load, where: Places, course: Course, unit: Unit, states: Sequence[State], customers: Mapping[str, int]
) -> None:
    """The events of some rows, after those that are there. Raises Wrong, or what the moves refuse."""
    if unit.values.get("customer") and not course.id and unit.values["customer"] not in customers:
        raise Wrong("unknown", f"there is no customer {unit.values['customer']!r}")
    for number, state in enumerate(states):
        if state["state"] not in STATES:
            raise Wrong("value", f"state: {state['state']!r} is none of {', '.join(STATES)}")
        if not course.events:
            _open(load, where, course, unit, state)
        last = course.events[-1].at
        course.back += state["at"] < last
        at = max(state["at"], last)
        _change(load, where, course, state, at)
        further = (each["at"] for each in states[number + 1 :] if each["state"] != state["state"])
        _move(load, course, state, at, next(further, None))
        told = {name: state.get(name) for name in ("counter", "by", "sla_met", "reassigned", "reopened")}
        course.add("stated", at, load.tx.actor.id, {"state": state["state"], "stated_at": state["at"], **told})


def _open(load: Load, where: Places, course: Course, unit: Unit, state: State) -> None:
    head = unit.values
    kind = head.get("kind") or "query"
    if kind not in KINDS:
        raise Wrong("value", f"kind: {kind!r} is none of {', '.join(KINDS)}")
    facts = _facts(where, {}, state)
    facts["policy"], facts["policy_version"] = where.policy(facts["queue"])
    names = [state.get(each) for each in ("category", "subcategory", "detail")]
    subject = head.get("subject") or ", ".join(each for each in names if each)
    opened = {
        **facts, "kind": kind, "subject": subject[:200], "safety": False, "owner_id": None,
        "stage": "received" if kind in {"complaint", "claim"} else "",
    }  # fmt: skip
    course.facts = facts | {"owner_id": None}
    course.add("opened", head.get("opened_at") or state["at"], load.tx.actor.id, opened)


def _facts(where: Places, before: Mapping[str, Any], state: State) -> dict[str, Any]:
    """Queue, person, category and urgency as a row says; what it leaves out stays."""
    levels = {name: state.get(name) or before.get(name) or MEDIUM for name in ("impact", "urgency")}
    given = state.get("priority")
    found = given or before.get("priority") if not state.get("impact") else given
    number = found or priority(levels["impact"], levels["urgency"])
    if number not in (1, 2, 3, 4):
        raise Wrong("value", f"priority: {number} is none of 1, 2, 3, 4")
    path = [state.get(name) for name in ("category", "subcategory", "detail")]
    return {
        "queue": where.queue(state.get("queue")) if state.get("queue") or not before else before["queue"],
        "who": state.get("owner") or "", "category": where.category(path) or before.get("category", ""),
        **levels, "priority": number,
    }  # fmt: skip


def _change(load: Load, where: Places, course: Course, state: State, at: datetime) -> None:
    """Events of what changed beside the state. A person here has it from when it is taken up, as the source says."""
    now, by = _facts(where, course.facts, state), load.tx.actor.id
    owner = where.person(state.get("owner")) if state["state"] != "new" or course.label != "new" else None
    before = course.facts
    if now["queue"] != before["queue"] or now["who"] != before.get("who", "") or owner != before["owner_id"]:
        course.add("assigned", at, by, {"owner": owner, "queue": now["queue"], "who": now["who"]})
    if now["category"] != before["category"]:
        course.add("category", at, by, {"category": now["category"]})
    if any(now[name] != before[name] for name in ("priority", "impact", "urgency")):
        chosen = {"policy": before["policy"], "policy_version": before["policy_version"], "why": load.source.name}
        course.add("priority", at, by, {**{name: now[name] for name in ("priority", "impact", "urgency")}, **chosen})
    course.facts = {**before, **now, "owner_id": owner}


def _move(load: Load, course: Course, state: State, at: datetime, further: datetime | None) -> None:
    """The events that bring the ticket into the state of a row."""
    source = load.source.name
    for step in steps(course.label, state["state"]):
        data: dict[str, Any] = {"by": source}
        if step == "waiting":
            wake = state.get("wake_at") or further or at + timedelta(days=WAKE_DAYS)
            data = {"party": state["state"].removeprefix("waiting_"), "who": "", "wake": stamp(wake),
                    "question": state.get("question") or f"{source} says no more"}  # fmt: skip
        elif step == "resolved":
            data = {"words": (state.get("resolution") or "")[:500], "category": course.facts["category"]}
        course.add(step, at, load.tx.actor.id, data)
