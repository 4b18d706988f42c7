"""Posted documents (invoice, credit note, debit note), receipts, open items and allocations."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from csdesk.models.types import Minor, Quantity, Rate, UnitPrice, UtcInstant, fk

_ID = {"autoincrement": False}


class Document(SQLModel, table=True):
    """A posted document: insert-only, positive face amounts and a kind."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("company", "kind", "number"),
        UniqueConstraint("company", "receipt_id"),
        fk("customer_id", "customer.id"),
        fk("account_id", "credit_account.id"),
        Index("ix_document_customer", "company", "customer_id", "issued_on"),
        Index("ix_document_order", "company", "order_id"),
        Index("ix_document_corrects", "company", "corrects_id"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    kind: str = Field(max_length=12)  # invoice | credit_note | debit_note | write_off | reversal
    number: str = Field(max_length=40)
    customer_id: int = Field(sa_type=BigInteger)
    account_id: int = Field(sa_type=BigInteger)
    order_id: int | None = Field(default=None, sa_type=BigInteger)
    corrects_id: int | None = Field(default=None, sa_type=BigInteger)
    receipt_id: int | None = Field(default=None, sa_type=BigInteger)  # the receipt a reversal takes back
    issued_on: date
    issued_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    due_on: date
    currency: str = Field(max_length=3)
    tax_method: str = Field(max_length=10)
    rounding: str = Field(max_length=10)
    net: int = Field(sa_type=Minor)
    tax: int = Field(sa_type=Minor)
    gross: int = Field(sa_type=Minor)
    reason: str = Field(default="", max_length=40)
    source: str = Field(default="desk", max_length=20)
    flags: str = Field(default="", max_length=200)  # notes of an import, e.g. "two-timestamps"


class DocumentLine(SQLModel, table=True):
    """A line of a posted document: insert-only."""

    __tablename__ = "document_line"
    __table_args__ = (
        fk("document_id", "document.id"),
        fk("product_id", "product.id"),
        Index("ix_document_line_product", "company", "product_id"),
    )
    company: int = Field(primary_key=True)
    document_id: int = Field(primary_key=True, sa_type=BigInteger)
    line: int = Field(primary_key=True)
    product_id: int | None = Field(default=None, sa_type=BigInteger)  # None: an amount that is no goods
    description: str = Field(default="", max_length=300)
    unit: str = Field(max_length=20)
    quantity: Decimal = Field(sa_type=Quantity)
    price: Decimal = Field(sa_type=UnitPrice)
    net: int = Field(sa_type=Minor)
    tax_rate: Decimal = Field(sa_type=Rate)
    tax: int = Field(sa_type=Minor)
    tax_category: str = Field(default="", max_length=2)  # UNTDID 5305 as posted; empty: brought in without one
    tax_reason: str = Field(default="", max_length=200)  # why there is no tax, as posted
    order_line: int | None = None
    flags: str = Field(default="", max_length=200)


class Receipt(SQLModel, table=True):
    """Money in from a debtor: insert-only; `amount` is positive."""

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("company", "number", "source"),
        fk("account_id", "credit_account.id"),
        Index("ix_receipt_account", "company", "account_id", "received_on"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    number: str = Field(max_length=40)
    account_id: int = Field(sa_type=BigInteger)
    received_on: date
    currency: str = Field(max_length=3)
    amount: int = Field(sa_type=Minor)
    method: str = Field(default="", max_length=40)
    reference: str = Field(default="", max_length=200)
    bank_line_id: int | None = Field(default=None, sa_type=BigInteger)
    source: str = Field(default="desk", max_length=20)


class OpenItem(SQLModel, table=True):
    """An item of the sub-ledger: debit positive. `open`, a running figure, is face minus allocations, same sign."""

    __tablename__ = "open_item"
    __table_args__ = (
        UniqueConstraint("company", "source", "source_id"),
        fk("account_id", "credit_account.id"),
        fk("customer_id", "customer.id"),
        Index("ix_open_item_account", "company", "account_id", "due_on"),
        Index(  # in the order of a page, with all that ageing adds up
            "ix_open_item_open",
            "company",
            "account_id",
            "due_on",
            "id",
            "open",
            sqlite_where=text("open <> 0"),
            postgresql_where=text("open <> 0"),
        ),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    account_id: int = Field(sa_type=BigInteger)
    customer_id: int = Field(sa_type=BigInteger)
    source: str = Field(max_length=12)  # document | receipt
    source_id: int = Field(sa_type=BigInteger)
    number: str = Field(max_length=40)
    kind: str = Field(max_length=12)
    posted_on: date
    due_on: date
    currency: str = Field(max_length=3)
    face: int = Field(sa_type=Minor)
    open: int = Field(sa_type=Minor)


class Allocation(SQLModel, table=True):
    """One credit item set against one debit item: insert-only; an un-apply is a reversing row."""

    __tablename__ = "allocation"
    __table_args__ = (
        UniqueConstraint("company", "reverses_id"),
        fk("debit_item_id", "open_item.id"),
        fk("credit_item_id", "open_item.id"),
        Index("ix_allocation_debit", "company", "debit_item_id"),
        Index("ix_allocation_credit", "company", "credit_item_id"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    debit_item_id: int = Field(sa_type=BigInteger)
    credit_item_id: int = Field(sa_type=BigInteger)
    amount: int = Field(sa_type=Minor)  # negative on a reversing row
    applied_on: date
    reverses_id: int | None = Field(default=None, sa_type=BigInteger)
    made_by: int | None = Field(default=None, sa_type=BigInteger)
    why: str = Field(default="", max_length=20)  # hand | a rule's name | deduction | difference | reversal


class StockMovement(SQLModel, table=True):
    """A change of stock that is not a sale (write-off, count): insert-only, in base units."""

    __tablename__ = "stock_movement"
    __table_args__ = (fk("product_id", "product.id"), Index("ix_stock_movement_product", "company", "product_id"))
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    product_id: int = Field(sa_type=BigInteger)
    warehouse: str = Field(max_length=20)
    kind: str = Field(max_length=20)
    number: str = Field(default="", max_length=40)
    quantity: Decimal = Field(sa_type=Quantity)
    note: str = Field(default="", max_length=300)
    at: datetime = Field(sa_type=UtcInstant)
    source: str = Field(default="desk", max_length=20)
