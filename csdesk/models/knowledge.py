"""What the desk knows and how it says it: articles with their revisions and search rows, canned replies and macros."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from csdesk.models.search import Bytewise, RowId
from csdesk.models.types import UtcInstant, fk

_ID = {"autoincrement": False}


class Article(SQLModel, table=True):
    """An article as readers see it: its revision `published`, or the last one, `version`, while none is (0).

    What is written later waits among the revisions until it is published.
    """

    __tablename__ = "article"
    __table_args__ = (
        UniqueConstraint("company", "code"),
        fk("product_id", "product.id"),
        Index("ix_article_category", "company", "category"),
        Index("ix_article_product", "company", "product_id"),
        Index("ix_article_group", "company", "product_group"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    code: str = Field(max_length=40)
    title: str = Field(max_length=200)
    body: str
    category: str = Field(default="", max_length=40)  # ticket_category.code
    product_group: str = Field(default="", max_length=40)
    product_id: int | None = Field(default=None, sa_type=BigInteger)
    words: str = Field(default="", max_length=500)  # what else people call it
    version: int = 1
    published: int = 0
    written_at: datetime = Field(sa_type=UtcInstant)
    written_by: int = Field(sa_type=BigInteger)


class ArticleRevision(SQLModel, table=True):
    """An article as it was written once: insert-only."""

    __tablename__ = "article_revision"
    __table_args__ = (fk("article_id", "article.id"),)
    company: int = Field(primary_key=True)
    article_id: int = Field(primary_key=True, sa_type=BigInteger)
    version: int = Field(primary_key=True)
    title: str = Field(max_length=200)
    body: str
    category: str = Field(default="", max_length=40)
    product_group: str = Field(default="", max_length=40)
    product_id: int | None = Field(default=None, sa_type=BigInteger)
    words: str = Field(default="", max_length=500)
    at: datetime = Field(sa_type=UtcInstant)
    by: int = Field(sa_type=BigInteger)


class ArticleHelped(SQLModel, table=True):
    """An article helped somebody with a ticket, a call, or else on a day (`occasion`): insert-only, once each."""

    __tablename__ = "article_helped"
    __table_args__ = (fk("article_id", "article.id"), fk("staff_id", "staff.id"), fk("ticket_id", "ticket.id"))
    company: int = Field(primary_key=True)
    article_id: int = Field(primary_key=True, sa_type=BigInteger)
    staff_id: int = Field(primary_key=True, sa_type=BigInteger)
    occasion: str = Field(primary_key=True, max_length=40)
    ticket_id: int | None = Field(default=None, sa_type=BigInteger)
    at: datetime = Field(sa_type=UtcInstant)


class ArticleSearch(SQLModel, table=True):
    """The words a published article is found by, normalised and each once: of its title, its further words, its body,
    each between blanks. `terms` is what Postgres searches; on SQLite that is the full-text table beside it."""

    __tablename__ = "article_search"
    __table_args__ = (UniqueConstraint("company", "article_id"), fk("article_id", "article.id"))
    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    company: int
    article_id: int = Field(sa_type=BigInteger)
    title: str = Field(sa_type=Bytewise)
    words: str = Field(default="", sa_type=Bytewise)
    body: str = Field(default="", sa_type=Bytewise)
    terms: str | None = Field(default=None, sa_type=Text().with_variant(TSVECTOR(), "postgresql"))


class CannedReply(SQLModel, table=True):
    """A text that is said often, with variables in braces; a macro's `acts` are JSON: what it does to the ticket."""

    __tablename__ = "canned_reply"
    company: int = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=12)
    title: str = Field(max_length=200)
    body: str
    kind: str = Field(default="text", max_length=5)  # text | macro
    acts: str = "{}"
    written_at: datetime = Field(sa_type=UtcInstant)
    written_by: int = Field(sa_type=BigInteger)
