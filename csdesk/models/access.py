"""How people come in from outside: their keys, passwords and second factors, and the sessions they hold.

Secrets stand in tables of their own, which readers of figures are not given.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from csdesk.models.types import UtcInstant, fk

_ID = {"autoincrement": False}
_OPEN = text("ended_at IS NULL")


class StaffKey(SQLModel, table=True):
    """A public key a login may come in by. Taken away it stays, with its end."""

    __tablename__ = "staff_key"
    __table_args__ = (
        fk("staff_id", "staff.id"),
        Index("uq_staff_key", "company", "staff_id", "fingerprint", unique=True, sqlite_where=_OPEN,
              postgresql_where=_OPEN),
    )  # fmt: skip
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    staff_id: int = Field(sa_type=BigInteger)
    fingerprint: str = Field(max_length=60)  # SHA256:…, as OpenSSH writes it
    public: str  # one line as in authorized_keys, without options
    comment: str = Field(default="", max_length=200)
    added_at: datetime = Field(sa_type=UtcInstant)
    added_by: int = Field(sa_type=BigInteger)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    ended_by: int | None = Field(default=None, sa_type=BigInteger)


class LoginAuthority(SQLModel, table=True):
    """A public key whose certificates are believed: who holds one that names a login comes in as that."""

    __tablename__ = "login_authority"
    __table_args__ = (
        Index("uq_login_authority", "company", "fingerprint", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    fingerprint: str = Field(max_length=60)
    public: str
    comment: str = Field(default="", max_length=200)
    added_at: datetime = Field(sa_type=UtcInstant)
    added_by: int = Field(sa_type=BigInteger)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    ended_by: int | None = Field(default=None, sa_type=BigInteger)


class StaffSecret(SQLModel, table=True):
    """A login's password and second factor, and how often somebody guessed at them since the last success."""

    __tablename__ = "staff_secret"
    __table_args__ = (fk("staff_id", "staff.id"),)
    company: int = Field(primary_key=True)
    staff_id: int = Field(primary_key=True, sa_type=BigInteger)
    password: str = Field(default="", max_length=200)  # an argon2id hash with its parameters; empty: none
    changed_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    once_until: datetime | None = Field(default=None, sa_type=UtcInstant)  # set: good once until then, to be changed
    totp: str = Field(default="", max_length=64)  # base32; empty: no second factor
    totp_step: int = Field(default=0, sa_type=BigInteger)  # the last 30 seconds whose code was used
    failures: int = 0
    failed_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    locked_until: datetime | None = Field(default=None, sa_type=UtcInstant)


class DeskSession(SQLModel, table=True):
    """A desk somebody sits at on a server, from its start to its end. `end_wanted` is the reason somebody else gave to
    end it; its server looks there."""

    __tablename__ = "desk_session"
    __table_args__ = (
        fk("staff_id", "staff.id"),
        Index("ix_desk_session_open", "company", "server", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_desk_session_staff", "company", "staff_id", "started_at"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    server: str = Field(max_length=100)
    staff_id: int = Field(sa_type=BigInteger)
    address: str = Field(max_length=60)
    method: str = Field(max_length=20)  # key | certificate | password | password+totp
    fingerprint: str = Field(default="", max_length=60)
    pid: int = 0
    started_at: datetime = Field(sa_type=UtcInstant)
    typed_at: datetime = Field(sa_type=UtcInstant)  # of the last key, to the minute
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    ended_why: str = Field(default="", max_length=200)
    end_wanted: str = Field(default="", max_length=200)
