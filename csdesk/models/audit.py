"""The audit trail (insert-only, hash-chained per lane) and the number series."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from csdesk.models.types import UtcInstant


class AuditEntry(SQLModel, table=True):
    """One act: who, which verb, on what, before and after. A lane is one login's chain (0 = the system).

    The witness is the end another lane had at that moment: a lane cut short, its head written anew, is still cited.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "company", "subject", "subject_id"),)
    company: int = Field(primary_key=True)
    lane: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcInstant)
    actor: str = Field(max_length=200)
    verb: str = Field(max_length=60)
    subject: str = Field(max_length=40)
    subject_id: int = Field(sa_type=BigInteger)
    before: str
    after: str
    request_id: str = Field(default="", max_length=60)
    previous: str = Field(max_length=64)
    witness_lane: int | None = Field(default=None, sa_type=BigInteger)
    witness_seq: int | None = Field(default=None, sa_type=BigInteger)
    witness_hash: str = Field(default="", max_length=16)
    hash: str = Field(max_length=64)


class AuditHead(SQLModel, table=True):
    """The end of a lane: a missing tail shows against it."""

    __tablename__ = "audit_head"
    company: int = Field(primary_key=True)
    lane: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(sa_type=BigInteger)
    hash: str = Field(max_length=64)


class NumberSeries(SQLModel, table=True):
    """The last number drawn per kind, series and year; locked by whoever draws until its commit."""

    __tablename__ = "number_series"
    company: int = Field(primary_key=True)
    kind: str = Field(primary_key=True, max_length=20)
    series: str = Field(primary_key=True, max_length=20)
    year: int = Field(primary_key=True)
    last: int = Field(sa_type=BigInteger)
