"""The report on what customers say of closed tickets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, select

from csdesk.models import Survey, Ticket, table
from csdesk.rules.satisfaction import FEWEST, csat, nps
from csdesk.services import seeing
from csdesk.services.reports_base import Cell, Table, books, fetched, report, rows_table
from csdesk.services.tx import Tx

SURVEY, TICKET = table(Survey), table(Ticket)
DAYS = 90


@report(
    "surveys",
    "Customers asked of tickets one may see, in the 90 days up to the key date, by queue: asked, answered, response "
    "rate; CSAT = the two best of five scores / answers, NPS = promoters - detractors / answers; both hidden under "
    f"{FEWEST} answers.",
)
def surveys(tx: Tx, as_of: date) -> Table:
    """One row a queue, and one of all, of the tickets the reader may see."""
    own = books(tx)
    since, until = own.midnight(as_of - timedelta(days=DAYS - 1)), own.midnight(as_of + timedelta(days=1))
    of = (TICKET.c.company == SURVEY.c.company) & (TICKET.c.id == SURVEY.c.ticket_id)
    statement = (
        select(SURVEY.c.score, SURVEY.c.recommend, SURVEY.c.answered_at, TICKET.c.queue)
        .join(TICKET, of)
        .where(SURVEY.c.company == tx.company, SURVEY.c.asked_at >= since, SURVEY.c.asked_at < until)
        .where(seeing.visible(tx))
    )
    by_queue: dict[str, list[Row[Any]]] = {}
    for row in fetched(tx, statement):
        by_queue.setdefault(row.queue, []).append(row)
    everything = [row for each in by_queue.values() for row in each]
    rows = [_row(name, each, until) for name, each in sorted(by_queue.items())]
    total = _row("all", everything, until)
    return rows_table("queue, asked, answered, response %, CSAT %, CSAT n, NPS, NPS n", rows, total)


def _row(name: str, rows: Sequence[Row[Any]], until: Any) -> tuple[Cell, ...]:
    answered = [row for row in rows if row.answered_at is not None and row.answered_at < until]
    scores = [row.score for row in answered]
    recommends = [row.recommend for row in answered if row.recommend is not None]
    share = round(100 * len(answered) / len(rows)) if rows else None
    return (name, len(rows), len(answered), share, csat(scores), len(scores), nps(recommends), len(recommends))
