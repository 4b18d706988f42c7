"""A ticket's clocks from its events, and what its row keeps of them for lists and the tick. Internal to services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from csdesk.rules.ticket_clocks import clocks, headline, thresholds
from csdesk.rules.ticket_lives import Clock
from csdesk.rules.ticket_states import Event
from csdesk.services import service_levels
from csdesk.services.tx import Tx

PERCENTS = (75, 100, 150)  # of a clock's open time: when somebody is told


def of_events(tx: Tx, events: Sequence[Event], now: datetime | None = None) -> tuple[Clock, ...]:
    """The clocks of a ticket from its standing events, as of an instant."""
    named = [
        (each.data["policy"], int(each.data["policy_version"])) for each in events if each.data.get("policy_version")
    ]
    return clocks(events, service_levels.policies(tx, named), now or tx.now)


def figures(tx: Tx, events: Sequence[Event], row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a ticket that follow from its clocks: the earliest due and its kind, breaches, and the next
    instant something is to be looked at (a share of a clock used up, a wake date)."""
    found = of_events(tx, events)
    first = headline(found)
    return {
        "due_at": first.due if first is not None else None,
        "due_kind": first.kind if first is not None else "",
        "breaches": sum(1 for each in found if each.breached_at is not None),
        "next_at": _next(tx, found, row),
    }


def _next(tx: Tx, found: Sequence[Clock], row: Mapping[str, Any]) -> datetime | None:
    """What the tick has not looked at yet stays to be looked at, even when it has come."""
    waiting: datetime | None = row.get("next_at")
    coming = [
        at for each in found if each.state == "running" for at in thresholds(each, PERCENTS) if at and at > tx.now
    ]
    if row.get("wake_at") is not None:
        coming.append(row["wake_at"])
    if waiting is not None and waiting <= tx.now and row["base"] in {"work", "wait"}:
        return waiting
    return min(coming, default=None)
