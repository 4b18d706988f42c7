"""Undo where no call is on the line: in the queue, on a callback, at handover the actor's own newest act there."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select

from csdesk.models import Command, table
from csdesk.services import approving, audit, undo
from csdesk.services.tx import Tx, writes

COMMAND = table(Command)
LOOKED_BACK = 50
HERE = frozenset({"uncallback-step", "unaccept", "unpack", "unend"})
DECIDING = frozenset({*approving.TAKEN_BACK, "changing.edit"})


@dataclass(frozen=True)
class Back:
    """What was taken back, in one sentence; `request_id` where that was a decision on a request."""

    words: str
    request_id: int | None = None


@writes("customer.read")
def newest(tx: Tx) -> Back:
    """Takes back, within its hold, what the actor did last to a callback or at handover, or decided last: the newer of
    them, and nothing older in its place. Raises Refused when there is nothing, or its hold is over, saying what to do
    instead; Conflict when somebody built on it since; as `approving.take_back` for a decision."""
    mine = (COMMAND.c.company == tx.company, COMMAND.c.staff_id == tx.actor.id, COMMAND.c.call_id.is_(None))
    rows = tx.rows(
        select(COMMAND).where(*mine, COMMAND.c.undone_at.is_(None)).order_by(COMMAND.c.id.desc()).limit(LOOKED_BACK)
    )
    for row in rows:
        if row.verb in DECIDING:
            break
        if json.loads(row.undo)["do"] in HERE:
            words = undo.take(tx, None, row)
            audit.record(tx, "undo_own.newest", "command", row.id, {"verb": row.verb, "words": row.words},
                         {"undone": words})  # fmt: skip
            return Back(f"Undone: {words}.")
    decided = approving.take_back(tx)
    audit.record(tx, "undo_own.newest", "request", decided.id, None, {"state": decided.state})
    return Back(decided.words, decided.id)
