"""Released orders whose release has ended before they were picked: the credit check runs again."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from csdesk.models import SalesOrder, table
from csdesk.services import amendments, audit, credit_rules, customers, history, order_rows, reports_base
from csdesk.services.orders import summary
from csdesk.services.tx import Tx, reads, writes

ORDER = table(SalesOrder)


@reads("posting.run")
def due(tx: Tx, limit: int = 200) -> tuple[int, ...]:
    """Orders that wait to be picked and whose release has ended."""
    today = tx.now.astimezone(reports_base.books(tx).zone).date()
    statement = select(ORDER.c.id).where(
        ORDER.c.company == tx.company, ORDER.c.status.in_(("confirmed", "allocated")), ORDER.c.released_until < today
    )
    return tuple(row.id for row in tx.rows(statement.order_by(ORDER.c.released_until, ORDER.c.id).limit(limit)))


@writes("posting.run")
def recheck(tx: Tx, order_id: int) -> str:
    """Checks the credit of a released order anew once its release has ended; gives one sentence, '' when nothing was
    to do. Held again it gives back stock and credit; else it goes on without a release, and nobody checks it again
    until it grows."""
    row = history.head(tx, order_id, lock=True)
    who = customers.trading(tx, row.customer_id, lock=True)
    today = who.local(tx.now).date()
    why = credit_rules.why_again(tx, row.id, row.gross, today, ZoneInfo(who.timezone))
    if row.status not in ("confirmed", "allocated") or not why:
        return ""
    before = history.order_view(tx, row)
    after, words = before, f"Order {row.number}: the release ended, its credit is within the rules."
    if any(kind in credit_rules.KINDS for kind, _ in order_rows.holds_for(tx, who, row.gross, row.net, row.exposure)):
        after = amendments.revise(tx, before, [], requested_on=before.requested_on, wish="us")
        words = f"Order {row.number} is held again: {'; '.join(after.holds)}."
    mine = update(ORDER).where(ORDER.c.company == tx.company, ORDER.c.id == row.id)
    tx.do(mine.values(released_value=None, released_until=None))
    audit.record(tx, "rechecking.recheck", "order", row.id, summary(before), {**summary(after), "why": why})
    return words
