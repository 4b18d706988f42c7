"""Corrective actions: what is done so that a complaint does not come again, by whom and until when, and its result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, delete, insert, or_, select, update

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import CorrectiveAction, Customer, Staff, Ticket, table
from csdesk.rules.delivery import typed_day
from csdesk.services import audit, customers, memory, seeing, staff, ticket_log
from csdesk.services.tx import Tx, reads, writes

ACTION, TICKET, STAFF, CUSTOMER = table(CorrectiveAction), table(Ticket), table(Staff), table(Customer)
MOST_DAYS = 400
HOLD_SECONDS = 60


@dataclass(frozen=True)
class ActionView:
    """A corrective action: its place in the list, who does it until which day; `result` once it is done. `late` while
    it is open past its day."""

    place: int
    id: int
    ticket_id: int
    ticket: str
    customer: str
    action: str
    owner: str
    owner_id: int
    due_on: date
    late: bool
    result: str
    done: bool


@dataclass(frozen=True)
class Noted:
    """What was done, in one sentence."""

    id: int
    words: str


@reads("ticket.work")
def preview(tx: Tx, ticket_id: int, login: str, day: str, text: str) -> str:
    """What a corrective action would be noted as. Raises like the act."""
    row = seeing.one(tx, ticket_id)
    owner, until = _asked(tx, login, day, text)
    return f"corrective action on ticket {row.number}: {owner.name} until {until:%a %d %b %Y}: {text.strip()}"


@writes("ticket.work")
def add(tx: Tx, ticket_id: int, login: str, day: str, text: str, call_id: int | None = None) -> Noted:
    """Notes what a login does until a day as typed ("+14", "fri", "12/6"), so that it does not happen again.

    Raises NotFound for the login, Invalid for a day that is none or more than 400 days ahead, and without words.
    """
    row = seeing.working(tx, ticket_id)
    owner, until = _asked(tx, login, day, text)
    made: dict[str, Any] = {
        "company": tx.company, "id": new_id(), "ticket_id": row.id, "action": text.strip()[:500], "owner_id": owner.id,
        "due_on": until, "made_at": tx.now, "made_by": tx.actor.id,
    }  # fmt: skip
    tx.do(insert(ACTION), made)
    told = {"action": made["id"], "owner": owner.id, "due": until}
    after = ticket_log.append(tx, row, "corrective", told)
    words = f"Corrective action: {owner.name} until {until:%a %d %b}: {made['action']}"
    ticket_log.say(tx, after, "internal", words)
    undo = {"do": "uncorrect", "ticket": row.id, "action": made["id"], "seq": after.version}
    memory.remember(tx, call_id, "corrective.add", words, undo, HOLD_SECONDS)
    audit.record(tx, "corrective.add", "ticket", row.id, None, {**told, "text": made["action"]})
    return Noted(made["id"], f"{words}.")


def _asked(tx: Tx, login: str, day: str, text: str) -> tuple[Row[Any], date]:
    try:
        owner = staff.named(tx, login)
    except NotFound:
        raise NotFound(f"Nobody has the login '{login}'; d and a login, +14 and the words.", field="login") from None
    if owner.disabled:
        raise Refused(f"The login '{login}' is disabled; somebody who works here must do it.", field="login")
    if not text.strip():
        raise Invalid("Say what is to be done: d login +14 and the words.", field="text")
    today = _today(tx)
    until = typed_day(day, today)
    if (until - today).days > MOST_DAYS:
        raise Invalid(f"A corrective action is due within {MOST_DAYS} days: +14.", field="day")
    return owner, until


def _today(tx: Tx) -> date:
    return tx.now.astimezone(ZoneInfo(customers.company_zone(tx))).date()


@writes("customer.read")
def done(tx: Tx, action_id: int, result: str) -> Noted:
    """A corrective action is done, with its result, by whoever has it or a lead who may see its ticket. Raises NotFound
    for one that the actor may not see, Invalid without a result, Refused for somebody else's and for one that is
    done."""
    row = _get(tx, action_id, _shown(tx))
    if tx.actor.id not in (0, row.owner_id) and not tx.actor.may(seeing.LEAD):
        raise Refused(f"This is {row.owner_name}'s to do; he, or a lead, says that it is done.")
    if row.done_at is not None:
        raise Refused(f"'{row.action}' is done already: {row.result}")
    if not result.strip():
        raise Invalid("Say what came of it: d1= and the result.", field="text")
    mine = update(ACTION).where(ACTION.c.company == tx.company, ACTION.c.id == row.id, ACTION.c.done_at.is_(None))
    if tx.do(mine.values(done_at=tx.now, result=result.strip()[:500])).rowcount != 1:
        raise Refused(f"'{row.action}' is done already, since a moment ago; show its ticket to see the result.")
    ticket = ticket_log.get(tx, row.ticket_id, lock=True)
    after = ticket_log.append(tx, ticket, "corrected", {"action": row.id})
    words = f"Corrective action done: {row.action}; result: {result.strip()}"
    ticket_log.say(tx, after, "internal", words)
    audit.record(tx, "corrective.done", "ticket", row.ticket_id, {"action": row.id}, {"result": result.strip()})
    return Noted(row.id, f"{words}.")


def drop(tx: Tx, payload: dict[str, Any]) -> str:
    """Takes an action back that was just noted, for undo. Raises Refused once it is done."""
    row = _get(tx, payload["action"])
    if row.done_at is not None:
        raise Refused(f"'{row.action}' is done already.")
    tx.do(delete(ACTION).where(ACTION.c.company == tx.company, ACTION.c.id == row.id))
    ticket_log.undo(tx, ticket_log.get(tx, payload["ticket"], lock=True), [payload["seq"]])
    return "the corrective action is taken back"


@reads("customer.read")
def told(tx: Tx, action_id: int) -> str:
    """An action in words: who, until when, what. Raises NotFound, also for one that the reader may not see."""
    row = _get(tx, action_id, _shown(tx))
    return f"{row.owner_name} until {row.due_on:%d %b}, {row.action}"


@reads("customer.read")
def still_open(tx: Tx, limit: int = 200) -> tuple[ActionView, ...]:
    """The open actions, the next due first: one's own, for whoever leads or reads all tickets those of all tickets he
    may see too."""
    every = tx.actor.may(seeing.LEAD) or tx.actor.may(seeing.ALL)
    mine = _actions(tx).where(ACTION.c.done_at.is_(None), _shown(tx) if every else ACTION.c.owner_id == tx.actor.id)
    return _views(tx, mine.order_by(ACTION.c.due_on, ACTION.c.id).limit(limit))


@reads("customer.read")
def overdue(tx: Tx, limit: int = 50) -> tuple[ActionView, ...]:
    """The actor's own actions that are past their day, the oldest first: for his queue."""
    mine = _actions(tx).where(
        ACTION.c.done_at.is_(None), ACTION.c.owner_id == tx.actor.id, ACTION.c.due_on < _today(tx)
    )
    return _views(tx, mine.order_by(ACTION.c.due_on, ACTION.c.id).limit(limit))


