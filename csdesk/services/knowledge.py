"""Articles as readers find them: by words, by what a ticket is about while it is typed, whole; and whether they helped.

Readers meet published articles only. Writing them is in knowledge_writing, their search rows in knowledge_index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Executable, Row, and_, bindparam, func, insert, or_, select, text
from sqlalchemy.dialects import postgresql

from csdesk.errors import NotFound
from csdesk.models import Company, ProductGroup, table
from csdesk.rules.relevance import FULL, Fields, Fit, near, score, telling
from csdesk.rules.relevance import rarity as rarity_of
from csdesk.rules.text import printable, squeezed
from csdesk.services import audit, seeing
from csdesk.services.knowledge_index import SEARCH, words_of
from csdesk.services.knowledge_rows import ARTICLE, HELPED, ArticleHit, ArticleView, helped_by, parents, views, whole
from csdesk.services.search_index import row_range
from csdesk.services.tx import Tx, reads, writes

GROUP, COMPANY = table(ProductGroup), table(Company)
WINDOW = 60  # articles that are ranked out of those found
MOST_WORDS = 12  # of what is typed, the last ones
MOST_HITS = 50
# Ranks, as in search_routes: the code, all words in the title, all words, some words.
EXACT, TITLED, HELD, LOOSE = 0, 1, 2, 4


@dataclass(frozen=True)
class HelpedView:
    """How often an article helped; `new` when this was counted now, not before."""

    article_id: int
    code: str
    count: int
    new: bool


@reads("customer.read", quick=True)
def find(tx: Tx, typed: str, limit: int = 9, loosely: bool = True) -> tuple[ArticleHit, ...]:
    """Published articles by code or by words, each whole or begun, in any order; best first.

    Where none holds all the words, those that hold some, unless `loosely` is off. () for a text without a letter or
    digit.
    """
    words = words_of(typed)[-MOST_WORDS:]
    if not words:
        return ()
    head = select(ARTICLE.c.id, ARTICLE.c.code, ARTICLE.c.title, ARTICLE.c.category)
    named = tx.rows(head.where(*_shown(tx), ARTICLE.c.code == squeezed_code(typed)))
    rows = _matching(tx, words, " & ")
    rank = HELD
    if not rows and loosely:
        holding, articles = _holding(tx, words)
        rows, rank = _matching(tx, telling(holding, articles), " | "), LOOSE
    worth = dict.fromkeys(words, 1)
    hits = _ranked(tx, rows, worth, {}, rank)
    counts = helped_by(tx, [row.id for row in named])
    exact = [ArticleHit(row.id, row.code, row.title, row.category, counts.get(row.id, 0), FULL, EXACT) for row in named]
    return tuple([*exact, *(hit for hit in hits if hit.id not in {each.id for each in exact})][: _bounded(limit)])


def squeezed_code(typed: str) -> str:
    """An article's code as it is kept: lower case, no blanks; hyphens stay."""
    return "-".join(squeezed(part) for part in typed.strip().replace("_", "-").split("-"))[:40]


@reads("customer.read", quick=True)
def suggest(
    tx: Tx, category: str = "", product_id: int | None = None, words: str = "", limit: int = 3
) -> tuple[ArticleHit, ...]:
    """The published articles that fit what a ticket is about and what is being typed, best first; () when nothing does.

    By words (rare ones and those of the title count more, the last one may be unfinished), product, its groups,
    category and the categories right above and below it, and a little by how often they helped; see rules/relevance.
    """
    typed = words_of(words)[-MOST_WORDS:]
    about = _about(tx, printable(category).strip(), product_id)
    rows: dict[int, Row[Any]] = {}
    worth: dict[str, int] = {}
    if typed:
        holding, articles = _holding(tx, typed)
        worth = {word: rarity_of(articles, count) for word, count in holding.items()}
        wanted = telling(holding, articles)
        for only in (None, about.condition) if about.condition is not None else (None,):
            rows |= {row.article_id: row for row in _matching(tx, wanted, " | ", only)}
    if about.condition is not None:
        rows |= {row.article_id: row for row in _of(tx, about.condition) if row.article_id not in rows}
    fits = {id_: about.fit(row) for id_, row in rows.items()}
    return tuple(_ranked(tx, list(rows.values()), worth, fits, HELD)[: _bounded(limit)])


@reads("customer.read")
def read(tx: Tx, article_id: int) -> ArticleView:
    """An article whole. Raises NotFound, for readers also while it is not published."""
    return _one(tx, ARTICLE.c.id == article_id, str(article_id))


