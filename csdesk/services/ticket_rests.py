"""What rests on a step of a ticket by now: who takes it back takes nothing of what others did since. Internal to
services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Conflict
from csdesk.models import Staff, TicketLine, table
from csdesk.rules.ticket_replay import standing
from csdesk.rules.ticket_states import Event
from csdesk.services import ticket_log
from csdesk.services.tx import SYSTEM, Tx

LINE, STAFF = table(TicketLine), table(Staff)
# What became of a line, as the steps on it leave it.
COLUMNS = ("claimed", "upheld", "remedy", "request_id", "dispute_id", "replacement_request_id", "replacement_id")
# Events of others that rest on nothing: what they keep inside, and what follows from clocks and from decisions that are
# taken on other pages.
QUIET = frozenset({"note", "escalated", "policy", "cutoff", "approval_asked", "approval_decided", "approval_withdrawn"})
# A step of words alone moves nothing, and mail that waits should be stopped as long as it can be: what others did rests
# on it only where they ended the ticket on it, or wait for what comes of it.
WORDS = frozenset({"outbound", "acknowledged", "note"})
RELIED = frozenset({"told", "resolved", "closed", "waiting"})


def alone(tx: Tx, row: Row[Any], seqs: Sequence[int], instead: str = "ask them, or take the opposite step") -> None:
    """Raises Conflict where somebody else acted on a ticket after the events `seqs` of a step, naming who and what;
    `instead` says what is left to do."""
    events = ticket_log.events(tx, row.id)
    step = [each for each in events if each.seq in seqs]
    if found := next((each for each in standing(events) if _rests(each, step)), None):
        name = tx.value(select(STAFF.c.name).where(STAFF.c.company == tx.company, STAFF.c.id == found.by))
        act = found.event.replace("_", " ")
        raise Conflict(f"Ticket {row.number} went on since: {name or 'somebody else'} ({act}); {instead}.")


def _rests(each: Event, step: Sequence[Event]) -> bool:
    """Whether an event is an act of somebody else that came after a step and may rest on it."""
    if not step or each.seq <= step[-1].seq or each.by in (step[-1].by, SYSTEM.id) or each.event in QUIET:
        return False
    return each.event in RELIED or not all(one.event in WORDS for one in step)


def line_of(tx: Tx, ticket_id: int, number: int) -> Row[Any] | None:
    """A line of a ticket as it is now; None when it is gone."""
    return tx.row(
        select(LINE).where(LINE.c.company == tx.company, LINE.c.ticket_id == ticket_id, LINE.c.line == number)
    )


def left(line: Row[Any]) -> dict[str, Any]:
    """What became of a line, to be remembered with a step: before it to set that back, after it to know that nobody
    went on with it."""
    return {name: getattr(line, name) for name in COLUMNS}


def unchanged(tx: Tx, row: Row[Any], number: int, after: Mapping[str, Any]) -> None:
    """Raises Conflict unless a line is as a step left it."""
    line = line_of(tx, row.id, number)
    if line is None or left(line) != after:
        raise Conflict(
            f"What becomes of line {number} of ticket {row.number} was changed since; look at it again, then withdraw "
            "what is to go."
        )
