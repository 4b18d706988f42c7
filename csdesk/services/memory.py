"""The rep's commands with how to take them back, and side effects that wait until the hold has passed. Internal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from csdesk.ids import new_id
from csdesk.models import Call, Command, Outbox, table
from csdesk.services.audit import dump
from csdesk.services.tx import Tx

COMMAND, OUTBOX, CALL = table(Command), table(Outbox), table(Call)
_NEW_COMMAND, _NEW_OUTBOX = insert(COMMAND), insert(OUTBOX)
_LAST = (
    select(COMMAND)
    .where(COMMAND.c.company == bindparam("c"), COMMAND.c.call_id == bindparam("call"), COMMAND.c.undone_at.is_(None))
    .order_by(COMMAND.c.id.desc())
    .limit(1)
)
_TAKEN = (
    update(CALL)
    .where(CALL.c.company == bindparam("c"), CALL.c.id == bindparam("i"), CALL.c.prompt != "")
    .values(prompt="")
)
_WITHDRAW = (
    update(OUTBOX)
    .where(
        OUTBOX.c.company == bindparam("c"),
        OUTBOX.c.dedupe == bindparam("d"),
        OUTBOX.c.sent_at.is_(None),
        OUTBOX.c.withdrawn_at.is_(None),
        OUTBOX.c.claimed_at.is_(None),  # whoever claimed it may be sending it at this moment
        OUTBOX.c.attempts == 0,
    )
    .values(withdrawn_at=bindparam("n"))
)


def last(tx: Tx, call_id: int) -> Row[Any] | None:
    """The latest command of a call that was not taken back."""
    return tx.row(_LAST, {"c": tx.company, "call": call_id})


def remember(
    tx: Tx, call_id: int | None, verb: str, words: str, undo: Mapping[str, Any], hold_seconds: int = 60
) -> None:
    """Stores a command and how to undo it within its hold.

    The text that said it is stored half-typed with the call; it goes in the same transaction, or it would be there
    again beside its effect after a crash.
    """
    if call_id is not None:
        tx.do(_TAKEN, {"c": tx.company, "i": call_id})
    tx.do(
        _NEW_COMMAND,
        {
            "company": tx.company,
            "id": new_id(),
            "call_id": call_id,
            "staff_id": tx.actor.id,
            "verb": verb,
            "words": words[:500],
            "at": tx.now,
            "hold_until": tx.now + timedelta(seconds=hold_seconds),
            "undo": json.dumps(undo),
        },
    )


def post(tx: Tx, kind: str, dedupe: str, payload: Mapping[str, Any], hold_seconds: int) -> None:
    """Puts a side effect into the outbox; it may leave once the hold has passed."""
    tx.do(
        _NEW_OUTBOX,
        {
            "company": tx.company,
            "id": new_id(),
            "kind": kind,
            "dedupe": dedupe,
            "payload": dump(payload),
            "due_at": tx.now + timedelta(seconds=hold_seconds),
        },
    )


def withdraw(tx: Tx, dedupe: str) -> bool:
    """Takes a side effect back; False when it has left already."""
    return tx.do(_WITHDRAW, {"c": tx.company, "d": dedupe, "n": tx.now}).rowcount == 1
