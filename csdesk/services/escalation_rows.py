"""Escalations as they are stored. Internal to services; whoever writes holds the ticket locked and audits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select, update

from csdesk.errors import NotFound
from csdesk.ids import new_id
from csdesk.models import Callback, Escalation, Ticket, table
from csdesk.rules import escalation as rule
from csdesk.rules.clock import due
from csdesk.rules.escalation import HEAD, LIVE, TOLD_ONLY, Called, Standing
from csdesk.services import clocking, service_settings
from csdesk.services.tx import Tx

ESCALATION, TICKET, CALLBACK = table(Escalation), table(Ticket), table(Callback)
TAKEN_BACK = "taken back"  # the outcome of one by hand that was undone
TIMES = {rule.OWNER: "escalate-owner", rule.LEAD: "escalate-lead", rule.SUPERVISOR: "escalate-supervisor"}


def get(tx: Tx, escalation_id: int) -> Row[Any]:
    """An escalation. Raises NotFound."""
    mine = select(ESCALATION).where(ESCALATION.c.company == tx.company, ESCALATION.c.id == escalation_id)
    row = tx.row(mine)
    if row is None:
        raise NotFound("This escalation is not there; q shows those that wait.")
    return row


def locked(tx: Tx, ticket_id: int, wait: bool = False) -> Row[Any] | None:
    """The ticket, held until the commit; None when somebody else holds it (he, or the next tick, does what is due).

    `wait`: waits for it instead.
    """
    statement = select(TICKET).where(TICKET.c.company == tx.company, TICKET.c.id == ticket_id)
    return tx.row(statement.with_for_update(skip_locked=not wait) if tx.postgres else statement)


def of_ticket(tx: Tx, ticket_id: int) -> Sequence[Row[Any]]:
    """The escalations of a ticket in the order they were raised."""
    mine = select(ESCALATION).where(ESCALATION.c.company == tx.company, ESCALATION.c.ticket_id == ticket_id)
    return tx.rows(mine.order_by(ESCALATION.c.raised_at, ESCALATION.c.level, ESCALATION.c.id))


def standing(rows: Iterable[Row[Any]]) -> list[Standing]:
    """Rows as the rules see them."""
    return [Standing(row.id, row.rule, row.level, row.epoch, row.state, row.next_at) for row in rows]


def put(
    tx: Tx, row: Row[Any], call: Called, state: str, to: int | None = None, outcome: str = "", seq: int = 0
) -> int:  # fmt: skip
    """Stores an escalation; one that was raised goes up when its level's time is over, in open time from now."""
    made, ended = new_id(), state not in LIVE
    tx.do(insert(ESCALATION), {
        "company": tx.company, "id": made, "ticket_id": row.id, "rule": call.rule, "level": call.level,
        "epoch": call.epoch[:40], "state": state, "to_staff": to, "why": call.why[:300], "due_at": call.at,
        "raised_at": tx.now, "raised_by": tx.actor.id, "next_step": "",
        "next_at": None if ended else goes_up(tx, row, call), "ended_at": tx.now if ended else None,
        "outcome": outcome[:300], "seq": seq, "version": 1,
    })  # fmt: skip
    return made


def again(tx: Tx, row: Row[Any], each: Row[Any], call: Called, to: int | None) -> int:
    """Raises one anew that had ended, as if it had not been told yet."""
    change(tx, each.id, state=rule.after(each.state, "again"), to_staff=to, why=call.why[:300], due_at=call.at,
           raised_at=tx.now, raised_by=tx.actor.id, acknowledged_at=None, next_step="",
           next_at=goes_up(tx, row, call), ended_at=None, outcome="")  # fmt: skip
    return int(each.id)


def goes_up(tx: Tx, row: Row[Any], call: Called) -> datetime | None:
    """When an escalation raised now goes up; None for the head's, and for what the owner is only told."""
    if call.level >= HEAD or call.rule in TOLD_ONLY:
        return None
    return due(clocking.calendar_of(tx, row._asdict()), tx.now, service_settings.span(tx, TIMES[call.level]))


def change(tx: Tx, escalation_id: int, **values: Any) -> None:
    """Changes an escalation whose ticket is held locked."""
    mine = update(ESCALATION).where(ESCALATION.c.company == tx.company, ESCALATION.c.id == escalation_id)
    tx.do(mine.values(version=ESCALATION.c.version + 1, **values))


def end(tx: Tx, each: Row[Any] | Standing, step: str, outcome: str) -> None:
    """Ends an escalation by a step of the rules."""
    change(tx, each.id, state=rule.after(each.state, step), ended_at=tx.now, next_at=None, outcome=outcome[:300])


def seen(tx: Tx, ticket_id: int, seq: int) -> None:
    """Notes with which event of the ticket its live escalations were looked at last."""
    mine = (ESCALATION.c.company == tx.company, ESCALATION.c.ticket_id == ticket_id, ESCALATION.c.state.in_(LIVE))
    tx.do(update(ESCALATION).where(*mine, ESCALATION.c.seq != seq).values(seq=seq))


def listed(tx: Tx, *where: ColumnElement[bool], limit: int = 500) -> Sequence[Row[Any]]:
    """Live escalations with their ticket's version, oldest first."""
    ticket = (TICKET.c.company == ESCALATION.c.company) & (TICKET.c.id == ESCALATION.c.ticket_id)
    statement = (
        select(ESCALATION, TICKET.c.version.label("ticket_version"))
        .join(TICKET, ticket)
        .where(ESCALATION.c.company == tx.company, ESCALATION.c.state.in_(LIVE), *where)
        .order_by(ESCALATION.c.raised_at, ESCALATION.c.id)
        .limit(limit)
    )
    return tx.rows(statement)


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the audit trail keeps of an escalation."""
    return {name: row[name] for name in ("rule", "level", "epoch", "state", "to_staff", "next_step", "next_at")}