@reads("customer.read")
def by_code(tx: Tx, code: str) -> ArticleView:
    """An article whole by its code. Raises NotFound, for readers also while it is not published."""
    return _one(tx, ARTICLE.c.code == squeezed_code(code), code.strip()[:40])


@reads("customer.read")
def listed(tx: Tx) -> tuple[ArticleView, ...]:
    """All articles by code; who may not write them sees the published ones."""
    mine = () if tx.actor.may("knowledge.write") else (ARTICLE.c.published > 0,)
    return views(tx, tx.rows(whole(tx).where(*mine).order_by(ARTICLE.c.code)))


@writes("desk.act")
def helped(tx: Tx, article_id: int, ticket_id: int | None = None, call_id: int | None = None) -> HelpedView:
    """Counts that an article helped: once per person and ticket, else per call, else per day.

    Raises NotFound for an article that is not published, and for a ticket one may not see.
    """
    article = tx.row(select(ARTICLE.c.id, ARTICLE.c.code).where(*_shown(tx), ARTICLE.c.id == article_id))
    if article is None:
        raise NotFound("This article is no longer published; / and some words find another.")
    if ticket_id is not None:
        seeing.one(tx, ticket_id)
    zone = ZoneInfo(tx.value(select(COMPANY.c.timezone).where(COMPANY.c.id == tx.company)) or "UTC")
    occasion = (f"ticket {ticket_id}" if ticket_id is not None else f"call {call_id}" if call_id is not None
                else f"day {tx.now.astimezone(zone):%Y-%m-%d}")  # fmt: skip
    row = {"company": tx.company, "article_id": article_id, "staff_id": tx.actor.id, "occasion": occasion,
           "ticket_id": ticket_id, "at": tx.now}  # fmt: skip
    key = {name: row[name] for name in ("company", "article_id", "staff_id", "occasion")}
    there = tx.value(select(func.count()).select_from(HELPED).where(*(HELPED.c[name] == v for name, v in key.items())))
    if not there:  # on Postgres the same may be written at this moment; the triggers of SQLite refuse a second one
        tx.do(postgresql.insert(HELPED).on_conflict_do_nothing() if tx.postgres else insert(HELPED), row)
    count, new = helped_by(tx, [article_id]).get(article_id, 0), not there
    audit.record(tx, "knowledge.helped", "article", article_id, None, {"occasion": occasion, "new": new})
    return HelpedView(article_id, article.code, count, new)


@dataclass(frozen=True)
class _About:
    """What a ticket is about: its product, that product's groups, its category and the ones beside it."""

    product_id: int | None
    groups: frozenset[str]
    category: str
    near: frozenset[str]
    condition: ColumnElement[bool] | None

    def fit(self, row: Row[Any]) -> Fit:
        """How an article fits that."""
        category = "same" if self.category and row.category == self.category else ""
        return Fit(
            self.product_id is not None and row.product_id == self.product_id,
            bool(row.product_group) and row.product_group in self.groups,
            category or ("near" if row.category and row.category in self.near else ""),
        )


def _about(tx: Tx, category: str, product_id: int | None) -> _About:
    tests: list[ColumnElement[bool]] = []
    groups: list[str] = []
    if product_id is not None:
        mine = select(GROUP.c.group_code).where(GROUP.c.company == tx.company, GROUP.c.product_id == product_id)
        groups = sorted(row.group_code for row in tx.rows(mine))
        tests += [ARTICLE.c.product_id == product_id]
        tests += [ARTICLE.c.product_group.in_(groups)] if groups else []
    beside = near(category, parents(tx)) if category else ()
    tests += [ARTICLE.c.category.in_([category, *beside])] if category else []
    return _About(product_id, frozenset(groups), category, frozenset(beside), or_(*tests) if tests else None)


def _one(tx: Tx, which: ColumnElement[bool], name: str) -> ArticleView:
    row = tx.row(whole(tx).where(which))
    if row is None or not (row.published or tx.actor.may("knowledge.write")):
        raise NotFound(f"There is no article {name}; / and some words find articles.", field="code")
    return views(tx, [row])[0]


def _shown(tx: Tx) -> tuple[ColumnElement[bool], ...]:
    return ARTICLE.c.company == tx.company, ARTICLE.c.published > 0


def _bounded(limit: int) -> int:
    return max(1, min(limit, MOST_HITS))


_COLUMNS = (SEARCH.c.article_id, SEARCH.c.title, SEARCH.c.words, SEARCH.c.body, ARTICLE.c.code, ARTICLE.c.category,
            ARTICLE.c.title.label("name"), ARTICLE.c.product_group, ARTICLE.c.product_id)  # fmt: skip
