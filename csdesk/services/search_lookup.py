"""The lookups search is routed to: each is answered by one index with a bounded number of rows, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Executable, Row, Select, Table, and_, bindparam, func, or_, select, text

from csdesk.models import CustomerSearch, ProductSearch, table
from csdesk.services.search_index import row_range
from csdesk.services.tx import Tx

WINDOW = 64  # rows looked at for one kind of match; a list of nine is ranked out of them
GRAM = 3
END = "\U0010ffff"  # sorts behind every text bytewise

Rows = Sequence[Row[Any]]
# Alternatives for each word of a query: one spelling of every word must begin a word of the row.
Words = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Searched:
    """What is searched: its rows, and the names of the parts of their `body` and of their `numbers`.

    Those names are what a hit is said to match.
    """

    kind: str
    rows: Table
    owner: str
    parts: tuple[str, ...]
    numbers: str
    code_start: int  # rank of a code that begins with what is typed


CUSTOMERS = Searched("customer", table(CustomerSearch), "customer_id", ("name", "code", "town", "contact"), "phone", 2)
PRODUCTS = Searched("product", table(ProductSearch), "product_id", ("name", "code", "group"), "barcode", 1)


def by_code(tx: Tx, what: Searched, code: str) -> Rows:
    """Rows with exactly this code."""
    return tx.rows(_exact(what), {"company": tx.company, "code": code})


def by_code_start(tx: Tx, what: Searched, start: str, limit: int) -> Rows:
    """Rows whose code begins with this, by code."""
    return tx.rows(_start(what, "code"), {"company": tx.company, "low": start, "high": start + END, "n": limit})


def by_head(tx: Tx, what: Searched, start: str, limit: int) -> Rows:
    """Rows whose name begins with this, by name and code."""
    return tx.rows(_start(what, "head"), {"company": tx.company, "low": start, "high": start + END, "n": limit})


def by_owner(tx: Tx, what: Searched, owners: Sequence[int]) -> Rows:
    """The rows of these customers or products."""
    return tx.rows(_owned(what), {"company": tx.company, "owners": list(owners)}) if owners else ()


def by_words(tx: Tx, what: Searched, words: Words, limit: int = WINDOW) -> Rows:
    """Rows that hold every word as the beginning of one of theirs, in any order; the first ones in the row's order.

    Words of one letter only narrow what the others find.
    """
    if all(len(word) < 2 for spellings in words for word in spellings):
        return ()
    if tx.postgres:
        shape = tuple(len(spellings) for spellings in words)
        starts = {f"w{i}_{j}": f"% {word}%" for i, each in enumerate(words) for j, word in enumerate(each)}
        return _on_postgres(tx, _words_on_postgres(what, shape), {**starts, "n": limit})
    letters = [each[0] for each in words if len(each[0]) == 1]
    match = " AND ".join("(" + " OR ".join(f'"{word}"*' for word in each) + ")" for each in words if len(each[0]) > 1)
    narrow = {f"l{i}": f" {letter}" for i, letter in enumerate(letters)}
    return _on_sqlite(tx, _words_on_sqlite(what, len(letters)), {"match": match, **narrow, "n": limit})


def by_inside(tx: Tx, what: Searched, piece: str, limit: int = WINDOW) -> Rows:
    """Rows that hold this piece of three letters or more anywhere in their words or numbers."""
    if tx.postgres:
        return _on_postgres(tx, _inside_on_postgres(what), {"piece": f"%{piece}%", "n": limit})
    grams = dict.fromkeys(piece[at : at + GRAM] for at in range(len(piece) - GRAM + 1))
    match = " AND ".join(f'"{gram}"' for gram in grams)
    return _on_sqlite(tx, _inside_on_sqlite(what), {"match": match, "piece": piece, "n": limit})


def _columns(what: Searched) -> list[Any]:
    rows = what.rows
    return [rows.c[what.owner].label("owner"), rows.c.head, rows.c.code, rows.c.body, rows.c.numbers]


def _select(what: Searched) -> Select[Any]:
    return select(*_columns(what)).where(what.rows.c.company == bindparam("company"))


@cache
def _exact(what: Searched) -> Executable:
    return _select(what).where(what.rows.c.code == bindparam("code")).limit(WINDOW)


@cache
def _start(what: Searched, name: str) -> Executable:
    column, head, code = what.rows.c[name], what.rows.c.head, what.rows.c.code
    found = _select(what).where(column >= bindparam("low"), column < bindparam("high"))
    return found.order_by(*((head, code) if name == "head" else (code,))).limit(bindparam("n"))


@cache
def _owned(what: Searched) -> Executable:
    return _select(what).where(what.rows.c[what.owner].in_(bindparam("owners", expanding=True)))


@lru_cache(maxsize=256)
def _words_on_postgres(what: Searched, shape: tuple[int, ...]) -> Executable:
    body = what.rows.c.body
    return _fenced(
        what,
        and_(*(or_(*(body.like(bindparam(f"w{i}_{j}")) for j in range(count))) for i, count in enumerate(shape))),
    )


@cache
def _inside_on_postgres(what: Searched) -> Executable:
    return _fenced(what, or_(what.rows.c.body.like(bindparam("piece")), what.rows.c.numbers.like(bindparam("piece"))))


def _fenced(what: Searched, condition: Any) -> Executable:
    """The first rows that fulfil a condition, found through the trigram index.

    The planner must not trade that index for another because few rows are wanted: the limit stands outside a
    materialised query, which still ends as soon as it has been served, and the company is no key of an index there.
    """
    found = select(*_columns(what)).where(what.rows.c.company + 0 == bindparam("company"), condition)
    fence = found.cte("found").prefix_with("MATERIALIZED")
    return select(fence).limit(bindparam("n"))


def _on_postgres(tx: Tx, statement: Executable, params: dict[str, Any]) -> Rows:
    if "search" not in tx.cache:
        tx.cache["search"] = True
        tx.do(_STEADY)
    return tx.rows(statement, {"company": tx.company, **params})


# For this transaction: never a scan of the whole table, nor a plan made for a piece of another length.
_STEADY = select(
    func.set_config("enable_seqscan", "off", True),
    func.set_config("plan_cache_mode", "force_custom_plan", True),
    func.set_config("jit", "off", True),
)


def _on_sqlite(tx: Tx, statement: Executable, params: dict[str, Any]) -> Rows:
    first, last = row_range(tx.company)
    return tx.rows(statement, {"first": first, "last": last, **params})


@cache
def _words_on_sqlite(what: Searched, letters: int) -> Executable:
    return _joined(what, "words", "".join(f" AND instr(s.body, :l{i}) > 0" for i in range(letters)))


@cache
def _inside_on_sqlite(what: Searched) -> Executable:
    return _joined(what, "grams", " AND (instr(s.body, :piece) > 0 OR instr(s.numbers, :piece) > 0)")


def _joined(what: Searched, fts: str, condition: str) -> Executable:
    """The full-text table leads (CROSS JOIN keeps the order); its row ids of one company lie side by side."""
    return text(
        f"SELECT s.{what.owner} AS owner, s.head, s.code, s.body, s.numbers "
        f"FROM {what.kind}_fts_{fts}(:match) AS f CROSS JOIN {what.rows.name} AS s ON s.id = f.rowid "
        f"WHERE f.rowid BETWEEN :first AND :last{condition} LIMIT :n"
    )
