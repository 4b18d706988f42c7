"""What a rep has open: calls, drafts, commands that can be undone, the outbox and answered requests."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from csdesk.models.types import UtcInstant, fk

_ID = {"autoincrement": False}


class Call(SQLModel, table=True):
    """One interaction: who is on the line, what is typed so far, what stands in the view. `slot` is its number."""

    __tablename__ = "call"
    __table_args__ = (
        fk("staff_id", "staff.id"),
        fk("customer_id", "customer.id"),
        Index("ix_call_staff", "company", "staff_id", "ended_at"),
        Index("ix_call_customer", "company", "customer_id", "started_at"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    staff_id: int = Field(sa_type=BigInteger)
    slot: int
    active: bool = True
    customer_id: int | None = Field(default=None, sa_type=BigInteger)
    channel: str = Field(default="phone", max_length=12)
    phone: str = Field(default="", max_length=60)
    started_at: datetime = Field(sa_type=UtcInstant)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    prompt: str = Field(default="")
    view: str = Field(default="", max_length=200)
    draft_id: int | None = Field(default=None, sa_type=BigInteger)
    wrap_up: str = Field(default="", max_length=20)
    note: str = Field(default="", max_length=2000)


class HalfTyped(SQLModel, table=True):
    """What a rep is typing while nobody is on the line, and the view it is typed at; no row when there is nothing."""

    __tablename__ = "half_typed"
    __table_args__ = (fk("staff_id", "staff.id"),)
    company: int = Field(primary_key=True)
    staff_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    prompt: str
    view: str = Field(default="", max_length=200)


class Draft(SQLModel, table=True):
    """Lines not yet committed: a new order (its id becomes the order's id) or an amendment of one.

    `lines` is JSON text of services.drafts.DraftLine. Status: open, placed, applied, dropped.
    """

    __tablename__ = "draft"
    __table_args__ = (
        fk("staff_id", "staff.id"),
        fk("customer_id", "customer.id"),
        Index("ix_draft_staff", "company", "staff_id", "status"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    call_id: int | None = Field(default=None, sa_type=BigInteger)
    staff_id: int = Field(sa_type=BigInteger)
    customer_id: int = Field(sa_type=BigInteger)
    kind: str = Field(default="new", max_length=10)  # new | amend
    order_id: int | None = Field(default=None, sa_type=BigInteger)
    base_version: int | None = None
    requested_on: date | None = None
    customer_reference: str = Field(default="", max_length=60)
    lines: str = Field(default="[]")
    status: str = Field(default="open", max_length=10)
    version: int = 1
    created_at: datetime = Field(sa_type=UtcInstant)
    updated_at: datetime = Field(sa_type=UtcInstant)


class Command(SQLModel, table=True):
    """One committed command of a rep and how to take it back; `undo` is JSON text for services.undo."""

    __tablename__ = "command"
    __table_args__ = (
        fk("staff_id", "staff.id"),
        Index("ix_command_call", "company", "call_id", "id"),
        Index(
            "ix_command_staff",
            "company",
            "staff_id",
            "id",
            sqlite_where=text("call_id IS NULL"),
            postgresql_where=text("call_id IS NULL"),
        ),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    call_id: int | None = Field(default=None, sa_type=BigInteger)  # None: decided among the approvals
    staff_id: int = Field(sa_type=BigInteger)
    verb: str = Field(max_length=40)
    words: str = Field(max_length=500)  # what it did, for the echo of the undo
    at: datetime = Field(sa_type=UtcInstant)
    hold_until: datetime = Field(sa_type=UtcInstant)
    undo: str = Field(default="")
    undone_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class Outbox(SQLModel, table=True):
    """A side effect waiting for its hold to pass; `dedupe` makes it happen once.

    A worker claims a row before it delivers it; a failure frees it until `try_after`, a refusal for good parks it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("company", "dedupe"),
        Index("ix_outbox_due", "company", "sent_at", "due_at"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    kind: str = Field(max_length=40)
    dedupe: str = Field(max_length=120)
    payload: str
    due_at: datetime = Field(sa_type=UtcInstant)
    sent_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    claimed_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    claimed_by: str = Field(default="", max_length=80)
    attempts: int = 0
    try_after: datetime | None = Field(default=None, sa_type=UtcInstant)
    parked_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    last_error: str = Field(default="", max_length=500)
    went_to: str = Field(default="", max_length=300)


class Request(SQLModel, table=True):
    """An answered request: the same id again gets the same answer and does nothing."""

    __tablename__ = "request"
    company: int = Field(primary_key=True)
    id: str = Field(primary_key=True, max_length=60)
    verb: str = Field(max_length=80)
    at: datetime = Field(sa_type=UtcInstant)
    reply: str


class Ringing(SQLModel, table=True):
    """A call that rings at a rep's desk and has not been taken."""

    __tablename__ = "ringing"
    __table_args__ = (Index("ix_ringing_staff", "company", "staff_id", "taken_at"),)
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    staff_id: int = Field(sa_type=BigInteger)
    phone: str = Field(max_length=60)
    at: datetime = Field(sa_type=UtcInstant)
    taken_at: datetime | None = Field(default=None, sa_type=UtcInstant)
