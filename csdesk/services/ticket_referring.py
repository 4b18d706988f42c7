"""Tickets referred to who investigates (warehouse, quality, transport): a question, an answer, all inside."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, insert, select, update

from csdesk.errors import NotFound, Refused
from csdesk.models import Staff, TicketReferral, table
from csdesk.services import seeing, staff, ticket_safety
from csdesk.services.ticket_steps import Effects, Plan, Said, Stepped, alive, foreseen, step, wanted
from csdesk.services.tx import Tx, reads, writes

REFERRAL, STAFF = table(TicketReferral), table(Staff)
MOST_ASKED = 500


@reads("ticket.work")
def investigators(tx: Tx) -> tuple[tuple[str, str], ...]:
    """Login and name of those a ticket can be referred to."""
    mine = select(STAFF).where(STAFF.c.company == tx.company, STAFF.c.disabled.is_(False)).order_by(STAFF.c.login)
    return tuple((row.login, row.name) for row in tx.rows(mine) if seeing.INVESTIGATE in staff.duties_of(tx, row.id))


def _refer(tx: Tx, row: Row[Any], login: str, text: str) -> Plan:
    alive(row)
    asked = wanted(text, "What are they asked? v, a login and the question.")
    person = tx.row(select(STAFF).where(STAFF.c.company == tx.company, STAFF.c.login == login))
    if person is None or seeing.INVESTIGATE not in staff.duties_of(tx, person.id):
        known = ", ".join(login for login, _ in investigators(tx)) or "nobody; an administrator gives the role"
        raise NotFound(f"'{login}' does not investigate; there are {known}.", field="login")
    if (there := _referral(tx, row.id, person.id)) is not None and there.ended_at is None:
        raise Refused(f"Ticket {row.number} is with {person.name} already: {there.question}")

    def put(tx: Tx, row: Row[Any]) -> Effects:
        _put(tx, row.id, person.id, asked)
        return [["referral", person.id]]

    data = {"to": person.id, "login": person.login, "question": asked}
    said = Said("internal", f"To {person.name}: {asked}")
    return Plan(f"is referred to {person.name}: {asked[:80]}", (("referred", data),), (said,), (put,), data)


def _referral(tx: Tx, ticket_id: int, staff_id: int) -> Row[Any] | None:
    return tx.row(select(REFERRAL).where(
        REFERRAL.c.company == tx.company, REFERRAL.c.ticket_id == ticket_id, REFERRAL.c.staff_id == staff_id,
    ))  # fmt: skip


def _put(tx: Tx, ticket_id: int, staff_id: int, question: str) -> None:
    values: dict[str, Any] = {"question": question[:MOST_ASKED], "at": tx.now, "by": tx.actor.id, "ended_at": None}
    if _referral(tx, ticket_id, staff_id) is None:
        tx.do(insert(REFERRAL), {"company": tx.company, "ticket_id": ticket_id, "staff_id": staff_id, **values})
        return
    mine = (REFERRAL.c.company == tx.company, REFERRAL.c.ticket_id == ticket_id, REFERRAL.c.staff_id == staff_id)
    tx.do(update(REFERRAL).where(*mine).values(**values))


@reads("ticket.work")
def refer_preview(tx: Tx, ticket_id: int, login: str, text: str) -> str:
    """Whom a ticket would be referred to. Raises like the act."""
    return foreseen(tx, ticket_id, lambda tx, row: _refer(tx, row, login, text))


@writes("ticket.work")
def refer(tx: Tx, ticket_id: int, login: str, text: str, call_id: int | None = None) -> Stepped:
    """Asks somebody who investigates a question about a ticket: he sees it from now on, its internal items only,
    until he has answered. Raises NotFound for who does not investigate, Refused while it is with him already."""
    return step(tx, "ticket_referring.refer", ticket_id, lambda tx, row: _refer(tx, row, login, text), call_id)


def _answer(tx: Tx, row: Row[Any], text: str) -> Plan:
    said = wanted(text, "What is the answer? y and the words.")
    there = _referral(tx, row.id, tx.actor.id)
    if there is None or there.ended_at is not None:
        raise Refused(f"Ticket {row.number} is not referred to you; i notes something.")

    def end(tx: Tx, row: Row[Any]) -> Effects:
        mine = (REFERRAL.c.company == tx.company, REFERRAL.c.ticket_id == row.id,
                REFERRAL.c.staff_id == tx.actor.id)  # fmt: skip
        tx.do(update(REFERRAL).where(*mine).values(ended_at=tx.now))
        return [["referred", tx.actor.id]]

    events: list[tuple[str, dict[str, Any]]] = [("note", {"answer": True})]
    on = row.waits_on.strip().casefold()
    if row.state == "waiting_internal" and on in {"", tx.actor.login.casefold(), tx.actor.name.casefold()}:
        events.append(("resumed", {"by": f"the answer of {tx.actor.name}"}))
    heard = ticket_safety.heard(tx, row, said)
    events += heard.events
    words = f"has your answer; it is with you no longer{heard.words}"
    return Plan(words, tuple(events), (Said("internal", said, at=0),), (end,))


@reads("ticket.investigate")
def answer_preview(tx: Tx, ticket_id: int, text: str) -> str:
    """What answering would do. Raises like the act."""
    return foreseen(tx, ticket_id, lambda tx, row: _answer(tx, row, text), seeing.INVESTIGATE)


@writes("ticket.investigate")
def answer(tx: Tx, ticket_id: int, text: str, call_id: int | None = None) -> Stepped:
    """The answer of who was asked: an internal item. The ticket leaves his sight, and goes on if it waited for him.

    Raises Refused where it is not referred to the actor, Invalid without words.
    """
    return step(tx, "ticket_referring.answer", ticket_id,
                lambda tx, row: _answer(tx, row, text), call_id, seeing.INVESTIGATE)  # fmt: skip
