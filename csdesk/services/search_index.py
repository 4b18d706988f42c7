"""Keeps the search rows in step: imports, the sample and edits of customers or products call it in their transaction.

Only rows whose texts changed are written, on SQLite into the full-text tables too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Table, bindparam, func, select, text, update
from sqlalchemy.dialects import sqlite

from csdesk.models import (
    Contact,
    ContactPhone,
    Customer,
    CustomerSearch,
    Product,
    ProductGroup,
    ProductSearch,
    SearchWord,
    ShipTo,
    table,
)
from csdesk.rules.text import normalised, run_together, squeezed
from csdesk.services import audit
from csdesk.services.tx import Tx, writes

CHUNK = 2000
HEAD = 120  # letters of a name that are ordered by; the b-tree has room for no more of any script
WORD = range(3, 61)  # lengths of the words that are kept as known ones
PREFIXES = (1, 2, 3)  # letters of the beginnings that are indexed
LONG_PREFIXES = (1, 2, 3, 4, 5, 6)  # of words that are not kept
ROOM = 40  # bits of a row id below the company
_PIECES = re.compile(r"\d+|[^\W\d]+")
_SEEN = 100_000  # words remembered while a rebuild runs

CUSTOMER, PRODUCT, WORDS = table(Customer), table(Product), table(SearchWord)
SHIP, CONTACT, PHONE, GROUP = table(ShipTo), table(Contact), table(ContactPhone), table(ProductGroup)


@dataclass(frozen=True)
class Entry:
    """The texts a record is found by."""

    head: str
    code: str
    body: str
    numbers: str
    starts: str = ""


@dataclass(frozen=True)
class _Chunk:
    """Some ids; `whole` when they are all ids between the first and the last."""

    ids: Sequence[int]
    whole: bool

    def holds(self, column: Any) -> Any:
        """Whether a column is one of them."""
        return column.between(self.ids[0], self.ids[-1]) if self.whole else column.in_(self.ids)


@dataclass(frozen=True)
class _Kind:
    name: str
    source: Table
    rows: Table
    owner: str
    entries: Callable[[Tx, _Chunk], dict[int, Entry]]


def index_customers(tx: Tx, ids: Sequence[int] | None = None) -> int:
    """Brings the search rows of these customers, or of all, up to date; gives how many rows changed.

    Call it after every change of a code, a name, an address, a contact or a phone.
    """
    return _index(tx, _CUSTOMERS, ids)


def index_products(tx: Tx, ids: Sequence[int] | None = None) -> int:
    """Brings the search rows of these products, or of all, up to date; gives how many rows changed."""
    return _index(tx, _PRODUCTS, ids)


@writes("import.run")
def reindex(tx: Tx) -> tuple[int, int]:
    """Brings every search row of the company up to date: (customer rows, product rows) that changed."""
    changed = index_customers(tx), index_products(tx)
    audit.record(tx, "search.reindex", "search", 0, after={"customers": changed[0], "products": changed[1]})
    return changed


def is_kept(word: str) -> bool:
    """Whether a word is kept as a known one: it begins with three letters. All that begin with a kept one are kept."""
    return len(word) in WORD and word[: WORD[0]].isalpha()


def row_range(company: int) -> tuple[int, int]:
    """First and last row id of a company in the SQLite tables."""
    return company << ROOM, ((company + 1) << ROOM) - 1


def entry(name: str, parts: Sequence[Iterable[str]], code: str, numbers: Iterable[str] = ()) -> Entry:
    """The texts of a record: its name, further parts of texts, its code and the numbers it has."""
    key = squeezed(code)
    pieces = _PIECES.findall(normalised(code))
    texts = [_words([name]), " ".join(pieces) if len(pieces) > 1 else "", *(_words(part) for part in parts)]
    found = dict.fromkeys([key, *(each for each in numbers if each)])
    return Entry(normalised(name)[:HEAD], key, f" {' | '.join(texts)} ", " ".join(found))


def _starts(body: str) -> str:
    """The beginnings of each word that are indexed."""
    words = ((word, PREFIXES if is_kept(word) else LONG_PREFIXES) for word in body.split() if word != "|")
    return " ".join(dict.fromkeys(f"{word[:cut]}*" for word, cuts in words for cut in cuts if len(word) >= cut))


def _words(texts: Iterable[str]) -> str:
    """All words of the texts and their further spellings."""
    kept = dict.fromkeys(each for each in texts if each)
    return " ".join(word for text in kept for word in (normalised(text), *run_together(text)) if word)


def _customer_entries(tx: Tx, chunk: _Chunk) -> dict[int, Entry]:
    towns, people, phones = (
        _grouped(tx, SHIP, chunk, SHIP.c.city, SHIP.c.postcode),
        _grouped(tx, CONTACT, chunk, CONTACT.c.name),
        _grouped(tx, PHONE, chunk, PHONE.c.digits_rev),
    )
    return {
        int(row.id): entry(
            row.name,
            [
                (part for city, postcode in towns.get(row.id, ()) for part in (city, postcode, _joined(postcode))),
                (name for (name,) in people.get(row.id, ())),
            ],
            row.code,
            (digits[::-1] for (digits,) in phones.get(row.id, ())),
        )
        for row in tx.rows(
            select(CUSTOMER.c.id, CUSTOMER.c.code, CUSTOMER.c.name).where(
                CUSTOMER.c.company == tx.company, chunk.holds(CUSTOMER.c.id)
            )
        )
    }


def _product_entries(tx: Tx, chunk: _Chunk) -> dict[int, Entry]:
    groups: dict[int, list[str]] = {}
    for row in tx.rows(
        select(GROUP.c.product_id, GROUP.c.group_code)
        .where(GROUP.c.company == tx.company, chunk.holds(GROUP.c.product_id))
        .order_by(GROUP.c.product_id, GROUP.c.group_code)
    ):
        groups.setdefault(row.product_id, []).append(row.group_code)
    return {
        int(row.id): entry(row.name, [groups.get(row.id, ())], row.code, [squeezed(row.barcode)] if row.barcode else ())
        for row in tx.rows(
            select(PRODUCT.c.id, PRODUCT.c.code, PRODUCT.c.name, PRODUCT.c.barcode).where(
                PRODUCT.c.company == tx.company, chunk.holds(PRODUCT.c.id)
            )
        )
    }


_CUSTOMERS = _Kind("customer", CUSTOMER, table(CustomerSearch), "customer_id", _customer_entries)
_PRODUCTS = _Kind("product", PRODUCT, table(ProductSearch), "product_id", _product_entries)


def _joined(postcode: str) -> str:
    """A postcode of several parts in one, as it is often typed."""
    return squeezed(postcode) if " " in normalised(postcode) else ""


def _grouped(tx: Tx, source: Table, chunk: _Chunk, *columns: Any) -> dict[int, list[tuple[str, ...]]]:
    found: dict[int, list[tuple[str, ...]]] = {}
    for row in tx.rows(
        select(source.c.customer_id, *columns)
        .where(source.c.company == tx.company, chunk.holds(source.c.customer_id))
        .order_by(source.c.customer_id, source.c.id)
    ):
        found.setdefault(row[0], []).append(tuple(row)[1:])
    return found


def _index(tx: Tx, kind: _Kind, ids: Sequence[int] | None) -> int:
    changed, seen = 0, set[str]()
    for chunk in _chunks(tx, kind, ids):
        entries = kind.entries(tx, chunk)
        changed += _write_rows(tx, kind, chunk, entries)
        _write_words(tx, kind, entries.values(), seen)
        if len(seen) > _SEEN:
            seen.clear()
    if ids is None and tx.postgres:  # the planner must know a table that has just been filled
        for name in (kind.rows.name, WORDS.name):
            tx.do(text(f"ANALYZE {name}"))
    return changed


def _chunks(tx: Tx, kind: _Kind, ids: Sequence[int] | None) -> Iterator[_Chunk]:
    if ids is not None:
        known = sorted(set(ids))
        yield from (_Chunk(known[at : at + CHUNK], whole=False) for at in range(0, len(known), CHUNK))
        return
    source = kind.source
    key = source.c.company == tx.company, source.c.id > bindparam("after")
    page = select(source.c.id).where(*key).order_by(source.c.id).limit(CHUNK)
    after = tx.value(select(func.min(source.c.id)).where(source.c.company == tx.company))
    after = None if after is None else after - 1
    while after is not None and (chunk := [row.id for row in tx.rows(page, {"after": after})]):
        yield _Chunk(chunk, whole=True)
        after = chunk[-1]


def _write_rows(tx: Tx, kind: _Kind, chunk: _Chunk, entries: dict[int, Entry]) -> int:
    rows, owner = kind.rows, kind.rows.c[kind.owner]
    if tx.postgres:
        entries = {id_: replace(made, starts=_starts(made.body)) for id_, made in entries.items()}
    stands = {
        int(row.owner): (int(row.id), Entry(row.head, row.code, row.body, row.numbers, row.starts))
        for row in tx.rows(select(rows, owner.label("owner")).where(rows.c.company == tx.company, chunk.holds(owner)))
    }
    new = [(id_, made) for id_, made in entries.items() if id_ not in stands]
    moved = [(stands[id_][0], made) for id_, made in entries.items() if id_ in stands and stands[id_][1] != made]
    if new:
        company, ids = {"company": tx.company}, _row_ids(tx, rows, len(new))
        full = [
            {**company, kind.owner: new_id, **vars(each), **row} for (new_id, each), row in zip(new, ids, strict=True)
        ]
        _add(tx, rows, full)
        _full_text(tx, kind, [row["id"] for row in ids if row])
    if moved:
        change = update(rows).where(rows.c.company == tx.company, rows.c.id == bindparam("row"))
        _full_text(tx, kind, [row for row, _ in moved], forget=True)
        tx.do(change, [{"row": row, **vars(made)} for row, made in moved])
        _full_text(tx, kind, [row for row, _ in moved])
    return len(new) + len(moved)


def _full_text(tx: Tx, kind: _Kind, row_ids: Sequence[int], forget: bool = False) -> None:
    """Takes these rows into the full-text tables of SQLite, or out of them: then before their texts change."""
    if tx.postgres or not row_ids:
        return
    for fts, column in ((f"{kind.name}_fts_words", "body"), (f"{kind.name}_fts_numbers", "numbers")):
        into, act = (f"{fts}({fts}, rowid, {column})", "'delete', ") if forget else (f"{fts}(rowid, {column})", "")
        copy = f"INSERT INTO {into} SELECT {act}id, {column} FROM {kind.rows.name} WHERE id IN :ids"
        tx.do(text(copy).bindparams(bindparam("ids", expanding=True)), {"ids": list(row_ids)})


def _add(tx: Tx, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows that are not there yet; on Postgres as arrays, which is several times faster than row by row."""
    names = list(rows[0])
    if not tx.postgres:
        tx.do(sqlite.insert(into).on_conflict_do_nothing(), rows)
        return
    arrays = ", ".join(f"CAST(:{name} AS {'bigint' if isinstance(rows[0][name], int) else 'text'}[])" for name in names)
    add = f"INSERT INTO {into.name} ({', '.join(names)}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"
    tx.do(text(add), {name: [row[name] for row in rows] for name in names})


def _row_ids(tx: Tx, rows: Table, count: int) -> list[dict[str, int]]:
    """Ids for new rows: Postgres draws them itself, on SQLite they count on from the company's last."""
    if tx.postgres:
        return [{}] * count
    first, last = row_range(tx.company)
    used = tx.value(select(func.max(rows.c.id)).where(rows.c.id.between(first, last)))
    start = first if used is None else int(used) + 1
    return [{"id": start + at} for at in range(count)]


def _write_words(tx: Tx, kind: _Kind, entries: Iterable[Entry], seen: set[str]) -> None:
    found = {word for made in entries for word in made.body.split() if is_kept(word)} - seen
    seen |= found
    if not found:
        return
    last = tx.value(select(func.max(WORDS.c.id))) or 0
    company = {"company": tx.company, "kind": kind.name}
    # In one order everywhere, so that two imports at once never wait for each other in a circle.
    _add(tx, WORDS, [{**company, "word": word, "reversed": word[::-1]} for word in sorted(found)])
    if not tx.postgres:
        tx.do(
            text("INSERT INTO word_fts(rowid, word) SELECT id, word FROM search_word WHERE id > :last"), {"last": last}
        )
