"""Report on deductions: what was raised, and what became of it, by reason."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import and_, func, select

from csdesk.models import Dispute, DisputeEvent, Reason, table
from csdesk.services.derived import raw
from csdesk.services.dispute_steps import ENDED
from csdesk.services.reports_base import Table, fetched, in_major, report, rows_table
from csdesk.services.tx import Tx

DISPUTE, EVENT, REASON = table(Dispute), table(DisputeEvent), table(Reason)


@report(
    "deductions",
    "Deductions by reason and currency as of the day, from their events: how many, original amount, in dispute still, "
    "paid, credited, written off, billed back, and those past their deadline.",
)
def deductions(tx: Tx, as_of: date) -> Table:
    """One row a reason and currency; original = in dispute + paid + credited + written off + billed back."""
    found: dict[tuple[str, str], list[int]] = {}
    for row in fetched(tx, _at(tx, as_of)):
        sums = found.setdefault((row.name or row.reason, row.currency), [0] * 8)
        ended = row.state in ENDED
        late = not ended and row.deadline_on is not None and row.deadline_on < as_of
        figures = (1, row.original, 0 if ended else row.open, row.paid, row.credited, row.cleared,
                   row.open if ended else 0, int(late))  # fmt: skip
        found[row.name or row.reason, row.currency] = [a + int(b) for a, b in zip(sums, figures, strict=True)]
    rows: list[tuple[Any, ...]] = [
        (name, currency, sums[0], *(in_major(each, currency) for each in sums[1:7]), sums[7])
        for (name, currency), sums in sorted(found.items())
    ]
    total = ("all", "", sum(row[2] for row in rows), *([None] * 6), sum(row[9] for row in rows))
    columns = "reason, currency, deductions, original, in dispute, paid, credited, written off, billed back, late"
    return rows_table(columns, rows, total)


def _at(tx: Tx, as_of: date) -> Any:
    """Each dispute with its last event up to the day; withdrawn ones are left out."""
    last = (
        select(EVENT.c.dispute_id, func.max(EVENT.c.version).label("version"))
        .where(EVENT.c.company == tx.company, EVENT.c.on <= as_of)
        .group_by(EVENT.c.dispute_id)
        .subquery()
    )
    told = and_(EVENT.c.dispute_id == last.c.dispute_id, EVENT.c.version == last.c.version)
    amounts = [raw(EVENT.c[name]).label(name) for name in ("open", "paid", "credited", "cleared")]
    return (
        select(DISPUTE.c.reason, DISPUTE.c.currency, DISPUTE.c.deadline_on, raw(DISPUTE.c.original).label("original"),
               EVENT.c.state, REASON.c.name, *amounts)
        .join_from(EVENT, last, told)
        .join(DISPUTE, and_(DISPUTE.c.company == EVENT.c.company, DISPUTE.c.id == EVENT.c.dispute_id))
        .outerjoin(REASON, and_(REASON.c.company == DISPUTE.c.company, REASON.c.code == DISPUTE.c.reason))
        .where(EVENT.c.company == tx.company, EVENT.c.state != "withdrawn")
    )  # fmt: skip
