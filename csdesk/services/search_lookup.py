"""The lookups search is routed to: each is answered by one index with a bounded number of rows, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, Row

from csdesk.models import CustomerSearch, ProductSearch, table
from csdesk.services import search_sql as sql
from csdesk.services.search_index import PREFIXES, WORD, row_range
from csdesk.services.search_sql import MANY, Searched
from csdesk.services.tx import Tx

WINDOW = 64  # rows looked at for one kind of match; a list of nine is ranked out of them
GRAM, PREFIX = 3, max(PREFIXES)  # letters of the pieces and of the longest beginnings that are indexed
END = "\U0010ffff"  # sorts behind every text bytewise
INNER = 24  # known words with a piece inside that are looked up
ENOUGH, SAMPLED = 16, 8  # hits among the first rows that make words common, patterns looked for there

Rows = Sequence[Row[Any]]

CUSTOMERS = Searched(
    "customer", table(CustomerSearch), "customer_id", ("name", "code", "town", "contact"), "phone", code_start=2
)
PRODUCTS = Searched("product", table(ProductSearch), "product_id", ("name", "code", "group"), "barcode", code_start=1)


@dataclass(frozen=True)
class Wanted:
    """A word of a query: a word of the row begins with `start` (if any), or is one of the `spellings`.

    `piece`: what all the spellings have inside, when that is why they are wanted.
    """

    start: str
    spellings: tuple[str, ...] = ()
    piece: str = ""

    def terms(self) -> list[str]:
        """What a row may hold behind a blank: a beginning, or a whole word with the blank after it."""
        return [*([self.start] if self.start else []), *(f"{word} " for word in self.spellings)]


@dataclass(frozen=True)
class _Key:
    """How a wanted word is looked up: by an indexed beginning and whole words, then checked against the row."""

    prefix: str
    words: tuple[str, ...]
    checks: tuple[str, ...]


def by_range(tx: Tx, what: Searched, code: str, head: str, limit: int) -> dict[str, list[Row[Any]]]:
    """Rows with this code ("code"), with a name that begins with `head` ("head"), with a longer code ("start").

    The names come by name and code, the longer codes by code; an empty head finds none.
    """
    key = {"company": tx.company, "code": code, "code_end": code + END, "head": head or END, "head_end": head + END}
    found: dict[str, list[Row[Any]]] = {"code": [], "head": [], "start": []}
    for row in tx.rows(sql.ranges(what), {**key, "n": limit, "most": WINDOW}):
        found[row.how].append(row)
    return found


def by_owner(tx: Tx, what: Searched, owners: Sequence[int]) -> Rows:
    """The rows of these customers or products."""
    return tx.rows(sql.owned(what), {"company": tx.company, "owners": list(owners)}) if owners else ()


def by_phone(tx: Tx, ending: str) -> Rows:
    """Customers' rows with `raw` and `digits_rev` of a phone whose reversed digits begin with this."""
    return tx.rows(sql.phones(tx.postgres), {"company": tx.company, "low": ending, "high": ending + END, "n": WINDOW})


def by_whole_phone(tx: Tx, reversed_digits: Sequence[str]) -> Rows:
    """Customers' rows with `raw` and `digits_rev` of a phone that is one of these."""
    key = {"company": tx.company, "cuts": list(reversed_digits), "n": WINDOW}
    return tx.rows(sql.WHOLE_PHONES, key) if reversed_digits else ()


def by_words(tx: Tx, what: Searched, wanted: Sequence[Wanted], limit: int = WINDOW) -> Rows:
    """Rows that hold every wanted word, in any order; fewer than ENOUGH are all there are.

    Words of one letter only narrow what the others find.
    """
    keys = [key for each in wanted if (key := _key(tx, what, each)) is not None]
    if len(keys) < len(wanted) or not any(key.prefix or key.words for key in keys):
        return ()
    if not tx.postgres:
        return _words_sqlite(tx, what, keys, limit)
    broad = len(wanted) == 1 or not any(key.words for key in keys)
    if broad and len(common := _common(tx, what, wanted, limit)) >= ENOUGH:
        return common
    return _words_postgres(tx, what, keys, limit)


def by_numbers(tx: Tx, what: Searched, piece: str, limit: int = WINDOW) -> Rows:
    """Rows that hold this piece of three signs or more in their code or numbers."""
    if tx.postgres:
        return _on_postgres(tx, sql.numbers_postgres(what), {"piece": f"%{piece}%", "n": limit})
    return _on_sqlite(tx, sql.numbers_sqlite(what), {"match": _grams(piece), "piece": piece, "n": limit})


