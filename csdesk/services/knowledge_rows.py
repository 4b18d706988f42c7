"""What is seen of articles: the views, how they are read from their rows, and the tree of categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from csdesk.models import Article, ArticleHelped, Product, Staff, TicketCategory, table
from csdesk.services.tx import Tx

ARTICLE, HELPED, PRODUCT = table(Article), table(ArticleHelped), table(Product)
CATEGORY, STAFF = table(TicketCategory), table(Staff)


@dataclass(frozen=True)
class ArticleView:
    """An article whole, as readers see it. `published` is the version that is shown, 0 while none is; `version` the
    last one written: a newer one waits to be published. `product` is the product's code, `helped` the counter."""

    id: int
    code: str
    title: str
    body: str
    category: str
    category_name: str
    product_group: str
    product_id: int | None
    product: str
    words: str
    version: int
    published: int
    written_at: datetime
    written_by: str
    helped: int


@dataclass(frozen=True)
class ArticleHit:
    """A published article that was found; `score` is for the order only, `rank` how it was found (as in search)."""

    id: int
    code: str
    title: str
    category: str
    helped: int
    score: int
    rank: int = 0


def helped_by(tx: Tx, ids: Sequence[int]) -> dict[int, int]:
    """How often each of these articles helped; those that never did are left out."""
    if not ids:
        return {}
    counts = select(HELPED.c.article_id, func.count().label("n")).where(
        HELPED.c.company == tx.company, HELPED.c.article_id.in_(ids)
    )
    return {row.article_id: int(row.n) for row in tx.rows(counts.group_by(HELPED.c.article_id))}


def whole(tx: Tx) -> Select[Any]:
    """Articles with what `views` needs of other tables."""
    return (
        select(ARTICLE, PRODUCT.c.code.label("product"), CATEGORY.c.name.label("category_name"),
               STAFF.c.name.label("author"))
        .outerjoin(PRODUCT, (PRODUCT.c.company == ARTICLE.c.company) & (PRODUCT.c.id == ARTICLE.c.product_id))
        .outerjoin(CATEGORY, (CATEGORY.c.company == ARTICLE.c.company) & (CATEGORY.c.code == ARTICLE.c.category))
        .outerjoin(STAFF, (STAFF.c.company == ARTICLE.c.company) & (STAFF.c.id == ARTICLE.c.written_by))
        .where(ARTICLE.c.company == tx.company)
    )  # fmt: skip


def views(tx: Tx, rows: Sequence[Row[Any]]) -> tuple[ArticleView, ...]:
    """Rows of `whole` as views, in their order."""
    helped = helped_by(tx, [row.id for row in rows])
    return tuple(
        ArticleView(
            row.id, row.code, row.title, row.body, row.category, row.category_name or "", row.product_group,
            row.product_id, row.product or "", row.words, row.version, row.published, row.written_at,
            row.author or "system", helped.get(row.id, 0),
        )
        for row in rows
    )  # fmt: skip


def parents(tx: Tx) -> dict[str, str]:
    """The tree of ticket categories: child -> parent, '' at the top."""
    rows = tx.rows(
        select(CATEGORY.c.code, CATEGORY.c.parent).where(CATEGORY.c.company == tx.company, CATEGORY.c.use == "category")
    )
    return {row.code: row.parent for row in rows}