_JOINED = select(*_COLUMNS).join(
    ARTICLE, and_(ARTICLE.c.company == SEARCH.c.company, ARTICLE.c.id == SEARCH.c.article_id)
)


def _of(tx: Tx, about: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """Articles that are about something, the latest first."""
    mine = _JOINED.where(SEARCH.c.company == tx.company, *_shown(tx), about)
    return tx.rows(mine.order_by(ARTICLE.c.written_at.desc(), ARTICLE.c.id).limit(WINDOW))


def _matching(tx: Tx, words: Sequence[str], joint: str, about: ColumnElement[bool] | None = None) -> Sequence[Row[Any]]:
    """Articles that hold all of some words (" & "), or any (" | "), begun or whole; the database's best WINDOW."""
    if not words:
        return ()
    statement = _JOINED.where(SEARCH.c.company == tx.company, *((about,) if about is not None else ()))
    if tx.postgres:
        query = text("CAST(:query AS tsquery)").bindparams(query=joint.join(f"'{word}':*" for word in words))
        ranked = func.ts_rank(text("'{0.1,0.2,0.8,1.0}'"), SEARCH.c.terms, query).desc()
        return tx.rows(statement.where(SEARCH.c.terms.op("@@")(query)).order_by(ranked, SEARCH.c.id).limit(WINDOW))
    first, last = row_range(tx.company)
    found = (
        text("SELECT rowid AS id, rank AS r FROM article_fts(:match) WHERE rowid BETWEEN :first AND :last "
             "AND rank MATCH 'bm25(8.0, 6.0, 1.0)'")
        .bindparams(match=_fts(words, joint), first=first, last=last)
        .columns(SEARCH.c.id.label("id"), SEARCH.c.id.label("r"))
        .subquery("found")
    )  # fmt: skip
    return tx.rows(statement.join(found, found.c.id == SEARCH.c.id).order_by(found.c.r, SEARCH.c.id).limit(WINDOW))


def _fts(words: Sequence[str], joint: str) -> str:
    return {" & ": " AND ", " | ": " OR "}[joint].join(f'"{word}"*' for word in words)


def _holding(tx: Tx, words: Sequence[str]) -> tuple[dict[str, int], int]:
    """How many articles hold each word, begun or whole, and how many articles there are; of a word that more than a
    third hold it is enough to know that, all are said to."""
    articles = int(tx.value(select(func.count()).select_from(SEARCH).where(SEARCH.c.company == tx.company)) or 0)
    params: dict[str, Any] = {"company": tx.company, "cap": articles // 3 + 1}
    if not tx.postgres:
        params["first"], params["last"] = row_range(tx.company)
    typed = {f"w{n}": f"'{word}':*" if tx.postgres else f'"{word}"*' for n, word in enumerate(words)}
    rows = tx.rows(_counts(len(words), tx.postgres), {**params, **typed})
    counts = {row.n: int(row.held) if row.held <= articles // 3 else articles for row in rows}
    return {word: counts.get(n, 0) for n, word in enumerate(words)}, articles


@lru_cache(maxsize=2 * MOST_WORDS)
def _counts(words: int, postgres: bool) -> Executable:
    one = (
        "SELECT 1 FROM article_search WHERE company = :company AND terms @@ CAST(:w{n} AS tsquery) LIMIT :cap"
        if postgres
        else "SELECT 1 FROM article_fts(:w{n}) WHERE rowid BETWEEN :first AND :last LIMIT :cap"
    )
    counted = "SELECT {n} AS n, count(*) AS held FROM (" + one + ") AS found{n}"
    made = text(" UNION ALL ".join(counted.format(n=n) for n in range(words)))
    return made.bindparams(*(bindparam(f"w{n}") for n in range(words)))


def _ranked(
    tx: Tx, rows: Sequence[Row[Any]], worth: Mapping[str, int], fits: Mapping[int, Fit], rank: int
) -> list[ArticleHit]:
    """The rows that anything speaks for, best first, then by what helped more often and by code."""
    counts = helped_by(tx, [row.article_id for row in rows])
    hits = []
    for row in rows:
        times = counts.get(row.article_id, 0)
        points = score(
            worth, Fields(row.title + row.words, row.body), replace(fits.get(row.article_id, _NONE), helped=times)
        )
        titled = rank == HELD and all(f" {word}" in row.title for word in worth)
        if points:
            found = TITLED if titled else rank
            hits.append(ArticleHit(row.article_id, row.code, row.name, row.category, times, points, found))
    return sorted(hits, key=lambda hit: (-hit.score, -hit.helped, hit.code))


_NONE = Fit()