def of_ticket(tx: Tx, ticket_id: int) -> tuple[ActionView, ...]:
    """The actions of a ticket in the order they were noted. Internal."""
    return _views(tx, _actions(tx).where(ACTION.c.ticket_id == ticket_id).order_by(ACTION.c.id))


def _shown(tx: Tx) -> ColumnElement[bool]:
    """The actions that are the actor's to do, or of a ticket he may see."""
    return or_(ACTION.c.owner_id == tx.actor.id, seeing.visible(tx))


def _get(tx: Tx, action_id: int, *more: ColumnElement[bool]) -> Row[Any]:
    row = tx.row(_actions(tx).where(ACTION.c.id == action_id, *more))
    if row is None:
        raise NotFound("This corrective action is not there any more; d lists those that are open.")
    return row


def _actions(tx: Tx) -> Select[Any]:
    owner = (STAFF.c.company == ACTION.c.company) & (STAFF.c.id == ACTION.c.owner_id)
    ticket = (TICKET.c.company == ACTION.c.company) & (TICKET.c.id == ACTION.c.ticket_id)
    customer = (CUSTOMER.c.company == TICKET.c.company) & (CUSTOMER.c.id == TICKET.c.customer_id)
    return (
        select(ACTION, STAFF.c.name.label("owner_name"), TICKET.c.number, CUSTOMER.c.name.label("customer"))
        .join(STAFF, owner)
        .join(TICKET, ticket)
        .outerjoin(CUSTOMER, customer)
        .where(ACTION.c.company == tx.company)
    )


def _views(tx: Tx, statement: Select[Any]) -> tuple[ActionView, ...]:
    today = _today(tx)
    return tuple(
        ActionView(place, row.id, row.ticket_id, row.number, row.customer or "", row.action, row.owner_name,
                   row.owner_id, row.due_on, row.done_at is None and row.due_on < today, row.result,
                   row.done_at is not None)
        for place, row in enumerate(tx.rows(statement), 1)
    )  # fmt: skip
