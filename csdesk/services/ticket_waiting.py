"""Tickets that wait, for whom and until when; and how they go on: resumed, or opened again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from csdesk.errors import Invalid, Refused
from csdesk.rules.clock import local_midnight, next_open
from csdesk.rules.delivery import day_words, soon
from csdesk.services import customers, service_levels
from csdesk.services.ticket_steps import Plan, Stepped, foreseen, step, wanted
from csdesk.services.tx import Tx, reads, writes

PARTIES = {"c": "customer", "i": "internal", "t": "third"}
NAMES = {"customer": "the customer", "internal": "somebody inside", "third": "a third party"}
WHO = re.compile(r"(?P<who>[^:]{1,60}):\s+(?P<rest>\S.*)", re.DOTALL)  # "who: question"


def wake_at(tx: Tx, row: Row[Any], day: str, clock: str = "") -> datetime:
    """When a ticket comes back: on a day typed as 12, +3, fri, 24/12, at a time of day there, else when the desk opens.

    Raises Invalid for what is no day or time to come, and for a day too far ahead to be meant.
    """
    zone = ZoneInfo(customers.timezone_of(tx, row.customer_id) if row.customer_id else customers.company_zone(tx))
    found = soon(day, tx.now.astimezone(zone).date())
    if clock:
        hour, _, minute = clock.partition(":")
        if int(hour) > 23 or int(minute or 0) > 59:
            raise Invalid(f"'{clock}' is no time of day; 14:30 is wanted.", field="clock")
        at = datetime.combine(found, time(int(hour), int(minute or 0)), zone).astimezone(UTC)
    else:
        key = (row.policy, row.policy_version)
        calendar = service_levels.policies(tx, [key])[key].calendar
        at = next_open(calendar, local_midnight(calendar, found))
    if at <= tx.now:
        raise Invalid("It comes back later than now: a day to come, or a time of today (+0 16:30).", field="day")
    return at


def wait_plan(tx: Tx, row: Row[Any], party: str, day: str, clock: str, text: str) -> Plan:
    """A wait for a party until a day, with its question. Internal, also part of a macro."""
    whom = PARTIES.get(party)
    if whom is None:
        raise Invalid("A ticket waits for c the customer, i somebody inside, t a third party.", field="party")
    said = wanted(text, f"What was asked? w{party}{day} and the question; a wait without one is never ended.")
    named = WHO.fullmatch(said)
    who, question = (named["who"].strip(), named["rest"]) if named else ("", said)
    if whom == "third" and not who:
        raise Invalid(f"Whom does it wait for? wt{day} carrier: and the question.", field="text")
    at = wake_at(tx, row, day, clock)
    zone = ZoneInfo(customers.timezone_of(tx, row.customer_id) if row.customer_id else customers.company_zone(tx))
    data = {"party": whom, "who": who[:200], "question": question[:500], "wake": at.isoformat()}
    local = at.astimezone(zone)
    until = f"{day_words(local, tx.now.astimezone(zone))} {local:%H:%M}"
    stops = "" if whom == "internal" else "; reply and solution clocks pause"
    words = f"waits for {who or NAMES[whom]} until {until}: {question}{stops}"
    return Plan(words, (("waiting", data),), told=data)


@reads("ticket.work")
def wait_preview(tx: Tx, ticket_id: int, party: str, day: str, clock: str, text: str) -> str:
    """What a ticket would wait for. Raises like the act."""
    return foreseen(tx, ticket_id, lambda tx, row: wait_plan(tx, row, party, day, clock, text))


@writes("ticket.work")
def wait(
    tx: Tx, ticket_id: int, party: str, day: str, clock: str, text: str, call_id: int | None = None
) -> Stepped:  # fmt: skip
    """Lets a ticket wait for the customer (c), somebody inside (i) or a third party (t) until a day, with the question
    that was asked; "who: question" names whom, which a third party must be.

    Raises Invalid without a question or a day to come within `delivery.SOON_DAYS`, Refused where its state does not
    allow it.
    """
    return step(
        tx, "ticket_waiting.wait", ticket_id, lambda tx, row: wait_plan(tx, row, party, day, clock, text), call_id
    )


def go_on_plan(tx: Tx, row: Row[Any], why: str) -> Plan:
    """The end of a wait, or the ticket opened again. Internal, also part of a macro."""
    plain = why.strip()
    if row.base == "wait":
        return Plan(f"goes on{f': {plain}' if plain else ''}", (("resumed", {"by": plain or tx.actor.name}),))
    if row.base == "done":
        plain = wanted(why, f"Ticket {row.number} is {row.state}; why is it opened again? e and the words.")
        return Plan(f"is open again: {plain}", (("reopened", {"by": plain}),), told={"why": plain})
    raise Refused(f"Ticket {row.number} is {row.state}; it neither waits nor is it resolved.")


@reads("ticket.work")
def go_on_preview(tx: Tx, ticket_id: int, why: str = "") -> str:
    """How a ticket would go on. Raises like the act."""
    return foreseen(tx, ticket_id, lambda tx, row: go_on_plan(tx, row, why))


@writes("ticket.work")
def go_on(tx: Tx, ticket_id: int, why: str = "", call_id: int | None = None) -> Stepped:
    """Ends the wait of a ticket, or opens one again that was resolved or closed, then with a reason. Raises Refused for
    one that does neither."""
    return step(tx, "ticket_waiting.go_on", ticket_id, lambda tx, row: go_on_plan(tx, row, why), call_id)
