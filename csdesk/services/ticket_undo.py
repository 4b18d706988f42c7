"""The actor's own newest step on a ticket taken back within its hold, where no call was on the line.

Only the newest: where that cannot be taken back it is named, and no older step goes in its place.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Refused
from csdesk.models import Command, table
from csdesk.rules.ticket_replay import standing
from csdesk.services import audit, seeing, ticket_log, undo
from csdesk.services.ticket_steps import Stepped
from csdesk.services.tx import Tx, writes

COMMAND = table(Command)
LOOKED_BACK = 200  # of the actor's latest commands; what is older has long passed its hold


@writes("customer.read")
def take_back(tx: Tx, ticket_id: int) -> Stepped:
    """Takes the actor's newest step on a ticket back, whatever it was, within its hold: a merge also from the ticket
    that goes on, an answer that took the ticket out of his sight too.

    Raises NotFound for a ticket he may not see and took no step on within its hold, Refused when his newest act on it
    is none that can be taken back (any more), naming it; Conflict when somebody built on it since.
    """
    mine = _commands(tx)
    found = next((each for each in mine if each.undone_at is None and ticket_id in _touched(each)), None)
    if found is None or tx.now > found.hold_until:
        row = seeing.one(tx, ticket_id)
    if found is None:
        raise Refused(f"There is no step of yours on ticket {row.number} that can be taken back any more.")
    return _taken(tx, found, ticket_id, mine)


@writes("customer.read")
def latest(tx: Tx) -> Stepped:
    """Takes the actor's newest step on any ticket back, as `take_back`: where the step took the ticket out of his
    sight, there is none to show. Raises Refused where there is none."""
    mine = _commands(tx)
    found = next((each for each in mine if each.undone_at is None and _touched(each)), None)
    if found is None:
        raise Refused("There is no step of yours on a ticket that can be taken back any more.")
    return _taken(tx, found, json.loads(found.undo)["ticket"], mine)


def _commands(tx: Tx) -> Sequence[Row[Any]]:
    """The actor's latest commands, the newest first, those he took back too."""
    mine = select(COMMAND).where(COMMAND.c.company == tx.company, COMMAND.c.staff_id == tx.actor.id)
    return tx.rows(mine.order_by(COMMAND.c.id.desc()).limit(LOOKED_BACK))


def _touched(command: Row[Any]) -> tuple[int, ...]:
    """The tickets a command was done on: both of a merge, and the one that was opened with it."""
    payload = json.loads(command.undo)
    if "ticket" not in payload:
        return ()
    opened = (args[0] for name, *args in payload.get("effects", ()) if name == "follow-up")
    return (payload["ticket"], *(each for each, _ in payload.get("others", ())), *opened)


def _taken(tx: Tx, found: Row[Any], ticket_id: int, mine: Sequence[Row[Any]]) -> Stepped:
    row = ticket_log.get(tx, ticket_id)
    back = {at for each in mine if each.undone_at is not None for at in (each.at, each.undone_at)}
    for event in reversed(standing(ticket_log.events(tx, row.id))):
        if event.by == tx.actor.id and event.at > found.at and event.at not in back:
            raise Refused(
                f"Your newest act on ticket {row.number} ({event.event.replace('_', ' ')}) is none that u takes back; "
                "do the opposite instead."
            )
    words = undo.take(tx, None, found)
    audit.record(tx, "ticket_undo.take_back", "ticket", row.id, {"words": found.words}, {"undone": words})
    return Stepped(json.loads(found.undo)["ticket"], f"Undone: {words}.")
