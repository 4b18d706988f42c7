"""Keeps the search rows of published articles in step; the services that write articles call it in their transaction.

Only words go in, normalised (rules/text) and each once, so that both databases find the same. On Postgres they become
terms without its parser, which reads figures and letters side by side in ways of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Text, bindparam, cast, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import TSVECTOR

from csdesk.models import Article, ArticleSearch, table
from csdesk.rules.text import normalised, run_together
from csdesk.services.search_index import row_range
from csdesk.services.tx import Tx

ARTICLE, SEARCH = table(Article), table(ArticleSearch)
LONGEST = 60  # signs of a word that are looked at
_LAST_PLACE = 16_000  # Postgres keeps no place behind 16383


@dataclass(frozen=True)
class Entry:
    """The words of title, further words and body, each between blanks."""

    title: str
    words: str
    body: str


def words_of(source: str) -> tuple[str, ...]:
    """The different words of a text as they are searched, in the order they come."""
    found = [*normalised(source).split(), *(word for made in run_together(source) for word in made.split())]
    return tuple(dict.fromkeys(word[:LONGEST] for word in found))


def entry(title: str, words: str, body: str) -> Entry:
    """What an article is found by."""
    return Entry(*(f" {' '.join(words_of(each))} " for each in (title, words, body)))


def terms(made: Entry) -> str:
    """An entry as a tsvector is written: each word with its places, weight A in the title, B in the further words."""
    places: dict[str, list[str]] = {}
    for weight, field in (("A", made.title), ("B", made.words), ("", made.body)):
        for word in field.split():
            places.setdefault(word, []).append(f"{min(len(places) + 1, _LAST_PLACE)}{weight}")
    return " ".join(f"'{word}':{','.join(found)}" for word, found in places.items())


def index(tx: Tx, article_id: int) -> None:
    """Brings the search row of an article up to date: there is one while it is published."""
    article = tx.row(select(ARTICLE).where(ARTICLE.c.company == tx.company, ARTICLE.c.id == article_id))
    found = _rows(tx, [article_id])
    there = found[0] if found else None
    made = entry(article.title, article.words, article.body) if article is not None and article.published else None
    if there is not None:
        _full_text(tx, there.id, forget=True)
    if made is None:
        tx.do(delete(SEARCH).where(SEARCH.c.company == tx.company, SEARCH.c.article_id == article_id))
        return
    values: dict[str, Any] = {**vars(made)}
    if tx.postgres:
        values["terms"] = cast(cast(terms(made), Text), TSVECTOR)
    if there is not None:
        tx.do(update(SEARCH).where(SEARCH.c.company == tx.company, SEARCH.c.id == there.id).values(**values))
        row_id = there.id
    else:
        row_id = _add(tx, article_id, values)
    _full_text(tx, row_id)


def _add(tx: Tx, article_id: int, values: dict[str, Any]) -> int:
    key: dict[str, Any] = {"company": tx.company, "article_id": article_id}
    if not tx.postgres:  # ids of a company lie side by side, so that a search reads only its own
        first, last = row_range(tx.company)
        used = tx.value(select(func.max(SEARCH.c.id)).where(SEARCH.c.id.between(first, last)))
        key["id"] = first if used is None else int(used) + 1
    return int(tx.value(insert(SEARCH).values(**key, **values).returning(SEARCH.c.id)))


def _full_text(tx: Tx, row_id: int, forget: bool = False) -> None:
    """Takes a row into the full-text table of SQLite, or out of it: then before its words change."""
    if tx.postgres:
        return
    columns = "title, words, body"
    into, act = (f"article_fts(article_fts, rowid, {columns})", "'delete', ") if forget else (_INTO, "")
    tx.do(text(f"INSERT INTO {into} SELECT {act}id, {columns} FROM article_search WHERE id = :id"), {"id": row_id})


_INTO = "article_fts(rowid, title, words, body)"


def _rows(tx: Tx, ids: Sequence[int]) -> Sequence[Row[Any]]:
    return tx.rows(
        select(SEARCH.c.id, SEARCH.c.article_id, SEARCH.c.title, SEARCH.c.words, SEARCH.c.body).where(
            SEARCH.c.company == tx.company, SEARCH.c.article_id.in_(ids)
        )
    )


def rebuild(tx: Tx) -> int:
    """Writes every search row of the company anew, whatever state they are in; gives how many there are."""
    tx.do(delete(SEARCH).where(SEARCH.c.company == tx.company))
    mine = ARTICLE.c.company == tx.company, ARTICLE.c.published > 0
    first, _ = row_range(tx.company)
    rows = [
        {"company": tx.company, "article_id": row.id, **vars(entry(row.title, row.words, row.body)), "id": first + n}
        for n, row in enumerate(tx.rows(select(ARTICLE).where(*mine).order_by(ARTICLE.c.id)))
    ]
    if tx.postgres and rows:
        for row in rows:
            row["terms"] = terms(Entry(row["title"], row["words"], row["body"]))
        tx.do(_ALL, {name: [row[name] for row in rows] for name in (*_TEXTS, "company", "article_id")})
        tx.do(text("ANALYZE article_search"))
    elif not tx.postgres:
        if rows:
            tx.do(insert(SEARCH), rows)
        tx.do(text("INSERT INTO article_fts(article_fts) VALUES ('rebuild')"))
    return len(rows)


_TEXTS = ("title", "words", "body", "terms")
_ALL = text(
    "INSERT INTO article_search (company, article_id, title, words, body, terms) "
    "SELECT company, article_id, title, words, body, CAST(terms AS tsvector) FROM unnest(CAST(:company AS bigint[]), "
    "CAST(:article_id AS bigint[]), CAST(:title AS text[]), CAST(:words AS text[]), CAST(:body AS text[]), "
    "CAST(:terms AS text[])) AS made(company, article_id, title, words, body, terms)"
)


def astray(tx: Tx) -> list[str]:
    """The codes of articles whose search row, or whose place in the full-text index, is not what they say."""
    wanted = {
        row.id: (row.code, entry(row.title, row.words, row.body))
        for row in tx.rows(select(ARTICLE).where(ARTICLE.c.company == tx.company, ARTICLE.c.published > 0))
    }
    rows = {
        row.article_id: row
        for row in tx.rows(
            select(SEARCH.c.id, SEARCH.c.article_id, SEARCH.c.title, SEARCH.c.words, SEARCH.c.body).where(
                SEARCH.c.company == tx.company
            )
        )
    }
    wrong = {code for id_, (code, made) in wanted.items() if id_ not in rows or not _same(rows[id_], made)}
    wrong |= {f"(article {id_})" for id_ in rows if id_ not in wanted}
    sound = {rows[id_].id: (code, made) for id_, (code, made) in wanted.items() if id_ in rows}
    return sorted(wrong | (_astray_postgres(tx, sound) if tx.postgres else _astray_sqlite(tx, sound)))


def _same(row: Row[Any], made: Entry) -> bool:
    return (row.title, row.words, row.body) == (made.title, made.words, made.body)


def _astray_postgres(tx: Tx, made: dict[int, tuple[str, Entry]]) -> set[str]:
    rows = tx.rows(
        text(
            "SELECT s.id FROM unnest(CAST(:ids AS bigint[]), CAST(:made AS text[])) AS w(id, made) "
            "JOIN article_search AS s ON s.id = w.id WHERE s.terms IS DISTINCT FROM CAST(w.made AS tsvector)"
        ),
        {"ids": list(made), "made": [terms(each) for _, each in made.values()]},
    )
    return {made[row.id][0] for row in rows}


def _astray_sqlite(tx: Tx, made: dict[int, tuple[str, Entry]]) -> set[str]:
    """Rows the index does not hold, or does not find by the words of their title; rows it holds in vain."""
    first, last = row_range(tx.company)
    within = {"first": first, "last": last}
    held = {
        row.id for row in tx.rows(text("SELECT id FROM article_fts_docsize WHERE id BETWEEN :first AND :last"), within)
    }
    find = text("SELECT 1 FROM article_fts(:match) WHERE rowid = :id").bindparams(bindparam("match"), bindparam("id"))
    lost = {
        code
        for id_, (code, each) in made.items()
        if id_ not in held or (each.title.strip() and tx.value(find, {"match": _all(each.title), "id": id_}) is None)
    }
    return lost | {f"(row {id_})" for id_ in held - set(made)}


def _all(words: str) -> str:
    return "title : (" + " AND ".join(f'"{word}"' for word in words.split()) + ")"
