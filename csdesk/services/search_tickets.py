"""Tickets as they are searched: by number, by words of their subject, those of a customer; only what one may see.

Search rows are written when a ticket begins: its subject never changes. Words are looked for among the latest tickets
first; the full text is read only as far as a bound, and where more tickets have the words than that, the latest ones
one may see are read instead. Internal to search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Text, bindparam, cast, collate, func, insert, select
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from csdesk.models import Customer, Ticket, TicketSearch, table
from csdesk.rules.text import normalised, run_together
from csdesk.services import seeing
from csdesk.services.search_documents import EXACT, PART, number_of
from csdesk.services.search_index import row_range
from csdesk.services.search_lookup import END
from csdesk.services.tx import Tx

TICKET, CUSTOMER, SEARCH = table(Ticket), table(Customer), table(TicketSearch)
WORDS = 2  # rank of a ticket found by its subject or its customer
PROBE = 2_000  # latest tickets read for words many have
BOUND = 5_000  # tickets the full text is read for
FAR_BACK = 20_000  # latest tickets one may see that are read where more have the words
LONGEST, MOST_WORDS, LEAST = 60, 6, 2
LIVE = ("work", "wait")


@dataclass(frozen=True)
class TicketHit:
    """A ticket found; `rank` 0: its whole number was typed, 1: the beginning of it, 2: words or its customer."""

    id: int
    number: str
    kind: str
    state: str
    subject: str
    customer: str
    rank: int


def words_of(subject: str) -> tuple[str, ...]:
    """The different words of a text as they are searched."""
    found = [*normalised(subject).split(), *(word for made in run_together(subject) for word in made.split())]
    return tuple(dict.fromkeys(word[:LONGEST] for word in found))


def index(tx: Tx, tickets: Iterable[tuple[int, str]]) -> int:
    """Writes the search rows of new tickets, (id, subject) each in the order they were opened; gives how many.

    Call it once for a ticket, in the transaction that stores it.
    """
    made = [(ticket, f" {' '.join(words_of(subject))} ") for ticket, subject in tickets]
    if not made:
        return 0
    rows: list[dict[str, Any]] = [{"company": tx.company, "ticket_id": ticket, "body": body} for ticket, body in made]
    if tx.postgres:
        terms = cast(bindparam("words", type_=Text), TSVECTOR)
        told = [{**row, "words": " ".join(f"'{word}'" for word in row["body"].split())} for row in rows]
        tx.do(insert(SEARCH).values(terms=terms), told)
        return len(rows)
    first, last = row_range(tx.company)
    used = tx.value(select(func.max(SEARCH.c.id)).where(SEARCH.c.id.between(first, last)))
    start = first if used is None else int(used) + 1
    numbered = [{"id": start + place, **row} for place, row in enumerate(rows)]
    tx.do(insert(SEARCH), numbered)
    tx.do(sql("INSERT INTO ticket_fts(rowid, body) VALUES (:id, :body)"),
          [{"id": row["id"], "body": row["body"]} for row in numbered])  # fmt: skip
    return len(rows)


def missing(tx: Tx) -> Sequence[Row[Any]]:
    """Id, number and subject of the tickets without a search row, in the order they were opened."""
    there = select(SEARCH.c.ticket_id).where(SEARCH.c.company == tx.company, SEARCH.c.ticket_id == TICKET.c.id)
    mine = select(TICKET.c.id, TICKET.c.number, TICKET.c.subject).where(TICKET.c.company == tx.company)
    return tx.rows(mine.where(~there.exists()).order_by(TICKET.c.opened_at, TICKET.c.id))


def index_missing(tx: Tx) -> int:
    """Writes the search rows that are missing; gives how many."""
    return index(tx, [(row.id, row.subject) for row in missing(tx)])


def find(tx: Tx, typed: str, limit: int, customer_ids: Sequence[int] = ()) -> list[TicketHit]:
    """The tickets the actor may see that a text fits: by number, then by the words of their subject, the latest first,
    then those under way of some customers."""
    found: dict[int, TicketHit] = {}
    for hits in (_by_number(tx, typed, limit), _by_words(tx, typed, limit), _of_customers(tx, customer_ids, limit)):
        for hit in hits:
            found.setdefault(hit.id, hit)
    return sorted(found.values(), key=lambda hit: hit.rank)[:limit]


def _rows() -> Select[Any]:
    customer = (CUSTOMER.c.company == TICKET.c.company) & (CUSTOMER.c.id == TICKET.c.customer_id)
    return select(
        TICKET.c.id, TICKET.c.number, TICKET.c.kind, TICKET.c.state, TICKET.c.subject, TICKET.c.contact,
        CUSTOMER.c.code, CUSTOMER.c.name,
    ).outerjoin_from(TICKET, CUSTOMER, customer)  # fmt: skip


def _hit(row: Row[Any], rank: int) -> TicketHit:
    customer = f"{row.code} {row.name}" if row.code else row.contact
    return TicketHit(row.id, row.number, row.kind, row.state, row.subject, customer, rank)


def _by_number(tx: Tx, typed: str, limit: int) -> list[TicketHit]:
    number = number_of(typed)
    if len(number) < LEAST:
        return []
    column = collate(TICKET.c.number, "C") if tx.postgres else TICKET.c.number
    found: dict[int, TicketHit] = {}
    for case in dict.fromkeys((number, number.upper(), number.lower())):
        begins = _rows().where(seeing.visible(tx), column >= case, column < case + END)
        for row in tx.rows(begins.order_by(column.desc()).limit(limit)):
            found[row.id] = _hit(row, EXACT if row.number.lower() == number.lower() else PART)
        exact = _rows().where(seeing.visible(tx), TICKET.c.number == case)
        found |= {row.id: _hit(row, EXACT) for row in tx.rows(exact)}
    return list(found.values())


def _by_words(tx: Tx, typed: str, limit: int) -> list[TicketHit]:
    wanted = [word[:LONGEST] for word in normalised(typed).split()[:MOST_WORDS]]
    if not wanted or max(map(len, wanted)) < LEAST:
        return []
    ids, whole = (_terms_postgres if tx.postgres else _terms_sqlite)(tx, wanted, limit)
    if len(ids) < limit and not whole:
        ids = _read(tx, wanted, limit)
    rows = {row.id: row for row in tx.rows(_rows().where(seeing.visible(tx), TICKET.c.id.in_(ids)))} if ids else {}
    return [_hit(rows[each], WORDS) for each in ids if each in rows]


Found = tuple[list[int], bool]  # ids, the latest first, and whether these are all there are


def _seen(tx: Tx, lookup: Any, limit: int) -> list[int]:
    """The tickets of a lookup (ticket_id, place) that one may see, the latest first."""
    joined = select(TICKET.c.id).join_from(lookup, TICKET, TICKET.c.id == lookup.c.ticket_id)
    return [row.id for row in tx.rows(joined.where(seeing.visible(tx)).order_by(lookup.c.place.desc()).limit(limit))]


def _terms_sqlite(tx: Tx, wanted: Sequence[str], limit: int) -> Found:
    """The full text gives its rows the latest first, and ends as soon as enough were seen."""
    first, last = row_range(tx.company)
    match = " AND ".join(f'"{word}"*' for word in wanted)
    columns = {"ticket_id": SEARCH.c.ticket_id, "place": SEARCH.c.id}
    lookup = (
        sql("SELECT s.ticket_id, f.rowid AS place FROM ticket_fts AS f CROSS JOIN ticket_search AS s ON s.id = f.rowid "
            "WHERE ticket_fts MATCH :match AND f.rowid BETWEEN :first AND :last ORDER BY f.rowid DESC LIMIT :bound")
        .bindparams(match=match, first=first, last=last, bound=BOUND)
        .columns(**{name: column.type for name, column in columns.items()})
        .subquery("found")
    )  # fmt: skip
    ids = _seen(tx, lookup, limit)
    if len(ids) >= limit:
        return ids, False
    many = tx.value(select(func.count()).select_from(lookup))
    return ids, int(many or 0) < BOUND


def _terms_postgres(tx: Tx, wanted: Sequence[str], limit: int) -> Found:
    """Words many have are met soon among the latest rows; GIN would gather all of them first."""
    query = cast(" & ".join(f"'{word}':*" for word in wanted), TSQUERY)
    columns = SEARCH.c.ticket_id, SEARCH.c.id.label("place"), SEARCH.c.terms
    latest = select(*columns).where(SEARCH.c.company == tx.company).order_by(SEARCH.c.id.desc()).limit(PROBE)
    near = latest.cte("near").prefix_with("MATERIALIZED", dialect="postgresql")
    fits = select(near.c.ticket_id, near.c.place).where(_matches(near.c.terms, query)).subquery("found")
    ids = _seen(tx, fits, limit)
    if len(ids) >= limit:
        return ids, False
    mine = select(*columns[:2]).where(SEARCH.c.company + 0 == tx.company, _matches(SEARCH.c.terms, query))
    bound = mine.limit(BOUND).cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
    many = tx.value(select(func.count()).select_from(bound))
    return (_seen(tx, bound, limit), True) if int(many or 0) < BOUND else (ids, False)


def _matches(terms: ColumnElement[Any], query: ColumnElement[Any]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = terms.op("@@", is_comparison=True)(query)
    return found


def _read(tx: Tx, wanted: Sequence[str], limit: int) -> list[int]:
    """The latest tickets one may see, read one by one for the words."""
    latest = select(TICKET.c.id).where(seeing.visible(tx)).order_by(TICKET.c.id.desc()).limit(FAR_BACK).subquery()
    joined = (SEARCH.c.company == tx.company) & (SEARCH.c.ticket_id == latest.c.id)
    holds = [func.instr(SEARCH.c.body, f" {word}") > 0 for word in wanted]
    if tx.postgres:
        holds = [func.strpos(SEARCH.c.body, f" {word}") > 0 for word in wanted]
    found = select(latest.c.id).join_from(latest, SEARCH, joined).where(*holds)
    return [row.id for row in tx.rows(found.order_by(latest.c.id.desc()).limit(limit))]


def _of_customers(tx: Tx, ids: Sequence[int], limit: int) -> list[TicketHit]:
    if not ids:
        return []
    mine = _rows().where(seeing.visible(tx), TICKET.c.customer_id.in_(ids), TICKET.c.base.in_(LIVE))
    return [_hit(row, WORDS) for row in tx.rows(mine.order_by(TICKET.c.opened_at.desc()).limit(limit))]
