"""What is said about open items: disputes of short payments, promises to pay, callbacks; and the posting periods."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from csdesk.models.types import Minor, UtcInstant, fk

_ID = {"autoincrement": False}


class Dispute(SQLModel, table=True):
    """A disputed amount of one open item: original = open + paid + credited + cleared, in minor units.

    One held for a line of a ticket names it (`ticket_id`, `ticket_line`): a line may be disputed more than once.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        fk("item_id", "open_item.id"),
        fk("customer_id", "customer.id"),
        fk("ticket_id", "ticket.id"),
        Index("ix_dispute_item", "company", "item_id"),
        Index("ix_dispute_ticket", "company", "ticket_id", "ticket_line"),
        Index("ix_dispute_account", "company", "account_id", "state"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    number: str = Field(max_length=40)
    item_id: int = Field(sa_type=BigInteger)
    account_id: int = Field(sa_type=BigInteger)
    customer_id: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    reason: str = Field(max_length=40)
    their_code: str = Field(default="", max_length=40)  # the customer's own code for it
    state: str = Field(max_length=20)  # states of rules.disputes
    owner_id: int | None = Field(default=None, sa_type=BigInteger)  # who works on it
    valid: int | None = Field(default=None, sa_type=Minor)  # of the original, once it is decided
    original: int = Field(sa_type=Minor)
    open: int = Field(sa_type=Minor)
    paid: int = Field(default=0, sa_type=Minor)
    credited: int = Field(default=0, sa_type=Minor)
    cleared: int = Field(default=0, sa_type=Minor)
    deadline_on: date | None = None
    note: str = Field(default="", max_length=2000)
    request_id: int | None = Field(default=None, sa_type=BigInteger)
    ticket_id: int | None = Field(default=None, sa_type=BigInteger)
    ticket_line: int | None = None
    opened_at: datetime = Field(sa_type=UtcInstant)
    opened_by: int = Field(sa_type=BigInteger)
    closed_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    version: int = 1


class DisputeEvent(SQLModel, table=True):
    """A step of a dispute with the amounts after it: insert-only, so that any past day can be told."""

    __tablename__ = "dispute_event"
    __table_args__ = (fk("dispute_id", "dispute.id"),)
    company: int = Field(primary_key=True)
    dispute_id: int = Field(primary_key=True, sa_type=BigInteger)
    version: int = Field(primary_key=True)
    event: str = Field(max_length=20)
    state: str = Field(max_length=20)
    on: date  # the customer's local day
    at: datetime = Field(sa_type=UtcInstant)
    by: int = Field(sa_type=BigInteger)
    open: int = Field(sa_type=Minor)
    paid: int = Field(sa_type=Minor)
    credited: int = Field(sa_type=Minor)
    cleared: int = Field(sa_type=Minor)
    note: str = Field(default="", max_length=500)


class DisputeEvidence(SQLModel, table=True):
    """What speaks for or against a deduction (proof of delivery, e-mail, photo …), by its reference: insert-only."""

    __tablename__ = "dispute_evidence"
    __table_args__ = (fk("dispute_id", "dispute.id"), Index("ix_dispute_evidence", "company", "dispute_id"))
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    dispute_id: int = Field(sa_type=BigInteger)
    kind: str = Field(max_length=20)
    reference: str = Field(max_length=200)
    note: str = Field(default="", max_length=500)
    at: datetime = Field(sa_type=UtcInstant)
    by: int = Field(sa_type=BigInteger)


class CustomerReason(SQLModel, table=True):
    """A reason code a customer writes on its remittances, and the reason of ours it means."""

    __tablename__ = "customer_reason"
    __table_args__ = (fk("account_id", "credit_account.id"), fk("reason", "reason.code"))
    company: int = Field(primary_key=True)
    account_id: int = Field(primary_key=True, sa_type=BigInteger)
    code: str = Field(primary_key=True, max_length=40)
    reason: str = Field(max_length=40)


class Promise(SQLModel, table=True):
    """A promise to pay an amount of one open item on a day."""

    __tablename__ = "promise"
    __table_args__ = (
        fk("item_id", "open_item.id"),
        fk("customer_id", "customer.id"),
        Index("ix_promise_account", "company", "account_id", "state"),
        Index("ix_promise_item", "company", "item_id"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    item_id: int = Field(sa_type=BigInteger)
    account_id: int = Field(sa_type=BigInteger)
    customer_id: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    amount: int = Field(sa_type=Minor)
    promised_on: date
    state: str = Field(default="open", max_length=10)  # open | kept | partly | broken | withdrawn
    made_at: datetime = Field(sa_type=UtcInstant)
    made_by: int = Field(sa_type=BigInteger)
    callback_id: int | None = Field(default=None, sa_type=BigInteger)
    paid: int = Field(default=0, sa_type=Minor)  # of it in time, once it is kept, partly kept or broken
    settled_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class Callback(SQLModel, table=True):
    """A call that was promised: whom, at which number, in which window, about what. `staff_id` promised it, `owner_id`
    makes it. `done_at`: nothing is left to do; a broken one is owed until it is made, moved or cancelled."""

    __tablename__ = "callback"
    __table_args__ = (
        fk("customer_id", "customer.id"),
        fk("staff_id", "staff.id"),
        fk("owner_id", "staff.id"),
        fk("ticket_id", "ticket.id"),
        Index("ix_callback_due", "company", "done_at", "due_at"),
        Index("ix_callback_customer", "company", "customer_id", "made_at"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    customer_id: int = Field(sa_type=BigInteger)
    staff_id: int = Field(sa_type=BigInteger)
    due_at: datetime = Field(sa_type=UtcInstant)
    about: str = Field(max_length=200)
    made_at: datetime = Field(sa_type=UtcInstant)
    done_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    until_at: datetime | None = Field(default=None, sa_type=UtcInstant)  # the window's end; None: USUAL after due_at
    phone: str = Field(default="", max_length=60)
    owner_id: int | None = Field(default=None, sa_type=BigInteger)  # None: who promised it
    ticket_id: int | None = Field(default=None, sa_type=BigInteger)
    state: str = Field(default="promised", max_length=12)  # promised | attempted | kept | broken | cancelled
    moved_ours: bool = False  # rescheduled by us after its window had opened: it counts as broken
    version: int = 1


class CallbackAttempt(SQLModel, table=True):
    """An attempt at a callback and its outcome (spoke, no answer, engaged, message left, moved …): insert-only."""

    __tablename__ = "callback_attempt"
    __table_args__ = (fk("callback_id", "callback.id"), Index("ix_callback_attempt", "company", "callback_id", "at"))
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    callback_id: int = Field(sa_type=BigInteger)
    outcome: str = Field(max_length=20)
    note: str = Field(default="", max_length=500)
    at: datetime = Field(sa_type=UtcInstant)
    by: int = Field(sa_type=BigInteger)


class Period(SQLModel, table=True):
    """A posting period: open, soft-closed (posting wants a supervisor and a reason) or locked. No row: open."""

    __tablename__ = "period"
    company: int = Field(primary_key=True)
    starts_on: date = Field(primary_key=True)
    ends_on: date
    state: str = Field(default="open", max_length=12)
    reason: str = Field(default="", max_length=500)
    changed_at: datetime = Field(sa_type=UtcInstant)
    changed_by: int = Field(sa_type=BigInteger)
