"""Tickets for tests of the queue: opened as the events say, by nobody's call, so that a test may choose everything."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from csdesk.models import ServiceQueue, StaffQueue
from csdesk.services import ticket_log, tickets
from csdesk.services.tx import SYSTEM, Tx
from tests.services.conftest import Desk

FIXED = {"contact": "", "channel": "phone", "currency": "USD", "source": "desk"}


def ticket(desk: Desk, subject: str = "a question", *, at: datetime | None = None, **said: Any) -> int:
    """A ticket that was opened at an instant (now unless given); gives its id."""
    with desk.store.engine.execution_options(desk_write=True).begin() as connection:
        return opened(Tx(connection, 1, SYSTEM, at or desk.clock()), subject, **said)


def opened(
    tx: Tx, subject: str, *, owner: int | None = None, queue: str = "desk", customer: int = 1, tier: str = "",
    currency: str = "USD", **said: Any,
) -> int:  # fmt: skip
    """A ticket in an open transaction, at its instant."""
    first = {**tickets.opening(tx, "query", subject, "", ""), "queue": queue, "owner_id": owner, **said}
    fixed = {**FIXED, "customer_id": customer, "tier": tier, "currency": currency}
    return int(ticket_log.begin(tx, fixed, [("opened", first)]).id)


def second_queue(desk: Desk, code: str = "south") -> None:
    """Another queue, that nobody of the small desk works: those work theirs by name from now on."""
    desk.put(ServiceQueue, {"code": code, "name": code.title(), "policy": "standard", "team": "South"})


def works(desk: Desk, login: str, *queues: str) -> None:
    """Names the queues somebody works."""
    staff = desk.seeded.staff[login]
    desk.put(StaffQueue, *({"staff_id": staff, "queue": queue} for queue in queues))
