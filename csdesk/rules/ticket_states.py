"""A ticket's states: what people read (label), what clocks read (base), which event moves it where. Data, pure.

new -> open <-> waiting for the customer, for somebody inside or for a third party -> resolved -> closed; merged and
cancelled are void. Whether a reply comes within the window for reopening is for whoever writes the event.

Rule: the table of moves; an event that is not in it changes no state. Source: the desk's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from csdesk.errors import Invalid, Refused

PARTIES = ("customer", "internal", "third")
# Label -> base: work and wait have running clocks, done and void have an end.
LABELS: dict[str, str] = {
    "new": "work", "open": "work", "waiting_customer": "wait", "waiting_internal": "wait", "waiting_third": "wait",
    "resolved": "done", "closed": "done", "merged": "void", "cancelled": "void",
}  # fmt: skip
BACK = "back"  # to the label before the merge
_WAIT = {f"waiting_{party}": f"waiting_{party}" for party in PARTIES}
_WORK = {"begun": "open", **_WAIT, "resolved": "resolved", "merged": "merged", "cancelled": "cancelled"}
# Label -> step -> next label. A step is the event's own name; "waiting_…" is `waiting` with its party, "begun" any
# event by which somebody takes the ticket up.
MOVES: dict[str, dict[str, str]] = {
    "new": _WORK,
    "open": {each: label for each, label in _WORK.items() if each != "begun"},
    **{waits: {**_WORK, "begun": waits, "resumed": "open"} for waits in _WAIT},
    "resolved": {"reopened": "open", "closed": "closed", "merged": "merged"},
    "closed": {"reopened": "open"},
    "merged": {"unmerged": BACK},
    "cancelled": {},
}
# Events that take a new ticket up; an assignment only with an owner, a call only when it was answered.
BEGINS = frozenset({"claimed", "assigned", "outbound", "call", "told", "begun"})
STEPS = frozenset({"waiting", "resumed", "resolved", "closed", "reopened", "merged", "unmerged", "cancelled"})


@dataclass(frozen=True)
class Event:
    """Something that happened to a ticket: its number in the ticket, UTC instant, name, staff id, what it carries."""

    seq: int
    at: datetime
    event: str
    by: int
    data: Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """A ticket as its events say: label and base, what a waiting one waits for, who has it, what its clocks go by."""

    label: str = "new"
    base: str = "work"
    party: str = ""
    question: str = ""
    wake: str = ""
    owner: int | None = None
    queue: str = ""
    priority: int = 0
    policy: str = ""
    policy_version: int = 0
    stage: str = ""
    reopened: int = 0


def step_of(event: str, data: Mapping[str, Any]) -> str:
    """The step of the table an event is; '' for one that moves nothing. Refuses a wait for an unknown party.

    Rule: waiting by its party; what takes a new ticket up is "begun"; else the event's own name.
    """
    if event == "waiting":
        if data.get("party") not in PARTIES:
            raise Invalid("A ticket waits for customer, internal or third; say which.", field="party")
        return f"waiting_{data['party']}"
    if event in BEGINS:
        idle = (event == "assigned" and data.get("owner") is None) or (event == "call" and not data.get("answered"))
        return "" if idle else "begun"
    return event if event in STEPS else ""


def moved(label: str, event: str, data: Mapping[str, Any] | None = None) -> str:
    """The label after an event; `BACK` after `unmerged`. Raises Refused, naming what is possible.

    Also refuses a wait without question or wake date: a ticket nobody comes back to.
    """
    data = {} if data is None else data
    step = step_of(event, data)
    if event == "waiting" and not (str(data.get("question") or "").strip() and data.get("wake")):
        raise Invalid("A ticket that waits needs the question asked and a date to come back to it.", field="question")
    moves = MOVES[label]
    if step in moves:
        return moves[step]
    if step in ("", "begun"):
        return label
    can = ", ".join(sorted(each.replace("_", " ") for each in moves if each != "begun")) or "nothing any more"
    raise Refused(f"A ticket that is {label.replace('_', ' ')} cannot be {step.replace('_', ' ')}; it can: {can}.")


def state_of(events: Iterable[Event]) -> State:
    """The ticket as its events leave it, in order of seq. A move the table does not know changes nothing, so that a log
    can always be read.

    Rule: the moves one after the other; the merged one that is taken out again is what it was before.
    """
    state, before = State(), "new"
    for each in sorted(events, key=lambda one: one.seq):
        label = MOVES[state.label].get(step_of(each.event, each.data), state.label)
        if label == "merged" != state.label:
            before = state.label
        label = before if label == BACK else label
        state = _carried(replace(state, label=label, base=LABELS[label]), each, label != state.label)
    return state


def _carried(state: State, each: Event, changed: bool) -> State:
    """The state with what an event carries beside its move."""
    data = each.data
    if each.event == "waiting" and state.base == "wait":
        return replace(
            state, party=data["party"], question=data.get("question") or "", wake=str(data.get("wake") or "")
        )
    if changed and state.base != "wait" and each.event not in ("merged", "unmerged"):
        state = replace(state, party="", question="", wake="")
    if each.event == "reopened" and changed:
        return replace(state, reopened=state.reopened + 1)
    if each.event == "policy" and data.get("edited") and data["policy"] != state.policy:
        return state  # of a ticket that was merged into this one
    if each.event in ("opened", "priority", "policy"):
        named = {name: data[name] for name in ("priority", "policy", "policy_version") if name in data}
        if each.event == "opened":
            named |= {"owner": data.get("owner_id"), "queue": data.get("queue", ""), "stage": data.get("stage", "")}
        return replace(state, **named)
    if each.event == "claimed":
        return replace(state, owner=data.get("owner", each.by))
    if each.event == "assigned":
        return replace(state, owner=data.get("owner"), queue=data.get("queue") or state.queue)
    if each.event == "released":
        return replace(state, owner=None)
    return replace(state, stage=data.get("stage") or "") if each.event == "stage" else state
