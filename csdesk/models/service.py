"""How the desk serves: calendars and policies by version, queues and who works them, categories, rosters, escalations,
handover."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from csdesk.models.types import UtcInstant, fk

_ID = {"autoincrement": False}


class ServiceCalendar(SQLModel, table=True):
    """Opening hours by version: `hours` is the JSON text of `rules.clock_text`. Insert-only."""

    __tablename__ = "service_calendar"
    company: int = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=40)
    version: int = Field(primary_key=True)
    hours: str
    made_at: datetime = Field(sa_type=UtcInstant)
    made_by: int = Field(sa_type=BigInteger)


class ServicePolicy(SQLModel, table=True):
    """Targets by version: `targets` is JSON, clock kind -> priority -> "4h" of open time or "2d" working days.

    A new version of its calendar makes a new version of the policy. Insert-only.
    """

    __tablename__ = "service_policy"
    __table_args__ = (
        ForeignKeyConstraint(
            ["company", "calendar", "calendar_version"],
            ["service_calendar.company", "service_calendar.code", "service_calendar.version"],
        ),
    )
    company: int = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=40)
    version: int = Field(primary_key=True)
    calendar: str = Field(max_length=40)
    calendar_version: int
    targets: str
    made_at: datetime = Field(sa_type=UtcInstant)
    made_by: int = Field(sa_type=BigInteger)


class ServiceQueue(SQLModel, table=True):
    """A queue of tickets: the team that works it, the policy its tickets get, how long a reply reopens them."""

    __tablename__ = "service_queue"
    company: int = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=200)
    policy: str = Field(max_length=40)
    team: str = Field(default="", max_length=60)
    reopen_days: int = 7  # so long after its resolution a reply reopens a ticket, then it is closed by itself


class StaffQueue(SQLModel, table=True):
    """Who works which queue."""

    __tablename__ = "staff_queue"
    __table_args__ = (fk("staff_id", "staff.id"), fk("queue", "service_queue.code"))
    company: int = Field(primary_key=True)
    staff_id: int = Field(primary_key=True, sa_type=BigInteger)
    queue: str = Field(primary_key=True, max_length=40)


class TicketCategory(SQLModel, table=True):
    """What tickets are about, as a tree; root causes are the branch `use` "cause". `letter` is what is typed."""

    __tablename__ = "ticket_category"
    company: int = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=40)
    use: str = Field(default="category", max_length=10)  # category | cause
    parent: str = Field(default="", max_length=40)
    name: str = Field(max_length=200)
    queue: str = Field(default="", max_length=40)  # where such tickets go; '' where the desk's usual ones go
    owner: str = Field(default="", max_length=40)  # who answers for a cause: transport, warehouse, desk …
    words: str = Field(default="", max_length=500)  # safety words and others that lead here


class Shift(SQLModel, table=True):
    """Somebody on duty: the roster. `level` lead, supervisor, operations, finance or '' (a rep)."""

    __tablename__ = "shift"
    __table_args__ = (
        fk("staff_id", "staff.id"),
        Index("ix_shift", "company", "starts_at", "ends_at"),
        UniqueConstraint("company", "staff_id", "starts_at"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    staff_id: int = Field(sa_type=BigInteger)
    team: str = Field(default="", max_length=60)
    level: str = Field(default="", max_length=12)
    starts_at: datetime = Field(sa_type=UtcInstant)
    ends_at: datetime = Field(sa_type=UtcInstant)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class Escalation(SQLModel, table=True):
    """One rung of the ladder for a ticket: by which rule, to whom, what he made of it."""

    __tablename__ = "escalation"
    __table_args__ = (
        UniqueConstraint("company", "ticket_id", "rule", "level", "epoch"),
        fk("ticket_id", "ticket.id"),
        Index("ix_escalation_to", "company", "to_staff", "state"),
        Index("ix_escalation_next", "company", "state", "next_at"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    ticket_id: int = Field(sa_type=BigInteger)
    rule: str = Field(max_length=40)
    level: int
    epoch: str = Field(max_length=40)  # of the clock or the thing it is about: one escalation each
    state: str = Field(max_length=12)  # raised | acknowledged | actioned | closed | withdrawn | passed
    to_staff: int | None = Field(default=None, sa_type=BigInteger)  # None: the owner's queue only
    why: str = Field(max_length=300)
    due_at: datetime = Field(sa_type=UtcInstant)  # since when it was called for; raised late when nobody looked
    raised_at: datetime = Field(sa_type=UtcInstant)
    raised_by: int = Field(sa_type=BigInteger)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    next_step: str = Field(default="", max_length=300)
    next_at: datetime | None = Field(default=None, sa_type=UtcInstant)  # the commitment; before it: when it goes up
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    outcome: str = Field(default="", max_length=300)
    seq: int = 0  # the last event of the ticket it was looked at with
    version: int = 1


class ServiceSetting(SQLModel, table=True):
    """What a company sets of its service by name, see `services.service_settings`; what is not here is as usual."""

    __tablename__ = "service_setting"
    company: int = Field(primary_key=True)
    name: str = Field(primary_key=True, max_length=40)
    value: str = Field(max_length=200)


class Handover(SQLModel, table=True):
    """The pack of a team at the end of a shift."""

    __tablename__ = "handover"
    __table_args__ = (Index("ix_handover_team", "company", "team", "made_at"),)
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    team: str = Field(max_length=60)
    made_at: datetime = Field(sa_type=UtcInstant)
    made_by: int = Field(sa_type=BigInteger)
    until_at: datetime = Field(sa_type=UtcInstant)  # the end of the shift it is for
    note: str = Field(default="", max_length=2000)


class HandoverLine(SQLModel, table=True):
    """A line of a pack; whoever accepts it has it from then on."""

    __tablename__ = "handover_line"
    __table_args__ = (fk("handover_id", "handover.id"), Index("ix_handover_line", "company", "accepted_at"))
    company: int = Field(primary_key=True)
    handover_id: int = Field(primary_key=True, sa_type=BigInteger)
    line: int = Field(primary_key=True)
    kind: str = Field(max_length=12)  # ticket | callback | reply | draft | held | request | note
    subject_id: int | None = Field(default=None, sa_type=BigInteger)
    from_staff: int = Field(sa_type=BigInteger)
    due_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    words: str = Field(max_length=300)
    accepted_by: int | None = Field(default=None, sa_type=BigInteger)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcInstant)
