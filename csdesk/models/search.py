"""What customers, products and tickets are found by: one row each, and the words of all of them (see services/search).

Texts are normalised (rules/text) and compare byte by byte on both databases, so that a prefix is a range of the
b-tree and the order is the same everywhere.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from csdesk.models.types import fk

Bytewise = String().with_variant(String(collation="C"), "postgresql")
# On SQLite the row id of the full-text tables: the company in front keeps the rows of a company together.
RowId = BigInteger().with_variant(Integer, "sqlite")


class CustomerSearch(SQLModel, table=True):
    """A customer's search row.

    `head` is the name, `code` the code without blanks. `body` holds the words, each between blanks, in parts set off by
    '|': name, pieces of a code that has several, towns with postcodes, contacts. `numbers` are the code and the phone
    numbers, found by any run of three or more of their characters. `starts` are the beginnings of the words that are
    indexed, with a '*' behind; only Postgres needs them, SQLite indexes them by itself.
    """

    __tablename__ = "customer_search"
    __table_args__ = (
        UniqueConstraint("company", "customer_id"),
        fk("customer_id", "customer.id"),
        Index("ix_customer_search_head", "company", "head", "code"),
        Index("ix_customer_search_code", "company", "code"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    company: int
    customer_id: int = Field(sa_type=BigInteger)
    head: str = Field(sa_type=Bytewise)
    code: str = Field(sa_type=Bytewise)
    body: str = Field(sa_type=Bytewise)
    numbers: str = Field(default="", sa_type=Bytewise)
    starts: str = Field(default="", sa_type=Bytewise)


class ProductSearch(SQLModel, table=True):
    """A product's search row, as a customer's: parts of `body` are name, code, groups; `numbers` code and barcode."""

    __tablename__ = "product_search"
    __table_args__ = (
        UniqueConstraint("company", "product_id"),
        fk("product_id", "product.id"),
        Index("ix_product_search_head", "company", "head", "code"),
        Index("ix_product_search_code", "company", "code"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    company: int
    product_id: int = Field(sa_type=BigInteger)
    head: str = Field(sa_type=Bytewise)
    code: str = Field(sa_type=Bytewise)
    body: str = Field(sa_type=Bytewise)
    numbers: str = Field(default="", sa_type=Bytewise)
    starts: str = Field(default="", sa_type=Bytewise)


class SearchWord(SQLModel, table=True):
    """Every distinct word of the search bodies that begins with letters: to complete it, to look inside, to mend it.

    Backwards too, so that an ending is a prefix. Words stay when the last row that held them is gone.
    """

    __tablename__ = "search_word"
    __table_args__ = (
        UniqueConstraint("company", "kind", "word"),
        Index("ix_search_word_reversed", "company", "kind", "reversed"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    company: int
    kind: str = Field(max_length=10)  # customer | product
    word: str = Field(sa_type=Bytewise)
    reversed: str = Field(sa_type=Bytewise)


class TicketSearch(SQLModel, table=True):
    """The words a ticket's subject is found by, normalised, each once and between blanks; ids rise as tickets are
    opened. `terms` is what Postgres searches; on SQLite that is the full-text table beside it."""

    __tablename__ = "ticket_search"
    __table_args__ = (
        UniqueConstraint("company", "ticket_id"),
        fk("ticket_id", "ticket.id"),
        Index("ix_ticket_search_latest", "company", "id"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    company: int
    ticket_id: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Bytewise)
    terms: str | None = Field(default=None, sa_type=Text().with_variant(TSVECTOR(), "postgresql"))
