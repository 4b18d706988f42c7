"""Steps on callbacks taken back within their hold: the callback as it was before, its tickets too;
what was tried stays, and that it was taken back. Internal to services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, update

from csdesk.errors import Conflict, Refused
from csdesk.ids import new_id
from csdesk.models import CallbackAttempt, table
from csdesk.services import callback_rows, callback_tickets, collecting, customers, memory, ticket_log, ticket_steps
from csdesk.services.tx import Tx

CALLBACK, ATTEMPT = callback_rows.CALLBACK, table(CallbackAttempt)
INSTANTS = ("due_at", "until_at", "done_at")
KEPT = ("state", "moved_ours", "owner_id")
NOTED = frozenset({"callbacks.attempt", "callbacks.cancel"})  # these stand in the contact log


def before(tx: Tx, row: Row[Any]) -> dict[int, int]:
    """The versions of a callback's tickets before a step, all locked."""
    return callback_tickets.versions(tx, row.ticket_id)


def remember(
    tx: Tx, verb: str, words: str, row: Row[Any], was: Mapping[int, int], *, tried: str = "", call_id: int | None = None
) -> None:  # fmt: skip
    """Stores a step that was done to a callback (`row` as it was before) and to its tickets (whose versions `was` has);
    `tried` is the outcome that voids the attempt it came with."""
    now = callback_tickets.versions(tx, row.ticket_id)
    seqs = [[each, list(range(was[each] + 1, now[each] + 1))] for each in now if now[each] > was[each]]
    undo: dict[str, Any] = {
        "do": "uncallback-step", "callback": row.id, "version": row.version + 1, "tried": tried,
        "noted": words if verb in NOTED else "",
        "before": {**{name: getattr(row, name) for name in KEPT},
                   **{name: value and value.isoformat() for name in INSTANTS for value in [getattr(row, name)]}},
    }  # fmt: skip
    if seqs:
        (ticket, own), *others = seqs
        undo |= {"ticket": ticket, "seqs": own, "others": others}
    memory.remember(tx, call_id, verb, words, undo, ticket_steps.hold_seconds(tx))


def undone(tx: Tx, payload: Mapping[str, Any]) -> str:
    """Takes a step back as it was remembered; gives words. Raises Conflict when the callback was changed since, or what
    came later on its ticket rests on the step."""
    row = callback_rows.get(tx, payload["callback"], lock=True)
    if row.version != payload["version"]:
        raise Conflict(f"The callback to {row.code} was changed since; show it and take the opposite step.")
    values = {name: payload["before"][name] for name in KEPT}
    values |= {name: text and datetime.fromisoformat(text) for name in INSTANTS for text in [payload["before"][name]]}
    mine = update(CALLBACK).where(CALLBACK.c.company == tx.company, CALLBACK.c.id == row.id)
    tx.do(mine.values(version=CALLBACK.c.version + 1, **values))
    if payload["tried"]:
        tx.do(insert(ATTEMPT), {
            "company": tx.company, "id": new_id(), "callback_id": row.id, "outcome": payload["tried"], "note": "",
            "at": tx.now, "by": tx.actor.id,
        })  # fmt: skip
    if payload["noted"]:
        account = customers.trading(tx, row.customer_id).account.id
        collecting.note(tx, account, "note", f"Taken back: {payload['noted']}", "callback", row.id)
    _tickets(tx, payload)
    return f"the callback to {row.code} about {row.about} is as it was before"


def _tickets(tx: Tx, payload: Mapping[str, Any]) -> None:
    """The events of the step count no more, on the callback's ticket and on those it was merged into."""
    if "ticket" not in payload:
        return
    for ticket, seqs in ((payload["ticket"], payload["seqs"]), *payload["others"]):
        row = ticket_log.get(tx, ticket, lock=True)
        try:
            ticket_log.undo(tx, row, seqs)
        except Refused:
            raise Conflict(f"Ticket {row.number} went on since; what came later rests on this step.") from None
