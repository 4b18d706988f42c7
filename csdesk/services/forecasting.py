"""When the money of each open item is expected: the promised day, else the due day and the debtor's days late."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from csdesk.rules.forecast import Forecast, ForecastItem, forecast
from csdesk.services import as_of, behaviour, dunning_levels
from csdesk.services.tx import Tx, reads


@reads("report.read")
def expected(tx: Tx, day: date, currency: str) -> Forecast:
    """The cash forecast of everything open at the end of a day in a currency, item by item and by ISO week
    (`rules.forecast`), with disputes and promises as they stood then. Disputed items and credits stand apart; accounts
    without history pay on the due day."""
    items, past = as_of.items_at(tx, day), as_of.past(tx, day)
    disputed = {row.item_id for row in tx.rows(dunning_levels.disputed_items(tx, past))}
    told = as_of.promises(tx, past)
    promised = {
        row.item_id: (row.until, int(row.amount))
        for row in tx.rows(
            select(told.c.item_id, func.max(told.c.promised_on).label("until"),
                   func.max(told.c.amount).label("amount"))
            .where(told.c.state == "open")
            .group_by(told.c.item_id)
        )
    }  # fmt: skip
    late: dict[str, Decimal | None] = {str(account): days for account, days in behaviour.days_late(tx, day).items()}
    rows = tx.rows(select(items).where(items.c.left != 0, items.c.currency == currency).order_by(items.c.id))
    known = []
    for row in rows:
        on, amount = promised.get(row.id, (None, None))
        part = min(amount, int(row.left)) if amount is not None and row.left > 0 else None
        known.append(
            ForecastItem(int(row.left), row.due_on, str(row.account_id), row.id in disputed, on, part, str(row.id))
        )
    return forecast(known, day, late)
