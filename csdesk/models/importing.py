"""What imports leave behind: sources, runs with totals that add up, quarantined rows, foreign keys and notes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from csdesk.models.types import Minor, UtcInstant

_ID = {"autoincrement": False}


class ImportSource(SQLModel, table=True):
    """A source whose files came in: the day its books stand at, and figures it states about itself."""

    __tablename__ = "import_source"
    company: int = Field(primary_key=True)
    source: str = Field(primary_key=True, max_length=60)
    title: str = Field(default="", max_length=200)
    today: date | None = None
    opening_receivables: int | None = Field(default=None, sa_type=Minor)


class ImportRun(SQLModel, table=True):
    """One file taken in: rows = imported + merged + quarantined; `updated` of the imported changed a record that was
    there; rows the mapping leaves out (totals, blank lines) are counted apart. `last_id` is the last id it gave."""

    __tablename__ = "import_run"
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    source: str = Field(max_length=60)
    part: str = Field(max_length=40)
    file: str = Field(max_length=300)
    sha256: str = Field(max_length=64)
    at: datetime = Field(sa_type=UtcInstant)
    rows: int
    imported: int
    merged: int
    quarantined: int
    updated: int = 0
    left_out: int = 0
    last_id: int = Field(sa_type=BigInteger)


class ImportQuarantine(SQLModel, table=True):
    """A row that could not be taken, as it stood, with the reason; resolved when a re-try or a later file takes it.

    `row` counts as a spreadsheet does (the first line of a file is 1); `data` is JSON text, column -> cell; `digest`
    tells the same row of the same file again.
    """

    __tablename__ = "import_quarantine"
    __table_args__ = (
        Index("ix_import_quarantine_open", "company", "resolved_at"),
        Index("ix_import_quarantine_digest", "company", "source", "digest"),
        Index("ix_import_quarantine_key", "company", "source", "part", "key"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    run_id: int = Field(sa_type=BigInteger)
    source: str = Field(max_length=60)
    part: str = Field(max_length=40)
    entity: str = Field(max_length=40)
    file: str = Field(max_length=300)
    row: int
    key: str = Field(default="", max_length=200)
    code: str = Field(max_length=20)
    reason: str = Field(max_length=500)
    data: str
    digest: str = Field(max_length=64)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class ImportKey(SQLModel, table=True):
    """The foreign key of a row that came in, the record and line it became, and its hash: so a second run knows it."""

    __tablename__ = "import_key"
    company: int = Field(primary_key=True)
    source: str = Field(primary_key=True, max_length=60)
    entity: str = Field(primary_key=True, max_length=40)
    key: str = Field(primary_key=True, max_length=200)
    subject_id: int = Field(sa_type=BigInteger)
    line: int = 0
    row_hash: str = Field(max_length=64)


class ImportNote(SQLModel, table=True):
    """Something a source says that has no column: another spelling, another description, the day an item was paid."""

    __tablename__ = "import_note"
    __table_args__ = (Index("ix_import_note_kind", "company", "kind", "subject"),)
    company: int = Field(primary_key=True)
    subject: str = Field(primary_key=True, max_length=20)
    subject_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    kind: str = Field(primary_key=True, max_length=20)
    text: str = Field(primary_key=True, max_length=300)
    source: str = Field(max_length=60)
