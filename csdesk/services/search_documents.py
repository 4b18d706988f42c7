"""Orders, invoices, credit and debit notes by their number: exact, its beginning, or inside a customer its ending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Executable, Row, Select, Table, bindparam, collate, func, literal, select, union

from csdesk.models import Company, Customer, Document, SalesOrder, table
from csdesk.rules.text import printable
from csdesk.services.search_lookup import END, WINDOW
from csdesk.services.tx import Tx

ORDER, DOCUMENT, CUSTOMER, COMPANY = table(SalesOrder), table(Document), table(Customer), table(Company)
LONGEST = 40  # of a document number
EXACT, PART = 0, 1


@dataclass(frozen=True)
class DocumentHit:
    """An order or a posted document; `kind` is order, invoice, credit_note or debit_note, `gross` in minor units.

    `rank` 0: the whole number was typed, 1: its beginning or ending.
    """

    kind: str
    id: int
    number: str
    customer_id: int
    customer_code: str
    customer_name: str
    on: date
    gross: int
    currency: str
    status: str
    rank: int


def find(tx: Tx, typed: str, customer_id: int | None, limit: int) -> tuple[DocumentHit, ...]:
    """Documents whose number is or begins with what is typed; with a customer: the customer's that end with it.

    Ordered by rank, the latest first.
    """
    number = number_of(typed)
    if not number:
        return ()
    found: dict[tuple[str, int], DocumentHit] = {}
    for source in (ORDER, DOCUMENT):
        for statement, params in _lookups(tx, source, number, customer_id):
            rows = tx.rows(statement, {"company": tx.company, "n": max(limit, WINDOW), **params})
            hits = (hit for hit in _hits(tx, rows, number) if customer_id in (None, hit.customer_id))
            found |= {(hit.kind, hit.id): hit for hit in hits}
    latest = sorted(found.values(), key=lambda hit: (hit.on, hit.number, hit.id), reverse=True)
    return tuple(sorted(latest, key=lambda hit: hit.rank)[:limit])


def _lookups(
    tx: Tx, source: Table, number: str, customer_id: int | None
) -> list[tuple[Executable, Mapping[str, object]]]:
    exact = _exact(source, tx.postgres), {"cases": list(_cases(number))}
    if customer_id is None:
        starts = ((_beginning(source, tx.postgres), {"low": case, "high": case + END}) for case in _cases(number))
        return [exact, *starts]
    ending = "%" + number.lower().replace("/", "//").replace("%", "/%").replace("_", "/_")
    return [exact, (_ending(source), {"customer": customer_id, "ending": ending})]


def owners(tx: Tx, typed: str) -> tuple[int, ...]:
    """The customers of the orders and documents with exactly this number."""
    number = number_of(typed)
    if not any(sign.isdigit() for sign in number):
        return ()
    rows = tx.rows(_owners(tx.postgres), {"company": tx.company, "cases": list(_cases(number)), "n": WINDOW})
    return tuple(int(row.customer_id) for row in rows)


def number_of(typed: str) -> str:
    """What is typed as a document number: one row, no blanks around it; '' when it is too long for one."""
    number = printable(typed).strip()
    return number if len(number) <= LONGEST else ""


def _cases(number: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((number, number.upper(), number.lower())))


def _hits(tx: Tx, rows: Sequence[Row[Any]], number: str) -> list[DocumentHit]:
    zone = ZoneInfo(tx.value(_ZONE, {"company": tx.company}) or "UTC") if rows else None
    return [
        DocumentHit(
            row.kind, row.id, row.number, row.customer_id, row.code, row.name,
            row.dated.astimezone(zone).date() if isinstance(row.dated, datetime) else row.dated,
            row.gross, row.currency, row.status, EXACT if row.number.lower() == number.lower() else PART,
        )
        for row in rows
    ]  # fmt: skip


def _bytewise(column: Any, postgres: bool) -> Any:
    return collate(column, "C") if postgres else column


def _columns(source: Table) -> list[Any]:
    if source is ORDER:
        own = [literal("order").label("kind"), ORDER.c.placed_at.label("dated"), ORDER.c.status]
    else:
        own = [DOCUMENT.c.kind, DOCUMENT.c.issued_on.label("dated"), literal("").label("status")]
    common = (source.c[name] for name in ("id", "number", "customer_id", "gross", "currency"))
    return [*own, *common, CUSTOMER.c.code, CUSTOMER.c.name]


def _select(source: Table) -> Select[Any]:
    same = (CUSTOMER.c.company == source.c.company) & (CUSTOMER.c.id == source.c.customer_id)
    return select(*_columns(source)).join_from(source, CUSTOMER, same).where(source.c.company == bindparam("company"))


@cache
def _beginning(source: Table, postgres: bool) -> Executable:
    number = _bytewise(source.c.number, postgres)
    found = _select(source).where(number >= bindparam("low"), number < bindparam("high"))
    return found.order_by(number.desc()).limit(bindparam("n"))


@cache
def _ending(source: Table) -> Executable:
    number, dated = func.lower(source.c.number), ORDER.c.placed_at if source is ORDER else DOCUMENT.c.issued_on
    found = _select(source).where(
        source.c.customer_id == bindparam("customer"), number.like(bindparam("ending"), escape="/")
    )
    return found.order_by(dated.desc(), source.c.id.desc()).limit(bindparam("n"))


@cache
def _exact(source: Table, postgres: bool) -> Executable:
    number = _bytewise(source.c.number, postgres)
    return _select(source).where(number.in_(bindparam("cases", expanding=True))).limit(bindparam("n"))


@cache
def _owners(postgres: bool) -> Executable:
    found = (
        select(source.c.customer_id)
        .where(source.c.company == bindparam("company"))
        .where(_bytewise(source.c.number, postgres).in_(bindparam("cases", expanding=True)))
        for source in (ORDER, DOCUMENT)
    )
    return union(*found).limit(bindparam("n"))


_ZONE = select(COMPANY.c.timezone).where(COMPANY.c.id == bindparam("company"))
