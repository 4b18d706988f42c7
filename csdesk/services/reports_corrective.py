"""Reports on corrective actions: what is done so that complaints do not come again."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import or_, select

from csdesk.models import CorrectiveAction, Staff, Ticket, table
from csdesk.services import seeing
from csdesk.services.reports_base import Table, books, fetched, report, rows_table
from csdesk.services.tx import Tx

ACTION, TICKET, STAFF = table(CorrectiveAction), table(Ticket), table(Staff)


@report(
    "corrective",
    "Corrective actions of the tickets one may see, and one's own: who does what until when, its result, and the days "
    "it is, or was, late; open ones first, the next due first.",
)
def corrective(tx: Tx, as_of: date) -> Table:
    """One row an action that was noted by the end of the day; one done later stands as open. Of tickets the reader may
    see, and those he does himself."""
    own = books(tx)
    end = datetime.combine(as_of + timedelta(days=1), time(0), own.zone)
    statement = (
        select(ACTION, TICKET.c.number, STAFF.c.login)
        .join(TICKET, (TICKET.c.company == ACTION.c.company) & (TICKET.c.id == ACTION.c.ticket_id))
        .join(STAFF, (STAFF.c.company == ACTION.c.company) & (STAFF.c.id == ACTION.c.owner_id))
        .where(ACTION.c.company == tx.company, ACTION.c.made_at < end)
        .where(or_(ACTION.c.owner_id == tx.actor.id, seeing.visible(tx)))
    )
    rows = []
    for row in fetched(tx, statement):
        done = row.done_at.astimezone(own.zone).date() if row.done_at is not None and row.done_at < end else None
        late = max(((done or as_of) - row.due_on).days, 0)
        rows.append((row.number, row.login, row.due_on, row.action, "done" if done else "open", late,
                     row.result if done else ""))  # fmt: skip
    rows.sort(key=lambda each: (each[4] == "done", each[2], each[0]))
    return rows_table("ticket, who, until, action, state, days late, result", rows)
