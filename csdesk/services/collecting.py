"""The collections work list, and the log of what was said to debtors about money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, insert, select

from csdesk.errors import Invalid, NotFound
from csdesk.ids import new_id
from csdesk.models import ContactEntry, CreditAccount, Customer, OpenItem, Staff, table
from csdesk.rules import worklist as rule
from csdesk.rules.ageing import EDGES
from csdesk.services import as_of as events
from csdesk.services import audit, dunning_levels, reports_base
from csdesk.services.derived import raw
from csdesk.services.tx import Tx, reads, writes

ITEM = table(OpenItem)
CONTACT, ACCOUNT, CUSTOMER, STAFF = table(ContactEntry), table(CreditAccount), table(Customer), table(Staff)
CHANNELS = ("call", "mail", "letter", "visit", "note")
BROKEN = ("broken", "partly")


@dataclass(frozen=True)
class WorkRow:
    """An account of the work list: amounts in minor units, the reasons for its place in words."""

    place: int
    account_id: int
    customer_id: int
    customer: str
    name: str
    currency: str
    overdue: int
    at_risk: int
    oldest_days: int
    contact_on: date | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Contact:
    """What was said or sent to a debtor."""

    at: datetime
    by: str
    channel: str
    words: str


@reads("dunning.run")
def worklist(tx: Tx, as_of: date | None = None, limit: int = 200) -> tuple[WorkRow, ...]:
    """Accounts to work on, ranked by `rules.worklist`, currency by currency, the company's own first (so many of each);
    disputed and promised items are left out, deductions whose deadline is near come in.

    A past day is rebuilt from postings, disputes, promises and contacts; accounts that are not to be reminded, and the
    deadlines of deductions, are those known now.
    """
    books = reports_base.books(tx)
    day = as_of or tx.now.astimezone(books.zone).date()
    every = _debtors(tx, day)
    debtors: list[rule.Ranked] = []
    for currency in sorted({each.currency for each in every}, key=lambda each: (each != books.currency, each)):
        debtors += rule.ranked([each for each in every if each.currency == currency], day)[:limit]
    named = _names(tx, [each.debtor.id for each in debtors])
    return tuple(
        WorkRow(
            place, each.debtor.id, named[each.debtor.id].id, named[each.debtor.id].code, named[each.debtor.id].name,
            each.debtor.currency, sum(each.debtor.past_due) + each.debtor.broken_value, each.at_risk,
            each.debtor.oldest_days, each.debtor.contact_on, each.reasons,
        )
        for place, each in enumerate(debtors, 1) if each.debtor.id in named
    )  # fmt: skip


def _debtors(tx: Tx, day: date) -> list[rule.Debtor]:
    then = events.past(tx, day)
    past, broken = _past_due(tx, day, then), _broken(tx, then)
    deadlines = _deadlines(tx, day, then)
    spoken = _spoken(tx, then)
    found = []
    for account, currency in sorted(set(past) | set(deadlines)):
        row, deadline = past.get((account, currency)), deadlines.get((account, currency))
        bands = tuple(int(row[f"band{n}"]) for n in range(len(EDGES) + 1)) if row else (0,) * (len(EDGES) + 1)
        found.append(
            rule.Debtor(
                account, bands, int(row["promised"]) if row else 0, (day - row["oldest"]).days if row else 0,
                broken.get((account, currency), 0), deadline["on"] if deadline else None,
                int(deadline["open"]) if deadline else 0, spoken.get(account),
                currency,
            )
        )  # fmt: skip
    return found


Key = tuple[int, str]  # an account and a currency


def _items(tx: Tx, past: date | None) -> tuple[Any, Any, list[Any]]:
    """Columns, what is open, and conditions of the items as they are or stood at the end of a past day."""
    if past is None:
        return ITEM.c, raw(ITEM.c.open), [ITEM.c.company == tx.company]
    rows = events.items_at(tx, past)
    return rows.c, rows.c.left, []


def _past_due(tx: Tx, day: date, past: date | None) -> dict[Key, Any]:
    """Per account: past-due debit by age band, what broken promises were for apart, the oldest due day."""
    c, opened, mine = _items(tx, past)
    told = events.promises(tx, past)
    item = c.id.in_(select(told.c.item_id).where(told.c.state.in_(BROKEN)))
    sums, newest = [], day
    for n, edge in enumerate((*EDGES, None)):
        oldest = day - timedelta(days=edge) if edge is not None else None
        within = and_(c.due_on < newest, *([c.due_on >= oldest] if oldest else []), ~item)
        sums.append(func.sum(case((within, opened), else_=0)).label(f"band{n}"))
        newest = oldest or newest
    statement = (
        select(c.account_id, c.currency, func.min(c.due_on).label("oldest"), *sums,
               func.sum(case((item, opened), else_=0)).label("promised"))
        .where(
            *mine, opened != 0, opened > 0, c.due_on < day, dunning_levels.free_of_holds(tx, day, past, c.id),
            c.account_id.not_in(dunning_levels.blocked_accounts(tx, day)),
        )
        .group_by(c.account_id, c.currency)
    )  # fmt: skip
    return {(row["account_id"], row["currency"]): row for row in tx.connection.execute(statement).mappings()}


def _broken(tx: Tx, past: date | None) -> dict[Key, int]:
    """How many promises on items that are open still were broken, by account."""
    told, (c, opened, mine) = events.promises(tx, past), _items(tx, past)
    statement = (
        select(c.account_id, c.currency, func.count().label("many"))
        .join(told, told.c.item_id == c.id)
        .where(*mine, told.c.state.in_(BROKEN), opened > 0)
        .group_by(c.account_id, c.currency)
    )
    return {(row.account_id, row.currency): row.many for row in tx.rows(statement)}


def _deadlines(tx: Tx, day: date, past: date | None) -> dict[Key, Any]:
    """Per account: the next deadline of its open deductions that are near, and what is open of these."""
    last, rows = day + timedelta(days=rule.DEADLINE_DAYS), events.disputes(tx, past)
    statement = (
        select(rows.c.account_id, rows.c.currency, func.min(rows.c.deadline_on).label("on"),
               func.sum(rows.c.open).label("open"))
        .where(rows.c.deadline_on <= last)
        .group_by(rows.c.account_id, rows.c.currency)
    )  # fmt: skip
    return {(row["account_id"], row["currency"]): row for row in tx.connection.execute(statement).mappings()}


def _spoken(tx: Tx, past: date | None) -> dict[int, date]:
    """The day of the last contact with each account."""
    zone = reports_base.books(tx).zone
    statement = select(CONTACT.c.account_id, func.max(CONTACT.c.at).label("last")).where(
        CONTACT.c.company == tx.company, *([CONTACT.c.at < events.end_of(tx, past)] if past else [])
    )
    return {
        row.account_id: row.last.astimezone(zone).date() for row in tx.rows(statement.group_by(CONTACT.c.account_id))
    }


def _names(tx: Tx, accounts: list[int]) -> dict[int, Any]:
    """The customer each account is in the name of: the one that is billed itself, the first of several."""
    found: dict[int, Any] = {}
    statement = (
        select(CUSTOMER.c.id, CUSTOMER.c.code, CUSTOMER.c.name, CUSTOMER.c.account_id)
        .where(CUSTOMER.c.company == tx.company, CUSTOMER.c.account_id.in_(accounts))
        .order_by(CUSTOMER.c.bill_to_id.is_not(None), CUSTOMER.c.id)
    )
    for row in tx.rows(statement) if accounts else ():
        found.setdefault(row.account_id, row)
    return found


@writes("promise.take")
def log_contact(
    tx: Tx, account_id: int, channel: str, words: str, subject: str = "", subject_id: int | None = None
) -> str:
    """Notes what was said to a debtor about money; it stands. Raises Invalid for a channel that is none or no words,
    NotFound for the account."""
    if channel not in CHANNELS:
        raise Invalid(f"'{channel}' is no channel; it is one of {', '.join(CHANNELS)}.", field="channel")
    if not words.strip():
        raise Invalid("Say what was said; an empty note helps nobody.", field="text")
    known = select(ACCOUNT.c.id).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.id == account_id)
    if tx.value(known) is None:
        raise NotFound("This account no longer exists; find the caller again.")
    entry = note(tx, account_id, channel, words, subject, subject_id)
    audit.record(tx, "collecting.log_contact", "contact", entry, None,
                 {"account": account_id, "channel": channel, "words": words.strip()})  # fmt: skip
    return f"Noted in the contact log: {words.strip()}"


def note(tx: Tx, account_id: int, channel: str, words: str, subject: str = "", subject_id: int | None = None) -> int:
    """Adds an entry to the contact log, as part of an act that is audited itself; gives its id. Internal."""
    entry = new_id()
    tx.do(insert(CONTACT), {
        "company": tx.company, "id": entry, "account_id": account_id, "at": tx.now, "staff_id": tx.actor.id,
        "channel": channel, "words": words.strip()[:500], "subject": subject, "subject_id": subject_id,
    })  # fmt: skip
    return entry


@reads("customer.read")
def contacts(tx: Tx, account_id: int, limit: int = 5) -> tuple[Contact, ...]:
    """What was said to a debtor last, newest first."""
    staff = (STAFF.c.company == CONTACT.c.company) & (STAFF.c.id == CONTACT.c.staff_id)
    statement = (
        select(CONTACT, STAFF.c.login)
        .outerjoin(STAFF, staff)
        .where(CONTACT.c.company == tx.company, CONTACT.c.account_id == account_id)
        .order_by(CONTACT.c.at.desc(), CONTACT.c.id.desc())
        .limit(limit)
    )
    return tuple(Contact(row.at, row.login or "the desk", row.channel, row.words) for row in tx.rows(statement))
