"""Tickets: what customers ask, complain of and claim; their events, thread, lines and what people do with them.

The events are the source: everything a ticket's row says of state, owner, policy and clocks is their fold
(`rules.ticket_states`, `rules.ticket_clocks`), kept for lists and checked by `csdesk check`.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from csdesk.models.types import Minor, Quantity, UtcInstant, fk

_ID = {"autoincrement": False}
_MERGED = text("merged_into IS NOT NULL")  # else one key with nearly all rows, which no planner would look up


class Ticket(SQLModel, table=True):
    """A ticket as it stands. `version` is the number of its last event; `due_at` is that of the earliest running clock
    (`due_kind`), `next_at` the next instant at which `csdesk tick` has something to do about it."""

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("company", "number"),
        fk("customer_id", "customer.id"),
        fk("owner_id", "staff.id"),
        fk("queue", "service_queue.code"),
        Index("ix_ticket_queue", "company", "queue", "base", "owner_id", "due_at"),
        Index("ix_ticket_owner", "company", "owner_id", "base", "due_at"),
        Index("ix_ticket_customer", "company", "customer_id", "opened_at"),
        Index("ix_ticket_next", "company", "next_at"),
        # All that places a ticket in a queue: twenty thousand are ranked without a look at one of them.
        Index(
            "ix_ticket_live",
            "company",
            "base",
            "owner_id",
            "queue",
            "due_at",
            "safety",
            "policy",
            "policy_version",
            "cutoff_at",
            "value",
            "currency",
            "tier",
            "opened_at",
            "wake_at",
            "id",
        ),
        Index("ix_ticket_merged", "company", "merged_into", sqlite_where=_MERGED, postgresql_where=_MERGED),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    number: str = Field(max_length=40)
    kind: str = Field(max_length=12)  # query | complaint | request | claim | proactive
    state: str = Field(default="new", max_length=20)  # rules.ticket_states
    base: str = Field(default="work", max_length=5)  # work | wait | done | void
    version: int = 1
    customer_id: int | None = Field(default=None, sa_type=BigInteger)
    contact: str = Field(default="", max_length=200)
    channel: str = Field(default="phone", max_length=12)
    subject: str = Field(default="", max_length=200)
    category: str = Field(default="", max_length=40)
    cause: str = Field(default="", max_length=40)
    product_id: int | None = Field(default=None, sa_type=BigInteger)
    impact: int = 2
    urgency: int = 2
    priority: int = 3  # 1 the highest … 4
    safety: bool = False
    queue: str = Field(max_length=40)
    owner_id: int | None = Field(default=None, sa_type=BigInteger)
    tier: str = Field(default="", max_length=10)  # the customer's, as it was
    value: int = Field(default=0, sa_type=Minor)  # at risk, of its lines
    currency: str = Field(default="", max_length=3)
    cutoff_at: datetime | None = Field(default=None, sa_type=UtcInstant)  # of the next truck it is about
    opened_at: datetime = Field(sa_type=UtcInstant)
    opened_by: int = Field(sa_type=BigInteger)
    source: str = Field(default="desk", max_length=20)
    policy: str = Field(max_length=40)
    policy_version: int = 1
    waits_for: str = Field(default="", max_length=10)  # customer | internal | third
    waits_on: str = Field(default="", max_length=200)
    question: str = Field(default="", max_length=500)
    wake_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    stage: str = Field(default="", max_length=20)  # of a complaint, ISO 10002
    told_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    resolution: str = Field(default="", max_length=500)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    closed_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    reopened: int = 0
    reassigned: int = 0
    merged_into: int | None = Field(default=None, sa_type=BigInteger)
    follow_up_of: int | None = Field(default=None, sa_type=BigInteger)
    due_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    due_kind: str = Field(default="", max_length=20)
    breaches: int = 0
    next_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class TicketEvent(SQLModel, table=True):
    """Something that happened to a ticket: insert-only; replayed in order of `seq` they give its row. `data`: JSON."""

    __tablename__ = "ticket_event"
    __table_args__ = (fk("ticket_id", "ticket.id"),)
    company: int = Field(primary_key=True)
    ticket_id: int = Field(primary_key=True, sa_type=BigInteger)
    seq: int = Field(primary_key=True)
    event: str = Field(max_length=20)
    at: datetime = Field(sa_type=UtcInstant)
    by: int = Field(sa_type=BigInteger)
    data: str = "{}"


class TicketItem(SQLModel, table=True):
    """One piece of the thread: insert-only. Whether a customer may see it and who it went to is fixed when written.

    `request` is the client's id of a send, so that one sent twice stands once.
    """

    __tablename__ = "ticket_item"
    __table_args__ = (
        fk("ticket_id", "ticket.id"),
        UniqueConstraint("company", "ticket_id", "request"),
        CheckConstraint("visible OR recipients = ''", name="ck_ticket_item_internal"),  # nothing internal goes out
        Index("ix_ticket_item", "company", "ticket_id", "at"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    ticket_id: int = Field(sa_type=BigInteger)
    seq: int  # of the event it came with
    kind: str = Field(max_length=10)  # inbound | outbound | internal | call | system
    visible: bool  # to the customer
    recipients: str = Field(default="", max_length=1000)  # addresses separated by blanks, frozen
    subject: str = Field(default="", max_length=200)
    body: str = ""
    author: str = Field(default="", max_length=200)
    at: datetime = Field(sa_type=UtcInstant)
    by: int = Field(sa_type=BigInteger)
    call_id: int | None = Field(default=None, sa_type=BigInteger)
    request: str = Field(max_length=60)


class TicketLine(SQLModel, table=True):
    """What a ticket is about: a line of an order, delivery or invoice, with reason, quantity and claimed amount.

    `claimed` is what is in question (gross, minor units), `upheld` what of it was decided against the customer; what
    was credited, paid and written off stands with its request and dispute.
    """

    __tablename__ = "ticket_line"
    __table_args__ = (
        fk("ticket_id", "ticket.id"),
        Index("ix_ticket_line_subject", "company", "subject", "subject_id", "subject_line"),
        Index("ix_ticket_line_request", "company", "request_id"),
        Index("ix_ticket_line_replacement", "company", "replacement_request_id"),
        Index("ix_ticket_line_order", "company", "order_id", "order_line"),
        Index("ix_ticket_line_dispute", "company", "dispute_id"),
    )
    company: int = Field(primary_key=True)
    ticket_id: int = Field(primary_key=True, sa_type=BigInteger)
    line: int = Field(primary_key=True)
    subject: str = Field(max_length=10)  # order | delivery | invoice
    subject_id: int = Field(sa_type=BigInteger)
    subject_line: int
    subject_number: str = Field(default="", max_length=40)
    order_id: int | None = Field(default=None, sa_type=BigInteger)
    order_line: int | None = None
    document_id: int | None = Field(default=None, sa_type=BigInteger)  # the invoice line behind it, where there is one
    document_line: int | None = None
    product_id: int | None = Field(default=None, sa_type=BigInteger)
    code: str = Field(default="", max_length=60)
    name: str = Field(default="", max_length=200)
    unit: str = Field(default="", max_length=20)
    quantity: Decimal = Field(sa_type=Quantity)
    reason: str = Field(max_length=40)
    remedy: str = Field(default="", max_length=12)  # credit | replace | none
    currency: str = Field(default="", max_length=3)
    claimed: int = Field(default=0, sa_type=Minor)
    upheld: int = Field(default=0, sa_type=Minor)
    request_id: int | None = Field(default=None, sa_type=BigInteger)
    dispute_id: int | None = Field(default=None, sa_type=BigInteger)
    replacement_request_id: int | None = Field(default=None, sa_type=BigInteger)
    replacement_id: int | None = Field(default=None, sa_type=BigInteger)  # the no-charge order


class ProactiveLine(SQLModel, table=True):
    """A line of a delivery or an order that the desk opened a ticket about by itself: once, whoever looks for such
    lines at the same moment. Insert-only."""

    __tablename__ = "proactive_line"
    __table_args__ = (fk("ticket_id", "ticket.id"),)
    company: int = Field(primary_key=True)
    subject: str = Field(primary_key=True, max_length=10)  # delivery | order
    subject_id: int = Field(primary_key=True, sa_type=BigInteger)
    subject_line: int = Field(primary_key=True)
    ticket_id: int = Field(sa_type=BigInteger)
    fault: str = Field(max_length=20)
    at: datetime = Field(sa_type=UtcInstant)


class TicketReply(SQLModel, table=True):
    """An answer (`visible`), or a note, that somebody has begun, one of each: it goes by its author alone.
    `base_version` is the ticket he looked at."""

    __tablename__ = "ticket_reply"
    __table_args__ = (fk("ticket_id", "ticket.id"), fk("staff_id", "staff.id"))
    company: int = Field(primary_key=True)
    ticket_id: int = Field(primary_key=True, sa_type=BigInteger)
    staff_id: int = Field(primary_key=True, sa_type=BigInteger)
    visible: bool = Field(default=True, primary_key=True)
    body: str = ""
    base_version: int
    updated_at: datetime = Field(sa_type=UtcInstant)


class TicketLease(SQLModel, table=True):
    """Who works on a ticket at this moment: says so to others, hinders nobody."""

    __tablename__ = "ticket_lease"
    __table_args__ = (fk("ticket_id", "ticket.id"), fk("staff_id", "staff.id"))
    company: int = Field(primary_key=True)
    ticket_id: int = Field(primary_key=True, sa_type=BigInteger)
    staff_id: int = Field(sa_type=BigInteger)
    until: datetime = Field(sa_type=UtcInstant)
    why: str = Field(default="", max_length=200)  # of a takeover


class TicketSkip(SQLModel, table=True):
    """Somebody let a ticket pass that was next, and why: insert-only, shown to the lead."""

    __tablename__ = "ticket_skip"
    __table_args__ = (fk("ticket_id", "ticket.id"), Index("ix_ticket_skip", "company", "staff_id", "at"))
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    ticket_id: int = Field(sa_type=BigInteger)
    staff_id: int = Field(sa_type=BigInteger)
    why: str = Field(max_length=200)
    at: datetime = Field(sa_type=UtcInstant)


class TicketReferral(SQLModel, table=True):
    """A ticket referred to an investigator (warehouse, quality, transport) with a question."""

    __tablename__ = "ticket_referral"
    __table_args__ = (fk("ticket_id", "ticket.id"), fk("staff_id", "staff.id"))
    company: int = Field(primary_key=True)
    ticket_id: int = Field(primary_key=True, sa_type=BigInteger)
    staff_id: int = Field(primary_key=True, sa_type=BigInteger)
    question: str = Field(max_length=500)
    at: datetime = Field(sa_type=UtcInstant)
    by: int = Field(sa_type=BigInteger)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class CorrectiveAction(SQLModel, table=True):
    """What is done so that it does not happen again: action, who and until when; done with its result."""

    __tablename__ = "corrective_action"
    __table_args__ = (fk("ticket_id", "ticket.id"), Index("ix_corrective_action", "company", "done_at", "due_on"))
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    ticket_id: int = Field(sa_type=BigInteger)
    action: str = Field(max_length=500)
    owner_id: int = Field(sa_type=BigInteger)
    due_on: date
    made_at: datetime = Field(sa_type=UtcInstant)
    made_by: int = Field(sa_type=BigInteger)
    done_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    result: str = Field(default="", max_length=500)


class Survey(SQLModel, table=True):
    """A customer asked after a ticket was closed, by call or by a link's code: score 1-5, recommendation 0-10."""

    __tablename__ = "survey"
    __table_args__ = (
        UniqueConstraint("company", "code"),
        UniqueConstraint("company", "ticket_id", "round"),
        fk("ticket_id", "ticket.id"),
        Index("ix_survey_asked", "company", "asked_at"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    ticket_id: int = Field(sa_type=BigInteger)
    round: int = 1  # a ticket that was closed again is asked about again
    code: str = Field(max_length=40)
    via: str = Field(default="mail", max_length=10)  # mail | call
    asked_at: datetime = Field(sa_type=UtcInstant)
    answered_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    answered_by: int | None = Field(default=None, sa_type=BigInteger)  # who typed it in, of a call
    score: int | None = None
    recommend: int | None = None
    comment: str = Field(default="", max_length=2000)
