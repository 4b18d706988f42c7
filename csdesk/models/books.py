"""The general ledger as far as receivables go, cash that waits for its owner, goods that came back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from csdesk.models.types import Minor, Quantity, UtcInstant, fk

_ID = {"autoincrement": False}


class LedgerEntry(SQLModel, table=True):
    """One side of a posting: insert-only, debit positive; the entries of a source and currency add up to zero.

    `gl` is an account of `services.booking.ACCOUNTS`; entries on the control account name the debtor's account.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        Index("ix_ledger_entry_day", "company", "gl", "posted_on"),
        Index("ix_ledger_entry_account", "company", "account_id", "posted_on"),
    )
    company: int = Field(primary_key=True)
    source: str = Field(primary_key=True, max_length=12)  # document | receipt | bank | provision
    source_id: int = Field(primary_key=True, sa_type=BigInteger)
    place: int = Field(primary_key=True)
    gl: str = Field(max_length=20)
    account_id: int | None = Field(default=None, sa_type=BigInteger)
    posted_on: date
    currency: str = Field(max_length=3)
    amount: int = Field(sa_type=Minor)


class BankLine(SQLModel, table=True):
    """Money that came in and whose owner is not known yet; it waits here and becomes a receipt, or goes back."""

    __tablename__ = "bank_line"
    __table_args__ = (
        UniqueConstraint("company", "number"),
        UniqueConstraint("company", "bank_reference"),
        Index("ix_bank_line_state", "company", "state", "received_on"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    number: str = Field(max_length=40)
    bank_reference: str = Field(max_length=80)  # the bank's own; one line is taken in once
    received_on: date
    currency: str = Field(max_length=3)
    amount: int = Field(sa_type=Minor)
    payer: str = Field(default="", max_length=200)
    reference: str = Field(default="", max_length=200)
    state: str = Field(default="waiting", max_length=12)  # waiting | identified | returned
    receipt_id: int | None = Field(default=None, sa_type=BigInteger)
    note: str = Field(default="", max_length=500)
    taken_at: datetime = Field(sa_type=UtcInstant)
    settled_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    settled_by: int | None = Field(default=None, sa_type=BigInteger)


class GoodsReturn(SQLModel, table=True):
    """Goods of an invoice line that came back and were counted in: insert-only, in the unit of the line."""

    __tablename__ = "goods_return"
    __table_args__ = (
        UniqueConstraint("company", "number"),
        fk("document_id", "document.id"),
        Index("ix_goods_return_document", "company", "document_id", "line"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    number: str = Field(max_length=40)
    document_id: int = Field(sa_type=BigInteger)
    line: int
    quantity: Decimal = Field(sa_type=Quantity)
    sound: bool = True  # may be sold again
    note: str = Field(default="", max_length=300)
    received_at: datetime = Field(sa_type=UtcInstant)
    received_by: int = Field(sa_type=BigInteger)