def known(tx: Tx, what: Searched, start: str) -> tuple[str, ...]:
    """The words on record that begin with this, at most MANY of them; only words of three letters and more are kept."""
    key = f"known {what.kind} {start}"
    if key not in tx.cache:
        rows = tx.rows(sql.KNOWN, {"company": tx.company, "kind": what.kind, "low": start, "high": start + END})
        tx.cache[key] = tuple(row.word for row in rows)
    found: tuple[str, ...] = tx.cache[key]
    return found


def known_inside(tx: Tx, what: Searched, piece: str) -> tuple[str, ...]:
    """Words on record with this piece of three letters or more behind their first letter, the oldest INNER of them."""
    key = {"company": tx.company, "kind": what.kind, "n": INNER}
    if tx.postgres:
        rows = _on_postgres(tx, sql.INNER_POSTGRES, {**key, "piece": f"%_{piece}%"})
    else:
        rows = tx.rows(sql.INNER_SQLITE, {**key, "match": _grams(piece), "piece": piece})
    return tuple(row.word for row in rows)


def _key(tx: Tx, what: Searched, wanted: Wanted) -> _Key | None:
    """None when no row can hold the word.

    A beginning longer than the indexed ones is looked up as the known words that have it; when they are many, or such
    words are not kept, as its first letters. Gathering all rows of a longer beginning would take FTS5 and GIN long.
    """
    start, words = wanted.start, wanted.spellings
    if start.isalpha() and len(start) in WORD:
        begun = known(tx, what, start)
        if len(begun) < MANY:
            start, words = "", (*begun, *words)
    if not start:
        return _Key("", tuple(dict.fromkeys(words)), ()) if words else None
    checks = (f" {start}", *(f" {word} " for word in words)) if len(start) > PREFIX or len(start) == 1 else ()
    return _Key(start[:PREFIX] if len(start) > 1 else "", words, checks)


def _words_sqlite(tx: Tx, what: Searched, keys: Sequence[_Key], limit: int) -> Rows:
    """FTS5 gives the rows of whole words and of indexed beginnings as it reads them, so the limit ends it early."""
    match = " AND ".join(
        "(" + " OR ".join([*([f'"{key.prefix}"*'] if key.prefix else []), *(f'"{word}"' for word in key.words)]) + ")"
        for key in keys
        if key.prefix or key.words
    )
    checks = [key.checks for key in keys if key.checks]
    statement = sql.words_sqlite(what, tuple(map(len, checks)))
    return _on_sqlite(tx, statement, {"match": match, **_named(checks), "n": limit})


def _words_postgres(tx: Tx, what: Searched, keys: Sequence[_Key], limit: int) -> Rows:
    arrays = [[*([f"{key.prefix}*"] if key.prefix else []), *key.words] for key in keys if key.prefix or key.words]
    checks = [[f"%{check}%" for check in key.checks] for key in keys if key.checks]
    statement = sql.words_postgres(what, len(arrays), tuple(map(len, checks)))
    return _on_postgres(tx, statement, {f"a{i}": each for i, each in enumerate(arrays)} | _named(checks) | {"n": limit})


def _common(tx: Tx, what: Searched, wanted: Sequence[Wanted], limit: int) -> Rows:
    """Rows with words that many rows hold: met soon by just reading, where GIN would gather all of them first."""
    patterns = [[each.piece] if each.piece else [f" {term}" for term in each.terms()] for each in wanted]
    if sum(map(len, patterns)) > SAMPLED:
        return ()
    params = _named([[f"%{pattern}%" for pattern in each] for each in patterns])
    return _on_postgres(tx, sql.probe_postgres(what, tuple(map(len, patterns))), {**params, "n": limit})


def _named(checks: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Parameters c0_0, c0_1 …: one of each group must hold."""
    return {f"c{i}_{j}": check for i, each in enumerate(checks) for j, check in enumerate(each)}


def _grams(piece: str) -> str:
    """The FTS5 query for all grams of a piece."""
    return " AND ".join(dict.fromkeys(f'"{piece[at : at + GRAM]}"' for at in range(len(piece) - GRAM + 1)))


def _on_sqlite(tx: Tx, statement: Executable, params: dict[str, Any]) -> Rows:
    first, last = row_range(tx.company)
    return tx.rows(statement, {"first": first, "last": last, **params})


def _on_postgres(tx: Tx, statement: Executable, params: dict[str, Any]) -> Rows:
    if "search" not in tx.cache:
        tx.cache["search"] = True
        tx.do(sql.STEADY)
    return tx.rows(statement, {"company": tx.company, **params})
