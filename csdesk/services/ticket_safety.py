"""A word of safety that is said once a ticket is there: it becomes what it had been if it were said when it was opened.

Internal to services: part of the plan of whatever step brings the words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from csdesk.models import ServiceQueue, TicketCategory, table
from csdesk.rules.ticket_priority import HIGH, priority, speaks_of_safety
from csdesk.services import service_levels
from csdesk.services.tickets import SAFETY
from csdesk.services.tx import Tx

CATEGORY, QUEUE = table(TicketCategory), table(ServiceQueue)
Events = tuple[tuple[str, dict[str, Any]], ...]


@dataclass(frozen=True)
class Heard:
    """What a word of safety brings: events, and the words for it; nothing when none was said."""

    events: Events = ()
    words: str = ""


def heard(tx: Tx, row: Row[Any], text: str, reopened: bool = False) -> Heard:
    """What a text brings that somebody says of a ticket: the first word of safety makes it a matter of safety, of the
    highest priority; a ticket that is done is open again (`reopened`: the step does that itself). Nothing when it is
    one already, or void."""
    if row.safety or row.base == "void":
        return Heard()
    known = select(CATEGORY.c.words).where(CATEGORY.c.company == tx.company, CATEGORY.c.code == SAFETY)
    word = speaks_of_safety(text, str(tx.value(known) or "").split())
    if not word:
        return Heard()
    events: list[tuple[str, dict[str, Any]]] = []
    if row.base == "done" and not reopened:
        events.append(("reopened", {"by": "a word of safety"}))
    events.append(("safety", {"safety": True, "word": word}))
    first = priority(HIGH, HIGH)
    if row.priority > first:
        policy, version = service_levels.current(tx, _policy(tx, row))
        events.append(("priority", {"impact": HIGH, "urgency": HIGH, "priority": first, "why": "a word of safety",
                                    "policy": policy, "policy_version": version}))  # fmt: skip
    return Heard(tuple(events), f"; a matter of SAFETY now ({word})")


def _policy(tx: Tx, row: Row[Any]) -> str:
    mine = select(QUEUE.c.policy).where(QUEUE.c.company == tx.company, QUEUE.c.code == row.queue)
    return str(tx.value(mine) or row.policy)
