"""A ticket's row as the fold of its events: all its columns that change. Pure.

Rule: the event log is the source; replayed in its order it gives the stored state, and an event that was taken back
counts as if it had not been. Source: event sourcing (M. Fowler, 2005); ISO 10002:2018 for the stages of a complaint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from csdesk.rules.ticket_decisions import TAKEN_BACK
from csdesk.rules.ticket_states import BACK, LABELS, Event, moved

# ISO 10002:2018, 7.2 to 7.8: received, acknowledged, assessed, investigating, responded, decision told, closed.
STAGES = ("received", "acknowledged", "assessed", "investigating", "responded", "told", "closed")
_OPENED = ("kind", "subject", "category", "product_id", "impact", "urgency", "priority", "safety", "queue", "owner_id",
           "value", "cutoff_at", "policy", "policy_version", "stage", "follow_up_of")  # fmt: skip
_NOT_WAITING = {"waits_for": "", "waits_on": "", "question": "", "wake_at": None}


def standing(events: Sequence[Event]) -> tuple[Event, ...]:
    """The events without those taken back (`undone` names their `seqs`) and without the taking back; what came up `via`
    a merged ticket counts as long as that one is in."""
    gone = {int(seq) for each in events if each.event == "undone" for seq in each.data["seqs"]}
    left = tuple(each for each in events if each.event != "undone" and each.seq not in gone)
    return tuple(each for each in left if "via" not in each.data or _inside(left, each))


def _inside(events: Sequence[Event], came: Event) -> bool:
    """Whether the ticket an event came up from had gone in before it, and did not come out after."""
    links = [each for each in events if each.data.get("ticket") == came.data["via"]]
    joined = any(each.event == "merged_in" and each.seq < came.seq for each in links)
    return joined and not any(each.event == "unmerged_out" and each.seq > came.seq for each in links)


def replay(events: Sequence[Event]) -> dict[str, Any]:
    """The columns of the row as the events leave them, `version` among them: column -> value, instants aware.

    Raises Refused for a move that is not allowed, KeyError where an event lacks what it must say.
    """
    row: dict[str, Any] = {**_FIRST, "state": "new"}
    before = "new"
    for event in standing(events):
        label = moved(row["state"], event.event, event.data)
        before = row["state"] if label == "merged" != row["state"] else before
        row["state"] = before if label == BACK else label
        row |= _CHANGES.get(event.event, _nothing)(row, event)
        if event.event in _STAGE:
            row["stage"] = further(row["stage"], _STAGE[event.event])
    if row["state"] not in _WAITING:
        row |= _NOT_WAITING
    return {**row, "base": LABELS[row["state"]], "version": max(each.seq for each in events)}


_WAITING = frozenset({"waiting_customer", "waiting_internal", "waiting_third"})
_FIRST: dict[str, Any] = {
    "kind": "query", "subject": "", "category": "", "cause": "", "product_id": None, "impact": 2, "urgency": 2,
    "priority": 3, "safety": False, "queue": "", "owner_id": None, "value": 0, "cutoff_at": None, "policy": "",
    "policy_version": 1, "stage": "", "told_at": None, "resolution": "", "resolved_at": None, "closed_at": None,
    "reopened": 0, "reassigned": 0, "merged_into": None, "follow_up_of": None, **_NOT_WAITING,
}  # fmt: skip
# Events that carry a complaint on to a stage; other kinds have no stages.
_STAGE = {"acknowledged": "acknowledged", "outbound": "acknowledged", "category": "assessed", "priority": "assessed",
          "referred": "investigating", "credit": "responded", "replace": "responded", "upheld": "responded",
          "told": "told", "closed": "closed"}  # fmt: skip


def stage_of(event: Event) -> str:
    """The stage an event carries a complaint on to; '' for none.

    Rule: the table, an answered call acknowledges, `opened` and `stage` name theirs.
    """
    if event.event == "call":
        return "acknowledged" if event.data.get("answered") else ""
    if event.event in ("opened", "stage"):
        return str(event.data.get("stage") or "")
    return _STAGE.get(event.event, "")


def further(stage: str, to: str) -> str:
    """The stage of a complaint after one more: never back; '' (no complaint) stays ''."""
    if not stage:
        return ""
    return max(stage, to, key=STAGES.index)


def instant(text: str | None) -> datetime | None:
    """An instant as events keep it; None stays None."""
    return datetime.fromisoformat(text) if text else None


def _nothing(row: dict[str, Any], event: Event) -> dict[str, Any]:
    return {}


def _opened(row: dict[str, Any], event: Event) -> dict[str, Any]:
    given = {name: event.data[name] for name in _OPENED if name in event.data}
    if "cutoff_at" in given:
        given["cutoff_at"] = instant(given["cutoff_at"])
    return given


def _call(row: dict[str, Any], event: Event) -> dict[str, Any]:
    return {"stage": further(row["stage"], "acknowledged")} if event.data.get("answered") else {}


def _waiting(row: dict[str, Any], event: Event) -> dict[str, Any]:
    data = event.data
    return {"waits_for": data["party"], "waits_on": data.get("who", ""), "question": data["question"],
            "wake_at": instant(data["wake"])}  # fmt: skip


def _resolved(row: dict[str, Any], event: Event) -> dict[str, Any]:
    data = event.data
    values = {"resolved_at": event.at, "resolution": data.get("words", "")}
    return values | {name: data[name] for name in ("category", "cause") if data.get(name)}


def _reopened(row: dict[str, Any], event: Event) -> dict[str, Any]:
    return {"resolved_at": None, "closed_at": None, "told_at": None, "reopened": row["reopened"] + 1}


def _owner(row: dict[str, Any], event: Event) -> dict[str, Any]:
    to, queue = event.data.get("owner"), event.data.get("queue") or row["queue"]
    again = row["owner_id"] not in (None, to) or queue != row["queue"]
    return {"owner_id": to, "queue": queue, "reassigned": row["reassigned"] + bool(again)}


def _policy(row: dict[str, Any], event: Event) -> dict[str, Any]:
    """An edited policy may be that of a merged ticket: the row names its own."""
    if event.data.get("edited") and event.data["policy"] != row["policy"]:
        return {}
    return {name: event.data[name] for name in ("policy", "policy_version")}


def _claimed(row: dict[str, Any], event: Event) -> dict[str, Any]:
    return {"owner_id": event.data["owner"]}


def _only(*names: str) -> Callable[[dict[str, Any], Event], dict[str, Any]]:
    """The columns an event names, as it says."""

    def take(row: dict[str, Any], event: Event) -> dict[str, Any]:
        return {name: event.data[name] for name in names if name in event.data}

    return take


_CHANGES: dict[str, Callable[[dict[str, Any], Event], dict[str, Any]]] = {
    "opened": _opened,
    "call": _call,
    "waiting": _waiting,
    "resolved": _resolved,
    "reopened": _reopened,
    "assigned": _owner,
    "claimed": _claimed,
    "released": lambda row, event: {"owner_id": None},
    "closed": lambda row, event: {"closed_at": instant(event.data.get("over_at")) or event.at},
    "told": lambda row, event: {"told_at": event.at},
    **dict.fromkeys(TAKEN_BACK, lambda row, event: {"told_at": None}),
    "merged": lambda row, event: {"merged_into": event.data["into"]},
    "unmerged": lambda row, event: {"merged_into": None},
    "priority": _only("impact", "urgency", "priority", "policy", "policy_version"),
    "policy": _policy,
    "category": _only("category", "cause", "product_id"),
    "line": _only("value", "product_id"),
    "safety": _only("safety"),
    "cutoff": lambda row, event: {"cutoff_at": instant(event.data["cutoff_at"])},
    "stage": lambda row, event: {"stage": further(row["stage"], event.data["stage"])},
}
