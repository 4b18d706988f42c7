"""Steps on tickets taken back within their hold: their events count no more, mail that waits is withdrawn, rows that
came with them go or are as they were. Internal to services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Row, delete, update

from csdesk.errors import Conflict, NotFound, Refused
from csdesk.models import TicketLine, TicketReferral, table
from csdesk.services import customers, dispute_steps, memory, ticket_log, ticket_mail, ticket_rests
from csdesk.services.tx import Tx

LINE, REFERRAL = table(TicketLine), table(TicketReferral)


def undone(tx: Tx, payload: Mapping[str, Any]) -> str:
    """Takes a step back as it was remembered; gives words. Raises Refused when its mail has left, Conflict when others
    went on since, or what came later rests on it."""
    ids = sorted({payload["ticket"], *(each for each, _ in payload.get("others", ()))})
    rows = {each: ticket_log.get(tx, each, lock=True) for each in ids}
    row = rows[payload["ticket"]]
    for each, _ in payload.get("others", ()):
        if rows[each].merged_into is not None:
            raise Conflict(f"Ticket {rows[each].number} was merged too since; take that merge back first (m- there).")
    for each, seqs in ((row.id, payload["seqs"]), *payload.get("others", ())):
        ticket_rests.alone(tx, rows[each], seqs)
    for name, *args in payload["effects"]:
        _EFFECTS[name](tx, row, *args)
    for each, seqs in ((row.id, payload["seqs"]), *payload.get("others", ())):
        try:
            ticket_log.undo(tx, rows[each], seqs)
        except Refused:
            raise Conflict(f"Ticket {rows[each].number} went on since; what came later rests on this step.") from None
    return f"the last step on ticket {row.number} is taken back"


def _mail(tx: Tx, row: Row[Any], item: int) -> None:
    if not memory.withdraw(tx, ticket_mail.dedupe(item)):
        raise Refused("Too late to undo: the message has left; r writes another one.")


def _draft(tx: Tx, row: Row[Any], staff: int, body: str, visible: bool, version: int) -> None:
    """The words of a message that did not go are a draft again, unless another one of its kind was begun."""
    from csdesk.services import ticket_drafts

    if not ticket_drafts.begun(tx, row.id, staff, visible):
        ticket_drafts.put(tx, row.id, staff, body, visible, version)


def _line(tx: Tx, row: Row[Any], number: int) -> None:
    line = ticket_rests.line_of(tx, row.id, number)
    if line is None or line.upheld or any((line.request_id, line.replacement_request_id, line.dispute_id)):
        raise Conflict(f"Line {number} of ticket {row.number} is dealt with already; have that withdrawn first.")
    tx.do(delete(LINE).where(LINE.c.company == tx.company, LINE.c.ticket_id == row.id, LINE.c.line == number))


def _upheld(tx: Tx, row: Row[Any], number: int, shape: Mapping[str, Mapping[str, Any]]) -> None:
    ticket_rests.unchanged(tx, row, number, shape["after"])
    mine = update(LINE).where(LINE.c.company == tx.company, LINE.c.ticket_id == row.id, LINE.c.line == number)
    tx.do(mine.values(upheld=shape["before"]["upheld"]))


def _dispute(tx: Tx, row: Row[Any], dispute_id: int) -> None:
    """A dispute that was withdrawn with the step holds its amount again: while all of it is still owed and free."""
    account = dispute_steps.get(tx, dispute_id).customer_id
    day = customers.trading(tx, account, lock=True).local(tx.now).date()
    held = dispute_steps.get(tx, dispute_id, lock=True)
    if held.state != "withdrawn":
        raise Conflict(f"Dispute {held.number} is {held.state.replace('_', ' ')} by now; it is decided by itself.")
    if held.open > dispute_steps.free(tx, held.item_id):
        raise Conflict(f"Dispute {held.number} cannot hold its amount again: it was paid or disputed otherwise since.")
    dispute_steps.step(tx, held, "reopen", day, state="coded", closed_at=None)


def _referral(tx: Tx, row: Row[Any], staff: int) -> None:
    mine = (REFERRAL.c.company == tx.company, REFERRAL.c.ticket_id == row.id, REFERRAL.c.staff_id == staff)
    tx.do(delete(REFERRAL).where(*mine))


def _referred(tx: Tx, row: Row[Any], staff: int) -> None:
    """An answer that is taken back: it is referred to him still."""
    mine = (REFERRAL.c.company == tx.company, REFERRAL.c.ticket_id == row.id, REFERRAL.c.staff_id == staff)
    tx.do(update(REFERRAL).where(*mine).values(ended_at=None))


def _follow_up(tx: Tx, row: Row[Any], ticket_id: int) -> None:
    """The ticket that was opened with the step goes with it, unless somebody went on with it."""
    try:
        other = ticket_log.get(tx, ticket_id, lock=True)
    except NotFound:
        return
    if any(each.event not in ("opened", "inbound") for each in ticket_log.events(tx, other.id)):
        raise Conflict(f"Ticket {other.number}, which came of it, went on since; x cancels it instead.")
    ticket_log.append(tx, other, "cancelled", {"why": "taken back"})


_EFFECTS: dict[str, Callable[..., None]] = {
    "mail": _mail, "draft": _draft, "line": _line, "upheld": _upheld, "dispute": _dispute, "referral": _referral,
    "referred": _referred, "follow-up": _follow_up,
}  # fmt: skip
