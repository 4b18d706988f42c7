"""Dunning runs: one notice to an account and run, repeatable without doubling; and the wish that an account be left
alone for a while.

A run is one row a day. Each account is noticed in a transaction of its own under the lock of its credit account, and
the database knows one notice an account and run: a run that was killed is simply run again, by as many as like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from csdesk.errors import Invalid, NotFound
from csdesk.ids import new_id
from csdesk.models import (
    CreditAccount,
    Customer,
    DunnedItem,
    DunningLevel,
    DunningNotice,
    DunningRun,
    OpenItem,
    Promise,
    table,
)
from csdesk.money import decimal_of, show
from csdesk.rules import dunning as rule
from csdesk.services import audit, collecting, dunning_levels, memory, reports_base
from csdesk.services.derived import raw
from csdesk.services.tx import Tx, reads, writes

RUN, NOTICE, DUNNED = table(DunningRun), table(DunningNotice), table(DunnedItem)
ACCOUNT, CUSTOMER, ITEM, PROMISE = table(CreditAccount), table(Customer), table(OpenItem), table(Promise)
LEVEL = table(DunningLevel)
CHANNELS = ("mail", "letter", "call")
INTERVAL_DAYS = 7  # at least so long between two notices to an account


@dataclass(frozen=True)
class NoticeView:
    """A notice made, or that would be made: amounts in minor units; `id` 0 when it was not written."""

    id: int
    account_id: int
    customer: str
    level: int
    channel: str
    currency: str
    amount: int
    fee: int
    interest: int
    items: int


@reads("dunning.run")
def waiting(tx: Tx, day: date, after: int = 0, limit: int = 500) -> tuple[int, ...]:
    """Accounts with past-due debit items and no notice in the run of a day, by id from `after` on.

    Raises Invalid for a day that has not come.
    """
    _check(tx, day)
    noticed = select(NOTICE.c.account_id).where(NOTICE.c.company == tx.company, NOTICE.c.run_on == day)
    statement = (
        select(ITEM.c.account_id)
        .where(
            ITEM.c.company == tx.company, raw(ITEM.c.open) != 0, raw(ITEM.c.open) > 0, ITEM.c.due_on < day,
            ITEM.c.posted_on <= day,
            ITEM.c.account_id > after, ITEM.c.account_id.not_in(noticed),
        )
        .distinct()
        .order_by(ITEM.c.account_id)
        .limit(limit)
    )  # fmt: skip
    return tuple(row.account_id for row in tx.rows(statement))


def _check(tx: Tx, day: date) -> None:
    if day > tx.now.astimezone(reports_base.books(tx).zone).date():
        raise Invalid(f"{day:%d %b %Y} has not come yet; a run is for today or a day that has passed.", field="on")


@reads("dunning.run")
def preview(tx: Tx, day: date, accounts: Sequence[int], interval_days: int = INTERVAL_DAYS) -> tuple[NoticeView, ...]:
    """The notices a run of a day would make of these accounts; nothing is written."""
    found = (_outcome(tx, account, day, interval_days) for account in accounts)
    return tuple(_view(tx, row, made) for row, made in found if made.notice is not None)


@writes("dunning.run")
def notify(tx: Tx, day: date, accounts: tuple[int, ...], interval_days: int = INTERVAL_DAYS) -> tuple[NoticeView, ...]:
    """Makes the notices of a day for some accounts: each once, whoever runs this at the same time.

    A notice states fee and interest but posts neither; it leaves by the outbox ("dunning-notice") and stands in the
    contact log. Disputed, promised and blocked items and accounts are left out. Raises Invalid for a day to come.
    """
    _check(tx, day)
    run = _run(tx, day)
    made = [_notify(tx, run, account, interval_days) for account in sorted(set(accounts))]
    written = tuple(each for each in made if each is not None)
    for each in written:
        audit.record(tx, "dunning.notify", "notice", each.id, None,
                     {"account": each.account_id, "level": each.level, "amount": each.amount, "fee": each.fee,
                      "interest": each.interest, "on": day})  # fmt: skip
    return written


def _run(tx: Tx, day: date) -> Row[Any]:
    start = (postgresql.insert(RUN) if tx.postgres else sqlite.insert(RUN)).on_conflict_do_nothing()
    tx.do(start, {"company": tx.company, "id": new_id(), "run_on": day, "began_at": tx.now, "began_by": tx.actor.id})
    row = tx.row(select(RUN).where(RUN.c.company == tx.company, RUN.c.run_on == day))
    assert row is not None
    return row


def _notify(tx: Tx, run: Row[Any], account_id: int, interval_days: int) -> NoticeView | None:
    tx.value(select(ACCOUNT.c.id).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.id == account_id).with_for_update())
    row, outcome = _outcome(tx, account_id, run.run_on, interval_days)
    notice = outcome.notice
    if notice is None:
        return None
    view = _view(tx, row, outcome, new_id())
    tx.do(insert(NOTICE), {
        "company": tx.company, "id": view.id, "run_id": run.id, "run_on": run.run_on, "made_at": tx.now,
        "account_id": account_id, "level": view.level, "channel": view.channel, "currency": view.currency,
        "amount": view.amount, "fee": view.fee, "interest": view.interest,
    })  # fmt: skip
    tx.do(insert(DUNNED), [
        {"company": tx.company, "notice_id": view.id, "item_id": int(each.id), "level": each.level, "open": each.amount}
        for each in notice.items
    ])  # fmt: skip
    told = {"notice": view.id, "account": account_id, "customer": row.customer_id, "channel": view.channel}
    memory.post(tx, "dunning-notice", f"dunning:{view.id}", told, 0)
    words = f"Reminder {view.level}: {show(view.amount, view.currency)} {view.currency} of {view.items} items past due"
    collecting.note(tx, account_id, view.channel, words, "notice", view.id)
    return view


def _outcome(tx: Tx, account_id: int, day: date, interval_days: int) -> tuple[Row[Any], rule.Outcome]:
    """The account with the customer it is written to, and what the rule makes of it on a day."""
    row = tx.row(
        select(ACCOUNT, select(func.min(CUSTOMER.c.id)).where(
            CUSTOMER.c.company == tx.company, CUSTOMER.c.account_id == account_id, CUSTOMER.c.bill_to_id.is_(None)
        ).scalar_subquery().label("customer_id")).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.id == account_id)
    )  # fmt: skip
    if row is None:
        raise NotFound("This account no longer exists; nobody is reminded.")
    known = dunning_levels.procedures(tx).get(row.dunning_procedure)
    if known is None:
        return row, rule.Outcome(str(account_id), None, f"no dunning procedure '{row.dunning_procedure}'")
    last = tx.value(
        select(func.max(NOTICE.c.run_on)).where(NOTICE.c.company == tx.company, NOTICE.c.account_id == account_id)
    )
    blocked = row.dunning_blocked_until is not None and day <= row.dunning_blocked_until
    items = _items(tx, account_id, day, len(known[1]))
    account = rule.Account(str(account_id), items, row.dunning_procedure, last, blocked)
    own = dunning_levels.currency_of(tx, row.dunning_procedure) == row.currency
    levels = known[0].levels if own else dunning_levels.without_amounts(known[0]).levels
    procedure = rule.Procedure(levels, interval_days=interval_days)
    already = {(str(account_id), _key(day))} if last == day else frozenset()
    return row, rule.dun(account, procedure, day, _key(day), already=already)


def _key(day: date) -> str:
    return day.isoformat()


def _items(tx: Tx, account_id: int, day: date, maximum: int) -> tuple[rule.DunningItem, ...]:
    rows = tx.rows(
        select(ITEM.c.id, ITEM.c.open, ITEM.c.due_on)
        .where(
            ITEM.c.company == tx.company, ITEM.c.account_id == account_id, raw(ITEM.c.open) != 0,
            ITEM.c.posted_on <= day,
        )
        .order_by(ITEM.c.due_on, ITEM.c.id)
    )  # fmt: skip
    ids = [row.id for row in rows if row.open > 0]
    disputed = {
        row.item_id for row in tx.rows(dunning_levels.disputed_items(tx).where(
            dunning_levels.DISPUTE.c.account_id == account_id))
    }  # fmt: skip
    promised = select(PROMISE.c.item_id, func.max(PROMISE.c.promised_on).label("until")).where(
        PROMISE.c.company == tx.company, PROMISE.c.account_id == account_id, PROMISE.c.state == "open"
    )
    until = {row.item_id: row.until for row in tx.rows(promised.group_by(PROMISE.c.item_id))}
    levels = dunning_levels.reached(tx, ids, maximum)
    return tuple(
        rule.DunningItem(
            str(row.id), row.open, row.due_on, levels.get(row.id, dunning_levels.NEVER).level,
            levels.get(row.id, dunning_levels.NEVER).last_notice_on, row.id in disputed, until.get(row.id),
        )
        for row in rows
    )  # fmt: skip


def _view(tx: Tx, row: Row[Any], outcome: rule.Outcome, id: int = 0) -> NoticeView:
    notice = outcome.notice
    assert notice is not None
    levels = dunning_levels.procedures(tx)[row.dunning_procedure][1]
    channel = levels[notice.level - 1].channel
    code = tx.value(select(CUSTOMER.c.code).where(CUSTOMER.c.company == tx.company, CUSTOMER.c.id == row.customer_id))
    return NoticeView(
        id, row.id, code or "", notice.level, channel, row.currency, notice.overdue, notice.fee, notice.interest,
        len(notice.items),
    )  # fmt: skip


@reads("dunning.run")
def currency_of(tx: Tx, procedure: str, typed: str = "") -> str:
    """The currency of a procedure's amounts; of one that is new what was typed, else the company's. Raises Invalid."""
    return _currency(tx, procedure, typed)


def _currency(tx: Tx, procedure: str, typed: str) -> str:
    asked = typed.strip().upper()
    if asked and (len(asked) != 3 or not asked.isalpha()):
        raise Invalid(f"'{typed}' is no currency code; three letters are wanted, e.g. JPY.", field="currency")
    own = dunning_levels.currency_of(tx, procedure)
    if procedure not in dunning_levels.procedures(tx):
        return asked or own
    if asked and asked != own:
        name = procedure or "The usual procedure"
        raise Invalid(f"{name} has its amounts in {own}; another procedure is wanted for {asked}.", field="currency")
    return own


@writes("dunning.run")
def set_level(
    tx: Tx,
    level: int,
    procedure: str = "",
    *,
    days: int | None = None,
    channel: str = "",
    fee: int | None = None,
    minimum: int | None = None,
    interest: str = "",
    text: str = "",
    currency: str = "",
) -> str:
    """Changes a level of a dunning procedure, or adds the next one; fee and minimum in minor units of `currency` (the
    procedure's; of a new one the company's when left out), interest in percent a year. What is left out stays. Raises
    Invalid when the levels would have gaps or falling days, and for another currency than the procedure's.
    """  # fmt: skip
    money = _currency(tx, procedure, currency)
    given = {"days_late": days, "channel": channel or None, "fee": fee, "minimum": minimum, "text": text or None,
             "interest_percent": decimal_of(interest) if interest else None}  # fmt: skip
    values = {name: value for name, value in given.items() if value is not None}
    if channel and channel not in CHANNELS:
        raise Invalid(f"'{channel}' is no channel of a reminder; it is one of {', '.join(CHANNELS)}.", field="channel")
    key = (LEVEL.c.company == tx.company, LEVEL.c.procedure == procedure, LEVEL.c.level == level)
    before = tx.row(select(LEVEL).where(*key))
    if before is not None and values:
        tx.do(update(LEVEL).where(*key).values(**values))
    elif before is None and days is None:
        raise Invalid(f"Level {level} is new; say after how many days.", field="days")
    elif before is None:
        new = {"company": tx.company, "procedure": procedure, "level": level, "currency": money}
        tx.do(insert(LEVEL), {**new, **values})
    dunning_levels.read_anew(tx)  # raises when the levels do not follow each other
    old = {name: getattr(before, name) for name in values} if before is not None else None
    told = {"procedure": procedure, "currency": money, **values}
    audit.record(tx, "dunning.set_level", "dunning_level", level, old, told)
    return f"Level {level} of {procedure or 'the usual procedure'} is set."


@reads("report.read")
def notices(tx: Tx, since: date | None = None, limit: int = 200) -> tuple[NoticeView, ...]:
    """The latest notices, newest first."""
    start = since or tx.now.date() - timedelta(days=30)
    counted = (
        select(func.count())
        .where(DUNNED.c.company == NOTICE.c.company, DUNNED.c.notice_id == NOTICE.c.id)
        .correlate(NOTICE)
        .scalar_subquery()
    )
    owner = (
        select(func.min(CUSTOMER.c.code))
        .where(CUSTOMER.c.company == NOTICE.c.company, CUSTOMER.c.account_id == NOTICE.c.account_id)
        .correlate(NOTICE)
        .scalar_subquery()
    )
    statement = select(NOTICE, counted.label("items"), owner.label("code")).where(
        NOTICE.c.company == tx.company, NOTICE.c.run_on >= start
    )
    return tuple(
        NoticeView(
            row.id, row.account_id, row.code or "", row.level, row.channel, row.currency, row.amount, row.fee,
            row.interest, row.items,
        )
        for row in tx.rows(statement.order_by(NOTICE.c.run_on.desc(), NOTICE.c.id.desc()).limit(limit))
    )  # fmt: skip
