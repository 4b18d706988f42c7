"""What must hold of articles and canned replies; adds itself to the registry of `invariants`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select

from csdesk.models import Article, ArticleRevision, table
from csdesk.services import canned, knowledge_index
from csdesk.services.derived import NAMED
from csdesk.services.invariants import checks
from csdesk.services.tx import Tx

ARTICLE, REVISION = table(Article), table(ArticleRevision)
_TEXTS = ("title", "body", "category", "product_group", "words")


@checks("knowledge.revisions", "an article says what its published revision says, else its last one, and none is lost")
def _revisions(tx: Tx) -> Sequence[str]:
    shown = func.coalesce(func.nullif(ARTICLE.c.published, 0), ARTICLE.c.version)
    mine = and_(REVISION.c.company == ARTICLE.c.company, REVISION.c.article_id == ARTICLE.c.id)
    any_ = REVISION.alias()
    of_it = any_.c.company == ARTICLE.c.company, any_.c.article_id == ARTICLE.c.id
    last = select(func.max(any_.c.version)).where(*of_it).correlate(ARTICLE).scalar_subquery()
    differs = or_(
        REVISION.c.version.is_(None),
        ARTICLE.c.published > ARTICLE.c.version,
        func.coalesce(last, 0) != ARTICLE.c.version,
        *(ARTICLE.c[name] != REVISION.c[name] for name in _TEXTS),
        func.coalesce(ARTICLE.c.product_id, 0) != func.coalesce(REVISION.c.product_id, 0),
    )
    found = (
        select(ARTICLE.c.code)
        .outerjoin(REVISION, and_(mine, REVISION.c.version == shown))
        .where(ARTICLE.c.company == tx.company, differs)
        .order_by(ARTICLE.c.code)
        .limit(NAMED)
    )
    return [f"article {row.code}: its texts or versions are not those of its revisions" for row in tx.rows(found)]


@checks("knowledge.index", "published articles are found by the words they hold, and no others")
def _index(tx: Tx) -> Sequence[str]:
    again = "what it is found by is not what it says; run 'csdesk article reindex'"
    return [f"article {code}: {again}" for code in knowledge_index.astray(tx)[:NAMED]]


@checks("knowledge.replies", "canned replies name no variable and no act the desk does not know")
def _replies(tx: Tx) -> Sequence[str]:
    return canned.faults(tx)[:NAMED]
