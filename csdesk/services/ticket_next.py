"""Taking what is next: the highest ranked unassigned ticket of one's queues goes to one person, whoever asks at once.

On Postgres candidates that others are taking are stepped over (SKIP LOCKED), on SQLite writes come one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import TicketSkip, table
from csdesk.services import audit, memory, queue_tickets, seeing, ticket_log
from csdesk.services.queue_entries import Hours
from csdesk.services.tx import Tx, reads, writes

SKIP = table(TicketSkip)
LONGEST = 200


@dataclass(frozen=True)
class Taken:
    """What was done, in one sentence; `id` is the ticket that is one's own now, None when nothing was left to take."""

    id: int | None
    words: str


@writes("ticket.work")
def next_(tx: Tx, call_id: int | None = None) -> Taken:
    """Takes the unassigned ticket of the actor's queues that stands first in the order of `rules.ranking`.

    Those he let pass in the last 30 minutes are left out. Raises NotFound when there is none, Refused for the system.
    """
    _person(tx)
    taken = _take(tx, call_id)
    if taken is None:
        raise NotFound("No unassigned ticket waits in your queues; q shows what is yours.")
    return taken


@reads("ticket.work")
def next_words(tx: Tx) -> str:
    """What `next_` would take, as long as nobody else does. Raises NotFound when there is none."""
    hours = Hours(tx, tx.now)
    found = queue_tickets.first_free(tx, hours, lock=False)
    if found is None:
        raise NotFound("No unassigned ticket waits in your queues; q shows what is yours.")
    entry = hours.told(queue_tickets.of_ids(tx, [found])[0])
    return f"takes what is next: ticket {entry.number}, {entry.customer}: {entry.words} ({entry.reason})"


@writes("ticket.work")
def skip(tx: Tx, ticket_id: int, why: str, call_id: int | None = None) -> Taken:
    """Lets a ticket pass, with the reason its lead reads, and takes the next one; it is nobody's afterwards and not
    offered to the actor for 30 minutes.

    Raises Invalid without a reason, Refused for one that somebody else has or that is done, NotFound for one the actor
    may not see.
    """
    _person(tx)
    row = seeing.working(tx, ticket_id)
    _may_pass(tx, row, why)
    text, owner, first = why.strip()[:LONGEST], row.owner_id, row.version + 1
    if owner is not None:
        row = ticket_log.append(tx, row, "released")
    row = ticket_log.append(tx, row, "skipped", {"why": text})
    tx.do(insert(SKIP), {
        "company": tx.company, "id": new_id(), "ticket_id": row.id, "staff_id": tx.actor.id, "why": text, "at": tx.now,
    })  # fmt: skip
    words = f"Ticket {row.number} let pass ({text})."
    memory.remember(tx, call_id, "ticket_next.skip", words, _undo(row.id, [*range(first, row.version + 1)]))
    audit.record(tx, "ticket_next.skip", "ticket", row.id, {"owner": owner}, {"owner": None, "why": text})
    taken = _take(tx, call_id)
    if taken is None:
        return Taken(None, f"{words} Nothing else waits unassigned.")
    return Taken(taken.id, f"{words} {taken.words}")


def _may_pass(tx: Tx, row: Row[Any], why: str) -> None:
    if not why.strip():
        raise Invalid("Say why: n and the reason, then Enter; the lead reads it.", field="reason")
    if row.owner_id not in (None, tx.actor.id):
        raise Refused(f"Ticket {row.number} is somebody else's; only one's own or nobody's is let pass.")
    if row.base not in ("work", "wait"):
        raise Refused(f"Ticket {row.number} is {row.state}; there is nothing to let pass.")


@reads("ticket.work")
def skip_words(tx: Tx, ticket_id: int, why: str) -> str:
    """What `skip` would do. Raises like the act, but for what others hold at this moment."""
    row = seeing.one(tx, ticket_id)
    _may_pass(tx, row, why)
    return f"lets ticket {row.number} pass, nobody's again; the lead reads: {why.strip()}; then takes the next one"


def _undo(ticket_id: int, seqs: list[int]) -> dict[str, object]:
    return {"do": "unticket-step", "ticket": ticket_id, "seqs": seqs, "effects": []}


def _person(tx: Tx) -> None:
    if tx.actor.id == 0:
        raise Refused("A ticket is taken by a person; sign in.")


def _take(tx: Tx, call_id: int | None) -> Taken | None:
    hours = Hours(tx, tx.now)
    found = queue_tickets.first_free(tx, hours)
    if found is None:
        return None
    reason = hours.told(queue_tickets.of_ids(tx, [found])[0]).reason
    row = ticket_log.append(tx, ticket_log.get(tx, found, lock=True), "claimed", {"owner": tx.actor.id})
    words = f"Ticket {row.number} is yours: {reason}."
    memory.remember(tx, call_id, "ticket_next.next_", words, _undo(row.id, [row.version]))
    audit.record(tx, "ticket_next.next_", "ticket", row.id, {"owner": None}, {"owner": tx.actor.id})
    return Taken(row.id, words)
