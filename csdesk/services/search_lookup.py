"""The lookups search is routed to: each is answered by one index with a bounded number of rows, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Executable, Row, Select, Table, and_, bindparam, func, or_, select, text

from csdesk.models import CustomerSearch, ProductSearch, SearchWord, table
from csdesk.services.search_index import WORD, row_range
from csdesk.services.tx import Tx

WINDOW = 64  # rows looked at for one kind of match; a list of nine is ranked out of them
GRAM, PREFIX = 3, 3  # letters of the pieces and of the longest beginnings that are indexed
END = "\U0010ffff"  # sorts behind every text bytewise

MANY = 17  # known words with one beginning that are too many to be looked up one by one

Rows = Sequence[Row[Any]]
W = table(SearchWord)


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


@dataclass(frozen=True)
class Wanted:
    """A word of a query: a word of the row begins with `start` (if any), or is one of the `spellings`."""

    start: str
    spellings: tuple[str, ...] = ()

    def terms(self) -> list[str]:
        """What a row may hold, behind a blank: a beginning, or a whole word with the blank after it."""
        return [*([self.start] if self.start else []), *(f"{word} " for word in self.spellings)]


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


def by_words(tx: Tx, what: Searched, wanted: Sequence[Wanted], limit: int = WINDOW) -> Rows:
    """Rows that hold every wanted word, in any order; the first ones in the order of the index.

    Words of one letter only narrow what the others find.
    """
    if all(len(each.start) < 2 and not each.spellings for each in wanted):
        return ()
    if not tx.postgres:
        return _words_on_sqlite(tx, what, wanted, limit)
    patterns = [[f"% {term}%" for term in each.terms()] for each in wanted]
    if not all(patterns):
        return ()
    named = {f"w{i}_{j}": pattern for i, each in enumerate(patterns) for j, pattern in enumerate(each)}
    return _on_postgres(tx, _words_on_postgres(what, tuple(map(len, patterns))), {**named, "n": limit})


def known(tx: Tx, what: Searched, start: str) -> tuple[str, ...]:
    """The words on record that begin with this, at most MANY of them; only words of three letters and more are kept."""
    key = f"known {what.kind} {start}"
    if key not in tx.cache:
        rows = tx.rows(_KNOWN, {"company": tx.company, "kind": what.kind, "low": start, "high": start + END})
        tx.cache[key] = tuple(row.word for row in rows)
    found: tuple[str, ...] = tx.cache[key]
    return found


def is_kept(word: str) -> bool:
    """Whether a word would be among the known ones if any row held it."""
    return word.isalpha() and len(word) in WORD


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


_KNOWN = (
    select(W.c.word)
    .where(W.c.company == bindparam("company"), W.c.kind == bindparam("kind"))
    .where(W.c.word >= bindparam("low"), W.c.word < bindparam("high"))
    .order_by(W.c.word)
    .limit(MANY)
)
# For this transaction: never a scan of the whole table, nor a plan made for a piece of another length.
_STEADY = select(
    func.set_config("enable_seqscan", "off", True),
    func.set_config("plan_cache_mode", "force_custom_plan", True),
    func.set_config("jit", "off", True),
)


def _on_sqlite(tx: Tx, statement: Executable, params: dict[str, Any]) -> Rows:
    first, last = row_range(tx.company)
    return tx.rows(statement, {"first": first, "last": last, **params})


def _words_on_sqlite(tx: Tx, what: Searched, wanted: Sequence[Wanted], limit: int) -> Rows:
    """Only doclists that are read as they come: those of whole words and of the indexed prefixes.

    FTS5 gathers every row of any other prefix before it gives the first. A longer beginning is therefore looked up as
    the known words that have it, or when they are many as its first letters, which are then checked against the row.
    """
    match, checks = [], []
    for each in wanted:
        whole = list(each.spellings)
        start = each.start
        if start and is_kept(start):
            words = known(tx, what, start)
            if len(words) < MANY:
                whole, start = [*words, *whole], ""
        if not start and not whole:
            return ()
        if len(start) != 1:
            exact = [f'"{word}"' for word in dict.fromkeys(whole)]
            match.append(" OR ".join([f'"{start[:PREFIX]}"*', *exact] if start else exact))
        if len(start) == 1 or len(start) > PREFIX:
            checks.append([f" {start}", *(f" {word} " for word in whole)])
    params = {f"c{i}_{j}": check for i, each in enumerate(checks) for j, check in enumerate(each)}
    statement = _checked_on_sqlite(what, tuple(map(len, checks)))
    return _on_sqlite(tx, statement, {"match": " AND ".join(f"({each})" for each in match), **params, "n": limit})


@lru_cache(maxsize=256)
def _checked_on_sqlite(what: Searched, shape: tuple[int, ...]) -> Executable:
    checks = (" OR ".join(f"instr(s.body, :c{i}_{j}) > 0" for j in range(count)) for i, count in enumerate(shape))
    return _joined(what, "words", "".join(f" AND ({check})" for check in checks))


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
