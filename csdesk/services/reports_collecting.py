"""Reports on collection: the work list, dunning, promises, held orders, limits, cash forecast, provision."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from csdesk.models import CreditAccount, Customer, DunningLevel, DunningNotice, OpenItem, table
from csdesk.rules.collection import promise_kept_percent
from csdesk.services import as_of as events
from csdesk.services import collecting, forecasting, limit_review, provisioning, releasing
from csdesk.services.derived import raw
from csdesk.services.reports_base import Cell, Table, books, fetched, in_major, report, rows_table, summed
from csdesk.services.tx import Tx

NOTICE, LEVEL, ITEM = table(DunningNotice), table(DunningLevel), table(OpenItem)
CUSTOMER, ACCOUNT = table(Customer), table(CreditAccount)
DAYS = 30


@report(
    "collections",
    "Accounts to work on, ranked by value at risk: past-due debit x share of its age band, broken promises and "
    "deductions near their deadline in full; disputed and promised items left out. Each currency is ranked by itself.",
)
def collections(tx: Tx, as_of: date) -> Table:
    """One row an account and currency, the first 200 of each."""
    rows: list[tuple[Cell, ...]] = []
    ranks: dict[str, int] = {}
    for row in collecting.worklist(tx, as_of):
        cur = row.currency
        ranks[cur] = ranks.get(cur, 0) + 1
        money = (in_major(row.overdue, cur), in_major(row.at_risk, cur))
        rows.append((ranks[cur], row.customer, row.name, cur, *money, row.oldest_days, row.contact_on,
                     "; ".join(row.reasons)))  # fmt: skip
    columns = "rank, customer, name, currency, past due, at risk, days late, last contact, why"
    return summed(columns, rows, 3, (4, 5))


@report("dunning", "Notices of the 30 days up to the key date by run and level, with what they asked for.")
def dunning(tx: Tx, as_of: date) -> Table:
    """One row a run and level; fee and interest are stated on the notice, not posted."""
    sums = [func.sum(raw(NOTICE.c[name])).label(name) for name in ("amount", "fee", "interest")]
    statement = (
        select(NOTICE.c.run_on, NOTICE.c.level, NOTICE.c.currency, func.count().label("notices"), *sums)
        .where(NOTICE.c.company == tx.company, NOTICE.c.run_on <= as_of, NOTICE.c.run_on > as_of - timedelta(days=DAYS))
        .group_by(NOTICE.c.run_on, NOTICE.c.level, NOTICE.c.currency)
        .order_by(NOTICE.c.run_on.desc(), NOTICE.c.level, NOTICE.c.currency)
    )
    rows = [
        (row.run_on, row.level, row.currency, int(row.notices),
         *(in_major(each, row.currency) for each in (row.amount, row.fee, row.interest)))
        for row in fetched(tx, statement)
    ]  # fmt: skip
    return rows_table("run, level, currency, notices, past due, fee, interest", rows)


@report("dunning-levels", "The levels of each dunning procedure: days late, minimum, channel, fee and interest.")
def dunning_levels(tx: Tx, as_of: date) -> Table:
    """One row a level; the procedure without a name is the usual one."""
    own = books(tx)
    statement = select(LEVEL).where(LEVEL.c.company == tx.company).order_by(LEVEL.c.procedure, LEVEL.c.level)
    rows: list[tuple[Cell, ...]] = [
        (row.procedure or "(usual)", row.level, row.days_late, own.major(row.minimum), row.channel, own.major(row.fee),
         row.interest_percent, row.text)
        for row in fetched(tx, statement)
    ]  # fmt: skip
    return rows_table("procedure, level, days late, minimum, channel, fee, interest %, text", rows)


@report(
    "promises",
    "Promises to pay of the 90 days up to the key date by state: how many, how much, what was paid of them in time; "
    "the last line is the share kept, by value, of those that came due.",
)
def promises(tx: Tx, as_of: date) -> Table:
    """One row a state and currency, as they stood at the end of the day; open ones have paid nothing yet."""
    told = events.promises(tx, events.past(tx, as_of))
    mine = (told.c.promised_on > as_of - timedelta(days=90), told.c.promised_on <= as_of)
    found: dict[tuple[str, str], list[tuple[str, int, int]]] = {}
    for row in fetched(tx, select(told).where(*mine)):
        found.setdefault((row.currency, row.state), []).append((row.state, int(row.amount), int(row.paid)))
    rows: list[tuple[Cell, ...]] = [
        (state, cur, len(each), in_major(sum(one[1] for one in each), cur), in_major(sum(one[2] for one in each), cur))
        for (cur, state), each in sorted(found.items())
    ]
    shares: list[tuple[Cell, ...]] = []
    for cur in sorted({cur for cur, _ in found}):
        kept = promise_kept_percent([one for (other, _), each in found.items() if other == cur for one in each])
        shares.append(("kept %", cur, None, None, None if kept is None else round(kept, 1)))
    columns = "state, currency, promises, promised, paid"
    if len(shares) == 1:
        return rows_table(columns, rows, shares[0])
    return rows_table(columns, [*rows, *shares])


@report("held-orders", "Orders that are held now, the oldest first, with why and since when.")
def held_orders(tx: Tx, as_of: date) -> Table:
    """One row an order."""
    own, rows = books(tx), list[tuple[Cell, ...]]()
    for each in releasing.held(tx, 1000):
        placed = each.placed_at.astimezone(own.zone).date()
        rows.append((each.number, each.customer, placed, each.currency, in_major(each.gross, each.currency),
                     each.placed_by, "; ".join(each.holds)))  # fmt: skip
    return summed("order, customer, placed, currency, gross, by, why", rows, 3, (4,))


@report(
    "credit-use",
    "Accounts with a limit and what they use of it (exposure), those over it first; and the limits that use and "
    "behaviour suggest.",
)
def credit_limits(tx: Tx, as_of: date) -> Table:
    """One row an account, the first 200 by use of each currency."""
    parts = ("orders", "delivered", "billed", "open_debit")
    used: Any = sum((raw(ACCOUNT.c[part]) for part in parts), -raw(ACCOUNT.c.open_credit))
    limit: Any = raw(ACCOUNT.c.credit_limit)
    owner = (
        select(func.min(CUSTOMER.c.code))
        .where(CUSTOMER.c.company == ACCOUNT.c.company, CUSTOMER.c.account_id == ACCOUNT.c.id)
        .correlate(ACCOUNT)
        .scalar_subquery()
    )
    statement = (
        select(owner.label("code"), ACCOUNT.c.currency, limit.label("limit"), used.label("used"))
        .where(ACCOUNT.c.company == tx.company, limit.is_not(None))
        .order_by((used - limit).desc(), ACCOUNT.c.id)
        .limit(200)
    )
    here = select(ACCOUNT.c.currency).where(ACCOUNT.c.company == tx.company, limit.is_not(None)).distinct()
    currencies = [row.currency for row in fetched(tx, here.order_by(ACCOUNT.c.currency))]
    advised = {each.customer: each for each in limit_review.review(tx, 1000)}
    rows = []
    for row in (row for cur in currencies for row in fetched(tx, statement.where(ACCOUNT.c.currency == cur))):
        hint, cur = advised.get(row.code), row.currency
        share = row.used * 100 // row.limit if row.limit else None
        said = (in_major(hint.proposed, cur), hint.reason) if hint else (None, "")
        money = (in_major(each, cur) for each in (row.limit, row.used, row.limit - row.used))
        rows.append((row.code, cur, *money, share, *said))
    return rows_table("customer, currency, limit, exposure, left, used %, suggested, why", rows)


@report(
    "cash-forecast",
    "Money expected of open items by ISO week: on the promised day, else due day + the debtor's average days late in a "
    "year; disputed money and credits apart. 'csdesk report cash-items' lists it item by item.",
)
def cash_forecast(tx: Tx, as_of: date) -> Table:
    """The weeks and the two parts apart add up to everything that is open."""
    own = books(tx)
    found = forecasting.expected(tx, as_of, own.currency)
    rows: list[tuple[Cell, ...]] = [
        (f"{each.year}-W{each.week:02d}", each.monday, each.count, own.major(each.amount)) for each in found.weeks
    ]
    rows += [("disputed", None, None, own.major(found.disputed)), ("credits", None, None, own.major(found.credits))]
    return rows_table("week, from, items, expected", rows, ("open", None, len(found.rows), own.major(found.total)))


@report("cash-items", "Each open item with the day its money is expected and what the day was taken from.")
def cash_items(tx: Tx, as_of: date) -> Table:
    """One row an item, or two where only a part is promised; the first 1,000 by day."""
    own = books(tx)
    found = forecasting.expected(tx, as_of, own.currency).rows[:1000]
    statement = (
        select(ITEM.c.id, ITEM.c.number, ITEM.c.due_on, CUSTOMER.c.code)
        .join(CUSTOMER, (CUSTOMER.c.company == ITEM.c.company) & (CUSTOMER.c.id == ITEM.c.customer_id))
        .where(ITEM.c.company == tx.company, ITEM.c.id.in_([int(each.id) for each in found]))
    )
    named = {str(row.id): row for row in fetched(tx, statement)} if found else {}
    rows = [
        (named[each.id].number, named[each.id].code, named[each.id].due_on, each.on, each.basis, own.major(each.amount))
        for each in found
    ]
    return rows_table("item, customer, due, expected on, by, amount", rows)


@report(
    "provision",
    "Expected credit losses by age at the rates of IFRS 9, Illustrative Example 12, credit notes asked for taken off "
    "first; 'csdesk provision propose' takes the company's own rates.",
)
def provision(tx: Tx, as_of: date) -> Table:
    """One row a band and currency; the last line of each is the allowance booked and what it should be."""
    own = provisioning.computed(tx, as_of)
    rows, total = list[tuple[Cell, ...]](), tuple[Cell, ...]()
    for view in (own, *(provisioning.computed(tx, as_of, currency=code) for code, _ in own.apart)):
        cur = view.currency
        rows += [total] if total else []
        rows += [
            (each.name, cur, in_major(each.gross, cur), in_major(each.expected_credit, cur),
             in_major(each.exposure, cur), each.rate, in_major(each.provision, cur))
            for each in (*view.bands, *view.individual)
        ]  # fmt: skip
        total = ("booked", cur, in_major(view.booked, cur), None, None, "needed", in_major(view.total, cur))
    return rows_table("band, currency, open, credits, exposure, rate %, provision", rows, total)


@report(
    "write-off-proposals",
    "Items to propose for writing off: over 180 days past due, dunned to the last level, not disputed or promised.",
)
def write_off_proposals(tx: Tx, as_of: date) -> Table:
    """One row an item, the oldest first."""
    rows: list[tuple[Cell, ...]] = [
        (each.number, each.customer, each.due_on, each.currency, in_major(each.open, each.currency), each.reason)
        for each in provisioning.hopeless(tx, as_of)
    ]
    return summed("item, customer, due, currency, open, why", rows, 3, (4,))
