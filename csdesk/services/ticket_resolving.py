"""How tickets end: resolved with what became of them, then closed, by hand or once nobody wrote any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Invalid, Refused
from csdesk.models import Call, Callback, ServiceQueue, Ticket, TicketCategory, table
from csdesk.money import show
from csdesk.rules.letters import letters_of
from csdesk.rules.ticket_states import moved
from csdesk.services import (
    asking,
    audit,
    dispute_steps,
    replaced,
    ticket_claims,
    ticket_drafts,
    ticket_log,
    ticket_mail,
    ticket_money,
    ticket_newer,
    ticket_telling,
)
from csdesk.services.ticket_steps import Effects, Plan, Said, Stepped, foreseen, merged_in, step
from csdesk.services.ticket_telling import COMPLAINTS as COMPLAINTS
from csdesk.services.tx import Tx, reads, writes

TICKET, QUEUE = table(Ticket), table(ServiceQueue)
CATEGORY, CALLBACK, CALL = table(TicketCategory), table(Callback), table(Call)


@reads("customer.read")
def causes(tx: Tx) -> dict[str, tuple[str, str, str]]:
    """The root causes by the letter they are typed with: code, name, who answers for it."""
    rows = tx.rows(select(CATEGORY).where(CATEGORY.c.company == tx.company, CATEGORY.c.use == "cause"))
    by_code = {row.code: row for row in rows}
    letters = letters_of(by_code, "cause-")
    return {letter: (code, by_code[code].name, by_code[code].owner) for letter, code in sorted(letters.items())}


def _cause(tx: Tx, letter: str) -> str:
    known = causes(tx)
    if letter.lower() not in known:
        told = ", ".join(f"{each} {name}" for each, (_, name, _) in known.items())
        raise Invalid(f"'{letter}' is no root cause; there are {told}.", field="cause")
    return known[letter.lower()][0]


def complaints_of(tx: Tx, row: Row[Any]) -> list[Row[Any]]:
    """A ticket and what was merged into it, as far as these are complaints. Internal."""
    merged = [ticket_log.get(tx, each) for each in merged_in(tx, row.id)]
    return [each for each in (row, *merged) if each.kind in COMPLAINTS]


def _resolve(tx: Tx, row: Row[Any], letter: str, text: str, call_id: int | None, version: int) -> Plan:
    words = text.strip()
    moved(row.state, "resolved", {})
    if not row.category:
        raise Refused(f"Ticket {row.number} has no category yet; g and the beginning of one says what it is about.")
    complaints = complaints_of(tx, row)
    complains = bool(complaints)
    decided = complains and ticket_telling.decided(tx, complaints)
    if complains and not letter:
        known = " ".join(f"{each} {name.lower()}" for each, (_, name, _) in causes(tx).items())
        raise Invalid(f"A complaint wants its root cause: y, a letter and the words ({known}).", field="cause")
    cause = _cause(tx, letter) if letter else ""
    if not words and not decided:
        what = "the decision in words, the customer gets them" if complains else "what became of it in words"
        raise Invalid(f"It wants {what}: y{letter} and the words.", field="text")
    _nothing_open(tx, row)
    told: tuple[tuple[str, dict[str, Any]], ...] = ()
    said: tuple[Said, ...] = ()
    also: tuple[Callable[[Tx, Row[Any]], Effects], ...] = ()
    if complains and words:
        ticket_mail.sendable(words)
        told, said = (("told", {"words": words}),), (_decision(tx, row, words, call_id),)
        ticket_newer.current(tx, row, version)
        kept = ticket_drafts.begun(tx, row.id, tx.actor.id, True).strip()
        also = (ticket_drafts.said(words, True, version),) if kept == words else ()
    data = {"category": row.category, "cause": cause, "words": words[:500]}
    how = _how(said)
    return Plan(
        f"is resolved{how}: {words or 'as the customer was told'}", (*told, ("resolved", data)), said, also, data
    )


def _how(said: Sequence[Said]) -> str:
    if not said:
        return ""
    return f", the decision goes to {' '.join(said[0].recipients)}" if said[0].recipients else ", told on the call"


def _decision(tx: Tx, row: Row[Any], words: str, call_id: int | None) -> Said:
    """The decision as the customer is told it: by mail, or on the call he is on. Raises Refused with neither."""
    to = ticket_mail.addresses(tx, row)
    if to:
        return Said("outbound", words, True, to, f"{row.kind.capitalize()} {row.number}", at=0)
    on = select(CALL.c.customer_id).where(CALL.c.company == tx.company, CALL.c.id == (call_id or 0))
    if row.customer_id is not None and tx.value(on) == row.customer_id:
        return Said("call", words, True, at=0)
    ticket_mail.receivers(tx, row)
    raise AssertionError("receivers refuses where there are no addresses")


def _nothing_open(tx: Tx, row: Row[Any]) -> None:
    """Raises Refused while money that is claimed, a request for a line, or a callback that was promised, is open; of
    merged tickets too."""
    ids = (row.id, *merged_in(tx, row.id))
    for each in ids:
        of = f" of the merged {ticket_log.get(tx, each).number}" if each != row.id else ""
        for line in ticket_money.lines_of(tx, each):
            _line_closed(tx, line, of)
    waits = select(CALLBACK.c.about).where(
        CALLBACK.c.company == tx.company, CALLBACK.c.ticket_id.in_(ids), CALLBACK.c.done_at.is_(None)
    )
    about = tx.value(waits.limit(1))
    if about is not None:
        raise Refused(f"A callback about {about} is open; make it or cancel it first (q).")


def _line_closed(tx: Tx, line: Row[Any], of: str) -> None:
    """Raises Refused for a line of which something is open or asked; `of` names its ticket where that is a merged
    one."""
    left, made = ticket_claims.claim_of(tx, line)["open"], waiting_request(tx, line)
    busy = f"request {made.number} {made.state.replace('_', ' ')}" if made is not None else ""
    if left > 0:
        raise Refused(
            f"{show(left, line.currency)} {line.currency} of line {line.line}{of} is open{busy and f' ({busy})'}: "
            f"c asks its credit, h{line.line} and words upholds it against the customer{of and ', on its page'}."
        )
    if busy:
        raise Refused(f"Line {line.line}{of} has {busy}; have that decided or withdrawn first.")


def waiting_request(tx: Tx, line: Row[Any]) -> Row[Any] | None:
    """The request for a credit or a replacement of a line that is not decided or not posted yet."""
    credit = asking.get(tx, line.request_id) if line.request_id is not None else None
    for made in (credit, replaced.of_line(tx, line)):
        if made is not None and made.state in dispute_steps.LIVE and made.state != "posted":
            return made
    return None


@reads("ticket.work")
def resolve_preview(
    tx: Tx, ticket_id: int, letter: str, text: str, call_id: int | None = None, version: int = 0
) -> str:  # fmt: skip
    """How a ticket would be resolved, or that it would be closed. Raises like the act."""
    return foreseen(tx, ticket_id, lambda tx, row: end_plan(tx, row, letter, text, call_id, version))


def end_plan(tx: Tx, row: Row[Any], letter: str, text: str, call_id: int | None, version: int) -> Plan:
    """Resolves; what is resolved already is closed. Internal, also part of a macro."""
    if row.state != "resolved":
        return _resolve(tx, row, letter, text, call_id, version)
    return Plan("is closed", (("closed", {"by": "hand"}),))


@writes("ticket.work")
def resolve(
    tx: Tx, ticket_id: int, letter: str = "", text: str = "", call_id: int | None = None, version: int = 0
) -> Stepped:  # fmt: skip
    """Resolves a ticket, saying what became of it; one that is resolved is closed.

    A category is wanted; of a complaint also the root cause by its letter, and the words go to the customer as the
    decision: by mail, else as told on the call he is on. `version` is the ticket that was looked at, wanted where it
    tells him something. Raises Refused while a claimed amount or a callback is open, and where the customer cannot be
    told; Invalid for what is missing; Conflict when he saw, wrote or said something since, with the difference.
    """
    return step(tx, "ticket_resolving.resolve", ticket_id,
                lambda tx, row: end_plan(tx, row, letter, text, call_id, version), call_id)  # fmt: skip


@reads("posting.run")
def due(tx: Tx, limit: int = 500) -> tuple[int, ...]:
    """Resolved tickets whose window for a reply is over."""
    found: list[int] = []
    for queue in tx.rows(select(QUEUE.c.code, QUEUE.c.reopen_days).where(QUEUE.c.company == tx.company)):
        over = select(TICKET.c.id).where(
            TICKET.c.company == tx.company, TICKET.c.queue == queue.code, TICKET.c.base == "done",
            TICKET.c.state == "resolved", TICKET.c.resolved_at < tx.now - timedelta(days=queue.reopen_days),
        )  # fmt: skip
        found += [row.id for row in tx.rows(over.order_by(TICKET.c.resolved_at, TICKET.c.id).limit(limit))]
    return tuple(found)


@writes("posting.run")
def lapse(tx: Tx, ticket_id: int) -> str:
    """Closes a resolved ticket once its window for a reply is over, as of that instant whenever it runs; '' when there
    is nothing to close (yet or any more)."""
    row = ticket_log.get(tx, ticket_id, lock=True)
    days = select(QUEUE.c.reopen_days).where(QUEUE.c.company == tx.company, QUEUE.c.code == row.queue)
    if row.state != "resolved" or tx.now <= (over := row.resolved_at + timedelta(days=int(tx.value(days)))):
        return ""
    ticket_log.append(tx, row, "closed", {"by": "time", "over_at": over})
    audit.record(tx, "ticket_resolving.lapse", "ticket", row.id, {"state": "resolved"}, {"state": "closed"})
    return f"Ticket {row.number} is closed: nobody wrote any more."
