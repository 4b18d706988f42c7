"""A ticket's clocks from its events, and what its row keeps of them for lists and the tick. Internal to services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from csdesk.rules import escalation
from csdesk.rules.clock import Calendar
from csdesk.rules.escalation import Called, Limits
from csdesk.rules.ticket_clocks import choices, clocks, headline
from csdesk.rules.ticket_lives import Clock
from csdesk.rules.ticket_policy import Policy
from csdesk.rules.ticket_states import Event
from csdesk.services import service_levels, service_settings
from csdesk.services.tx import Tx

_BACK = frozenset({"resumed", "reopened", "unmerged", "unmerged_out"})


def of_events(tx: Tx, events: Sequence[Event], now: datetime | None = None) -> tuple[Clock, ...]:
    """The clocks of a ticket from its standing events, as of an instant."""
    return clocks(events, _policies(tx, events), now or tx.now)


def choices_of(tx: Tx, events: Sequence[Event]) -> list[list[Any]]:
    """What a ticket's targets are looked up by now, as an event tells it: policy, version, priority."""
    return [[each.policy, each.version, each.priority] for each in choices(events, _policies(tx, events), tx.now)]


def _policies(tx: Tx, events: Sequence[Event]) -> dict[tuple[str, int], Policy]:
    """The policies that events name."""
    named = [
        (each.data["policy"], int(each.data["policy_version"])) for each in events if each.data.get("policy_version")
    ]
    named += [(code, int(version)) for each in events for code, version, _ in each.data.get("choices", ())]
    return service_levels.policies(tx, named)


def calendar_of(tx: Tx, row: Mapping[str, Any]) -> Calendar:
    """The calendar a ticket goes by now."""
    of = (row["policy"], int(row["policy_version"]))
    return service_levels.policies(tx, [of])[of].calendar


def called(tx: Tx, events: Sequence[Event], found: Sequence[Clock], row: Mapping[str, Any]) -> list[Called]:
    """The escalations a ticket's clocks and events call for, ahead of now too; of one that is done what the customer
    says of it still counts, of a void one nothing."""
    if row["base"] == "void":
        return []
    limits = Limits(
        service_settings.whole(tx, "escalate-score"),
        service_settings.amount(tx, "escalate-value", row["currency"]),
        service_settings.target(tx, "escalate-silence"),
    )
    happened = escalation.of_events(events, limits)
    if row["base"] == "done":
        return [*escalation.of_clocks(found), *(each for each in happened if each.rule == "survey")]
    silence = escalation.of_silence(events, row["wake_at"], calendar_of(tx, row), limits)
    return [*escalation.of_clocks(found), *happened, *silence]


def figures(tx: Tx, events: Sequence[Event], row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a ticket that follow from its clocks: the earliest due and its kind, breaches, and the next
    instant something is to be looked at (an escalation called for, a wake date)."""
    found = of_events(tx, events)
    first = headline(found)
    return {
        "due_at": first.due if first is not None else None,
        "due_kind": first.kind if first is not None else "",
        "breaches": sum(1 for each in found if each.breached_at is not None),
        "next_at": _next(tx, events, called(tx, events, found, row), row),
    }


def _next(tx: Tx, events: Sequence[Event], calls: Sequence[Called], row: Mapping[str, Any]) -> datetime | None:
    """An instant that stands is never put off: what waits there (a call nobody was on shift for, what the tick has not
    looked at yet) is not among what is ahead. An event that may bring back what was withdrawn is looked at now."""
    if row["base"] == "void":
        return None
    told = any(each.at <= tx.now for each in calls) or any(each.event == "escalated" for each in events)
    at = tx.now if told and _brings_back(events, row) else ahead(calls, row, tx.now)
    return min((each for each in (row.get("next_at"), at) if each is not None), default=None)


def _brings_back(events: Sequence[Event], row: Mapping[str, Any]) -> bool:
    """Whether by the last event clocks may run again whose escalations were withdrawn; one that took others back is
    not among those that stand."""
    last = events[-1]
    inside = last.event == "waiting" and last.data["party"] == "internal"
    return last.event in _BACK or inside or last.seq != row["version"]


def ahead(calls: Sequence[Called], row: Mapping[str, Any], now: datetime, after: bool = False) -> datetime | None:
    """The next instant from now on (`after`: after now) at which something is to be looked at; None: nothing is."""
    coming = [each.at for each in calls if each.at > now or (each.at == now and not after)]
    if row.get("wake_at") is not None and row["base"] == "wait":
        coming.append(row["wake_at"])
    return min(coming, default=None)
