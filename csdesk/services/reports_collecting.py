"""Reports on collection: the work list, dunning, promises, held orders, limits, cash forecast, provision."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from csdesk.models import CreditAccount, Customer, DunningLevel, DunningNotice, OpenItem, Promise, table
from csdesk.rules.collection import promise_kept_percent
from csdesk.services import collecting, forecasting, limit_review, provisioning, releasing
from csdesk.services.derived import raw
from csdesk.services.reports_base import Cell, Table, books, fetched, report, rows_table
from csdesk.services.tx import Tx

NOTICE, LEVEL, PROMISE, ITEM = table(DunningNotice), table(DunningLevel), table(Promise), table(OpenItem)
CUSTOMER, ACCOUNT = table(Customer), table(CreditAccount)
DAYS = 30


@report(
    "collections",
    "Accounts to work on, ranked by value at risk: past-due debit x share of its age band, broken promises and "
    "deductions near their deadline in full; disputed and promised items left out.",
)
def collections(tx: Tx, as_of: date) -> Table:
    """One row an account, the first 200."""
    own, rows = books(tx), []
    for row in collecting.worklist(tx, as_of):
        money = (own.major(row.overdue), own.major(row.at_risk))
        rows.append(
            (row.place, row.customer, row.name, *money, row.oldest_days, row.contact_on, "; ".join(row.reasons))
        )
    total = ("", "all", "", sum((r[3] for r in rows), own.major(0)), sum((r[4] for r in rows), own.major(0)))
    columns = "rank, customer, name, past due, at risk, days late, last contact, why"
    return rows_table(columns, rows, (*total, None, None, ""))


@report("dunning", "Notices of the 30 days up to the key date by run and level, with what they asked for.")
def dunning(tx: Tx, as_of: date) -> Table:
    """One row a run and level; fee and interest are stated on the notice, not posted."""
    own = books(tx)
    sums = [func.sum(raw(NOTICE.c[name])).label(name) for name in ("amount", "fee", "interest")]
    statement = (
        select(NOTICE.c.run_on, NOTICE.c.level, NOTICE.c.currency, func.count().label("notices"), *sums)
        .where(NOTICE.c.company == tx.company, NOTICE.c.run_on <= as_of, NOTICE.c.run_on > as_of - timedelta(days=DAYS))
        .group_by(NOTICE.c.run_on, NOTICE.c.level, NOTICE.c.currency)
        .order_by(NOTICE.c.run_on.desc(), NOTICE.c.level, NOTICE.c.currency)
    )
    rows = [
        (row.run_on, row.level, row.currency, int(row.notices), own.major(row.amount), own.major(row.fee),
         own.major(row.interest))
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
    """Open ones have paid nothing yet."""
    own = books(tx)
    mine = (PROMISE.c.company == tx.company, PROMISE.c.promised_on > as_of - timedelta(days=90),
            PROMISE.c.promised_on <= as_of)  # fmt: skip
    statement = (
        select(PROMISE.c.state, func.count().label("many"), func.sum(raw(PROMISE.c.amount)).label("amount"),
               func.sum(raw(PROMISE.c.paid)).label("paid"))
        .where(*mine)
        .group_by(PROMISE.c.state)
        .order_by(PROMISE.c.state)
    )  # fmt: skip
    rows = [(row.state, int(row.many), own.major(row.amount), own.major(row.paid)) for row in fetched(tx, statement)]
    every = [(row.state, row.amount, row.paid) for row in fetched(tx, select(PROMISE).where(*mine))]
    kept = promise_kept_percent(every)
    return rows_table(
        "state, promises, promised, paid", rows, ("kept %", "", "", None if kept is None else round(kept, 1))
    )


@report("held-orders", "Orders that are held now, the oldest first, with why and since when.")
def held_orders(tx: Tx, as_of: date) -> Table:
    """One row an order."""
    own, rows = books(tx), []
    for each in releasing.held(tx, 1000):
        placed = each.placed_at.astimezone(own.zone).date()
        rows.append((each.number, each.customer, placed, own.major(each.gross), each.placed_by, "; ".join(each.holds)))
    total = ("all", len(rows), None, sum((row[3] for row in rows), own.major(0)), "", "")
    return rows_table("order, customer, placed, gross, by, why", rows, total)


@report(
    "credit-use",
    "Accounts with a limit and what they use of it (exposure), those over it first; and the limits that use and "
    "behaviour suggest.",
)
def credit_limits(tx: Tx, as_of: date) -> Table:
    """One row an account, the first 200 by use."""
    own = books(tx)
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
        select(owner.label("code"), limit.label("limit"), used.label("used"))
        .where(ACCOUNT.c.company == tx.company, limit.is_not(None))
        .order_by((used - limit).desc(), ACCOUNT.c.id)
        .limit(200)
    )
    advised = {each.customer: each for each in limit_review.review(tx, 1000)}
    rows = []
    for row in fetched(tx, statement):
        hint = advised.get(row.code)
        share = row.used * 100 // row.limit if row.limit else None
        said = (own.major(hint.proposed), hint.reason) if hint else (None, "")
        rows.append(
            (row.code, own.major(row.limit), own.major(row.used), own.major(row.limit - row.used), share, *said)
        )
    return rows_table("customer, limit, exposure, left, used %, suggested, why", rows)


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
    """One row a band; the last line is the allowance booked and what it should be."""
    own = books(tx)
    view = provisioning.computed(tx, as_of)
    rows = [
        (each.name, own.major(each.gross), own.major(each.expected_credit), own.major(each.exposure), each.rate,
         own.major(each.provision))
        for each in (*view.bands, *view.individual)
    ]  # fmt: skip
    total = ("booked", own.major(view.booked), None, None, "needed", own.major(view.total))
    return rows_table("band, open, credits, exposure, rate %, provision", rows, total)


@report(
    "write-off-proposals",
    "Items to propose for writing off: over 180 days past due, dunned to the last level, not disputed or promised.",
)
def write_off_proposals(tx: Tx, as_of: date) -> Table:
    """One row an item, the oldest first."""
    own = books(tx)
    rows = [
        (each.number, each.customer, each.due_on, own.major(each.open), each.reason)
        for each in provisioning.hopeless(tx, as_of)
    ]
    return rows_table("item, customer, due, open, why", rows, ("all", len(rows), None, sum(
        (row[3] for row in rows), own.major(0)), ""))  # fmt: skip
