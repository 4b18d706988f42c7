"""Handing over taken back within its hold: lines that were accepted, a pack that was made, a shift that was ended.
Internal to services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import delete, func, select, update

from csdesk.errors import Conflict, Refused
from csdesk.models import Handover, HandoverLine, Shift, table
from csdesk.services import callback_rows, ticket_log
from csdesk.services.callback_rows import CALLBACK
from csdesk.services.tx import Tx

PACK, LINE, SHIFT = table(Handover), table(HandoverLine), table(Shift)


def unaccepted(tx: Tx, payload: Mapping[str, Any]) -> str:
    """Gives lines back that were accepted together, with their tickets and callbacks; gives words. Raises Refused for a
    draft, whose call is on the actor's desk by now, Conflict when one of them went on since."""
    _latest(tx, payload["handover"], "the lines stay yours; m packs them anew")
    for number, kind, was in payload["lines"]:
        mine = (LINE.c.company == tx.company, LINE.c.handover_id == payload["handover"], LINE.c.line == number)
        free = update(LINE).where(*mine, LINE.c.accepted_by == tx.actor.id).values(accepted_by=None, accepted_at=None)
        if tx.do(free).rowcount != 1:
            raise Conflict(f"Line {number} is not yours any more; > shows the pack.")
        if was:
            _BACK[kind](tx, *was)
    numbers = ", ".join(str(number) for number, *_ in payload["lines"])
    return f"line{'s' * (len(payload['lines']) > 1)} {numbers} of the pack can be accepted again"


def _latest(tx: Tx, handover_id: int, otherwise: str) -> None:
    """Raises Conflict for a pack that a newer one has replaced."""
    head = tx.row(select(PACK).where(PACK.c.company == tx.company, PACK.c.id == handover_id))
    team = select(PACK.c.id).where(PACK.c.company == tx.company, PACK.c.team == (head.team if head else ""))
    if head is None or tx.value(team.order_by(PACK.c.made_at.desc(), PACK.c.id.desc()).limit(1)) != head.id:
        raise Conflict(f"Another pack was made since; {otherwise}.")


def _callback(tx: Tx, callback_id: int, owner: int | None, version: int) -> None:
    row = callback_rows.get(tx, callback_id, lock=True)
    if row.version != version:
        raise Conflict(f"The callback to {row.code} went on since; it stays yours, m packs it anew.")
    mine = update(CALLBACK).where(CALLBACK.c.company == tx.company, CALLBACK.c.id == callback_id)
    tx.do(mine.values(owner_id=owner, version=version + 1))


def _ticket(tx: Tx, ticket_id: int, seq: int) -> None:
    row = ticket_log.get(tx, ticket_id, lock=True)
    if row.owner_id != tx.actor.id:
        raise Conflict(f"Ticket {row.number} is not yours any more; > and m hand over what is.")
    try:
        ticket_log.undo(tx, row, [seq])
    except Refused:
        raise Conflict(f"Ticket {row.number} went on since; it stays yours, m packs it anew.") from None


def _draft(tx: Tx, draft_id: int) -> None:
    raise Refused("A draft came with its call, which is on your desk now; m packs it anew for who had it.")


_BACK: dict[str, Callable[..., None]] = {"callback": _callback, "ticket": _ticket, "draft": _draft}


def unpacked(tx: Tx, payload: Mapping[str, Any]) -> str:
    """Drops a pack that nobody has accepted a line of: the one before it stands again; gives words. Raises Conflict for
    another one."""
    _latest(tx, payload["handover"], "that one stands")
    mine = (LINE.c.company == tx.company, LINE.c.handover_id == payload["handover"])
    if tx.value(select(func.count()).where(*mine, LINE.c.accepted_at.is_not(None))):
        raise Conflict("Somebody has accepted lines of this pack already; m packs anew.")
    tx.do(delete(LINE).where(*mine))
    tx.do(delete(PACK).where(PACK.c.company == tx.company, PACK.c.id == payload["handover"]))
    return "the pack is gone, the one before it stands again"


def unended(tx: Tx, payload: Mapping[str, Any]) -> str:
    """The actor's shift goes on; gives words. Raises Conflict when it is over, or the roster was loaded anew."""
    mine = (SHIFT.c.company == tx.company, SHIFT.c.id == payload["shift"], SHIFT.c.ended_at.is_not(None))
    if tx.do(update(SHIFT).where(*mine, SHIFT.c.ends_at > tx.now).values(ended_at=None)).rowcount != 1:
        raise Conflict("The shift is over; 'csdesk roster show' lists the next one.")
    return "your shift goes on"
