"""What imports leave behind: runs with totals that add up, quarantined rows, and the keys of what came in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from csdesk.models.types import UtcInstant

_ID = {"autoincrement": False}


class ImportRun(SQLModel, table=True):
    """One file taken in: rows = imported + merged + quarantined."""

    __tablename__ = "import_run"
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    source: str = Field(max_length=60)
    entity: str = Field(max_length=40)
    file: str = Field(max_length=300)
    sha256: str = Field(max_length=64)
    at: datetime = Field(sa_type=UtcInstant)
    rows: int
    imported: int
    merged: int
    quarantined: int


class ImportQuarantine(SQLModel, table=True):
    """A row that could not be taken, as it stood, with the reason; gone again when a re-try takes it."""

    __tablename__ = "import_quarantine"
    __table_args__ = (Index("ix_import_quarantine_open", "company", "resolved_at"),)
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    run_id: int = Field(sa_type=BigInteger)
    source: str = Field(max_length=60)
    entity: str = Field(max_length=40)
    file: str = Field(max_length=300)
    row: int
    reason: str = Field(max_length=500)
    data: str
    resolved_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class ImportKey(SQLModel, table=True):
    """The foreign key of a row that came in, the record it became and the row's hash: how a second run knows it."""

    __tablename__ = "import_key"
    company: int = Field(primary_key=True)
    source: str = Field(primary_key=True, max_length=60)
    entity: str = Field(primary_key=True, max_length=40)
    key: str = Field(primary_key=True, max_length=200)
    subject_id: int = Field(sa_type=BigInteger)
    row_hash: str = Field(max_length=64)



