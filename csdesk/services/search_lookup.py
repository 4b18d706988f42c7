"""The lookups search is routed to: each is answered by one index with a bounded number of rows, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, Row

from csdesk.models import CustomerSearch, ProductSearch, table
from csdesk.services import search_sql as sql
from csdesk.services.search_index import LONG_PREFIXES, PREFIXES, is_kept, row_range
from csdesk.services.search_sql import INNER, MANY, Searched
from csdesk.services.tx import Tx

WINDOW = 32  # rows looked at for one kind of match; a list of nine is ranked out of them
GRAM = 3  # letters of the pieces that are indexed
END = "\U0010ffff"  # sorts behind every text bytewise
SAMPLED = 8  # patterns looked for in the first rows

Rows = Sequence[Row[Any]]

CUSTOMERS = Searched(
    "customer", table(CustomerSearch), "customer_id", ("name", "code", "town", "contact"), "phone", code_start=2
)
PRODUCTS = Searched("product", table(ProductSearch), "product_id", ("name", "code", "group"), "barcode", code_start=1)


@dataclass(frozen=True)
class Wanted:
    """A word of a query: a word of the row begins with `start` (if any), or is one of the `spellings`."""

    start: str
    spellings: tuple[str, ...] = ()

    def terms(self) -> list[str]:
        """What a row may hold behind a blank: a beginning, or a whole word with the blank after it."""
        return [*([self.start] if self.start else []), *(f"{word} " for word in self.spellings)]


@dataclass(frozen=True)
class _Key:
    """How a wanted word is looked up: by an indexed beginning or whole words, then checked against the row.

    A kept word is looked up as the known words that begin with it (`begun`); when they are many, by its first letters.
    Gathering all rows of a longer beginning takes FTS5 long where they are many, so only for figures.
    """

    begun: str
    prefix: str
    words: tuple[str, ...]
    checks: tuple[str, ...]


def _key(wanted: Wanted, postgres: bool) -> _Key:
    start, words = wanted.start, wanted.spellings
    longest = max(PREFIXES if is_kept(start) or not postgres else LONG_PREFIXES)
    if start.isdigit() and not postgres:
        longest = len(start)
    checks = (f" {start}", *(f" {word} " for word in words)) if len(start) > longest else ()
    return _Key(start if is_kept(start) else "", start[:longest], words, checks)


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
    """Rows that hold every wanted word, in any order; fewer than ENOUGH are all there are."""
    if not all(each.start or each.spellings for each in wanted):
        return ()
    keys = [_key(each, tx.postgres) for each in wanted]
    return _words_postgres(tx, what, keys, wanted, limit) if tx.postgres else _words_sqlite(tx, what, keys, limit)


def by_inside(tx: Tx, what: Searched, piece: str, limit: int = WINDOW) -> Rows:
    """Rows with a known word that holds this piece of three letters or more; of the words the oldest INNER."""
    if tx.postgres:
        key = {"company": tx.company, "kind": what.kind, "inner": f"%_{piece}%", "piece": f"%{piece}%", "n": limit}
        return tx.rows(sql.inside_postgres(what), key)
    key = {"company": tx.company, "kind": what.kind, "match": _grams(piece), "piece": piece, "n": INNER}
    words = tuple(row.word for row in tx.rows(sql.INNER_SQLITE, key))
    return by_words(tx, what, [Wanted("", words)], limit)


def by_numbers(tx: Tx, what: Searched, piece: str, limit: int = WINDOW) -> Rows:
    """Rows that hold this piece of three signs or more in their code or numbers."""
    if tx.postgres:
        return tx.rows(sql.numbers_postgres(what), {"company": tx.company, "piece": f"%{piece}%", "n": limit})
    return _on_sqlite(tx, sql.numbers_sqlite(what), {"match": _grams(piece), "piece": piece, "n": limit})


def _words_postgres(tx: Tx, what: Searched, keys: Sequence[_Key], wanted: Sequence[Wanted], limit: int) -> Rows:
    probe = [[f" {term}" for term in each.terms()] for each in wanted]
    if sum(map(len, probe)) > SAMPLED:
        probe = []
    checks = [key.checks for key in keys if key.checks]
    statement = sql.words_postgres(what, tuple(bool(key.begun) for key in keys), _shape(checks), _shape(probe))
    params = {**_named(checks, "%{}%"), **_named(probe, "%{}%", "q"), "kind": what.kind, "n": limit}
    for i, key in enumerate(keys):
        prefix = [f"{key.prefix}*"] if key.prefix else []
        if key.begun:
            params |= {f"l{i}": key.begun, f"h{i}": key.begun + END, f"p{i}": prefix[0], f"a{i}": list(key.words)}
        else:
            params[f"a{i}"] = [*prefix, *key.words]
    return tx.rows(statement, {"company": tx.company, **params})


def _words_sqlite(tx: Tx, what: Searched, keys: Sequence[_Key], limit: int) -> Rows:
    """FTS5 gives the rows of whole words and of indexed beginnings as it reads them, so the limit ends it early."""
    match, checks = [], []
    for key in keys:
        prefix, words, check = key.prefix, key.words, key.checks
        if key.begun and len(begun := _known(tx, what, key.begun)) < MANY:
            prefix, words, check = "", tuple(dict.fromkeys((*begun, *words))), ()
        if not (prefix or words):
            return ()
        terms = [*([f'"{prefix}"*'] if prefix else []), *(f'"{word}"' for word in words)]
        match.append(f"({' OR '.join(terms)})")
        checks += [check] if check else []
    statement = sql.words_sqlite(what, _shape(checks))
    return _on_sqlite(tx, statement, {"match": " AND ".join(match), **_named(checks), "n": limit})


def _known(tx: Tx, what: Searched, start: str) -> list[str]:
    """The words on record that begin with this, at most MANY of them; only words of three letters and more are kept."""
    rows = tx.rows(sql.KNOWN, {"company": tx.company, "kind": what.kind, "low": start, "high": start + END})
    return [row.word for row in rows]


def _shape(checks: Sequence[Sequence[str]]) -> tuple[int, ...]:
    return tuple(map(len, checks))


def _named(checks: Sequence[Sequence[str]], pattern: str = "{}", name: str = "c") -> dict[str, Any]:
    """Parameters c0_0, c0_1 …: one of each group must hold."""
    return {f"{name}{i}_{j}": pattern.format(each) for i, group in enumerate(checks) for j, each in enumerate(group)}


def _grams(piece: str) -> str:
    """The FTS5 query for the grams a piece is made of, side by side; whether they touch is seen in the row."""
    places = [*range(0, len(piece) - GRAM, GRAM), len(piece) - GRAM]
    return " AND ".join(dict.fromkeys(f'"{piece[at : at + GRAM]}"' for at in places))


def _on_sqlite(tx: Tx, statement: Executable, params: dict[str, Any]) -> Rows:
    first, last = row_range(tx.company)
    return tx.rows(statement, {"first": first, "last": last, **params})
