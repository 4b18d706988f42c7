"""Requests for controlled acts with their approvals (maker and checker), tiers, and what a credit request holds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from csdesk.models.types import Minor, Quantity, UtcInstant, fk

_ID = {"autoincrement": False}


class ApprovalTier(SQLModel, table=True):
    """Up to and including `up_to` (minor units, NULL = unlimited) the `steps` approve, roles separated by blanks."""

    __tablename__ = "approval_tier"
    __table_args__ = (UniqueConstraint("company", "kind", "currency", "up_to"),)
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    kind: str = Field(max_length=30)
    currency: str = Field(max_length=3)
    up_to: int | None = Field(default=None, sa_type=Minor)
    steps: str = Field(default="", max_length=200)


class ApprovalRequest(SQLModel, table=True):
    """A request for a controlled act; states and moves are those of `rules.approvals`.

    `payload` is canonical JSON, frozen by `payload_hash` when it is submitted. `counted` is the amount that picked the
    tier: the same maker's requests for the customer and reason in the last 72 h are in it.
    """

    __tablename__ = "approval_request"
    __table_args__ = (
        UniqueConstraint("company", "number"),
        fk("customer_id", "customer.id"),
        fk("account_id", "credit_account.id"),
        fk("maker_staff_id", "staff.id"),
        Index("ix_approval_request_document", "company", "document_id"),
        Index("ix_approval_request_state", "company", "state", "submitted_at"),
        Index("ix_approval_request_customer", "company", "customer_id", "made_at"),
        Index("ix_approval_request_maker", "company", "maker_person_id", "made_at"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    number: str = Field(max_length=40)
    kind: str = Field(max_length=30)
    state: str = Field(max_length=20)
    version: int = 1
    customer_id: int | None = Field(default=None, sa_type=BigInteger)  # None: about staff or a period
    account_id: int | None = Field(default=None, sa_type=BigInteger)
    document_id: int | None = Field(default=None, sa_type=BigInteger)
    order_id: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = Field(max_length=3)
    amount: int = Field(sa_type=Minor)
    counted: int = Field(sa_type=Minor)
    reason: str = Field(max_length=40)
    note: str = Field(default="", max_length=2000)
    payload: str
    payload_hash: str = Field(max_length=64)
    steps: str = Field(default="", max_length=200)
    step: int = 0
    maker_staff_id: int = Field(sa_type=BigInteger)
    maker_person_id: int = Field(sa_type=BigInteger)
    maker_rank: int = 0
    editors: str = Field(default="", max_length=400)
    creators: str = Field(default="", max_length=400)
    made_at: datetime = Field(sa_type=UtcInstant)
    submitted_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    decided_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    decided_by: int | None = Field(default=None, sa_type=BigInteger)
    why: str = Field(default="", max_length=500)  # of a rejection, return or failure
    post_after: datetime | None = Field(default=None, sa_type=UtcInstant)
    posted_id: int | None = Field(default=None, sa_type=BigInteger)
    dispute_id: int | None = Field(default=None, sa_type=BigInteger)  # the deduction it settles


class ApprovalMark(SQLModel, table=True):
    """One signature: insert-only. `decision` approve | reject | return | withdraw, by person and in which role."""

    __tablename__ = "approval_mark"
    __table_args__ = (fk("request_id", "approval_request.id"), Index("ix_approval_mark", "company", "request_id", "id"))
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    request_id: int = Field(sa_type=BigInteger)
    version: int
    payload_hash: str = Field(max_length=64)
    step: int
    decision: str = Field(max_length=12)
    person_id: int = Field(sa_type=BigInteger)
    staff_id: int = Field(sa_type=BigInteger)
    role: str = Field(max_length=40)
    on_behalf_of: int | None = Field(default=None, sa_type=BigInteger)
    reason: str = Field(default="", max_length=500)
    at: datetime = Field(sa_type=UtcInstant)


class CreditClaim(SQLModel, table=True):
    """What a credit request takes of an invoice line: pending from its submission, posted with its note, else void."""

    __tablename__ = "credit_claim"
    __table_args__ = (
        UniqueConstraint("company", "request_id", "document_id", "line"),
        fk("request_id", "approval_request.id"),
        fk("document_id", "document.id"),
        Index("ix_credit_claim_line", "company", "document_id", "line"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    request_id: int = Field(sa_type=BigInteger)
    document_id: int = Field(sa_type=BigInteger)
    line: int
    quantity: Decimal = Field(sa_type=Quantity)
    net: int = Field(sa_type=Minor)
    tax: int = Field(sa_type=Minor)
    state: str = Field(max_length=10)  # pending | posted | void
