"""Companies, persons, staff, roles and duties: who works here and what they may do."""

from __future__ import annotations

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from csdesk.models.types import fk


class Company(SQLModel, table=True):
    """A selling company: currency, zone and the settings that documents copy when they are made."""

    __tablename__ = "company"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    code: str = Field(unique=True, max_length=20)
    name: str = Field(max_length=200)
    country: str = Field(max_length=2)
    currency: str = Field(max_length=3)
    timezone: str = Field(default="UTC", max_length=60)
    tax_method: str = Field(default="line", max_length=10)
    rounding: str = Field(default="half_up", max_length=10)
    hold_seconds: int = 60
    deal_mode: str = Field(default="best", max_length=10)
    usual_warehouse: str = Field(default="MAIN", max_length=20)
    # What stands on documents; empty until `csdesk company set`.
    street: str = Field(default="", max_length=200)
    city: str = Field(default="", max_length=100)
    region: str = Field(default="", max_length=100)
    postcode: str = Field(default="", max_length=20)
    vat_number: str = Field(default="", max_length=40)
    registration: str = Field(default="", max_length=60)
    email: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=60)
    iban: str = Field(default="", max_length=40)
    bic: str = Field(default="", max_length=11)
    endpoint: str = Field(default="", max_length=100)  # electronic address, with its scheme (0088, EM …)
    endpoint_scheme: str = Field(default="", max_length=4)


class Person(SQLModel, table=True):
    """A human being; one person may have several logins, duties are separated by person."""

    __tablename__ = "person"
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    name: str = Field(max_length=200)


class Staff(SQLModel, table=True):
    """A login at the desk."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("company", "login"), fk("person_id", "person.id"))
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    person_id: int = Field(sa_type=BigInteger)
    login: str = Field(max_length=60)
    name: str = Field(max_length=200)
    team: str = Field(default="", max_length=60)
    disabled: bool = False


class Role(SQLModel, table=True):
    """A bundle of duties."""

    __tablename__ = "role"
    company: int = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=200)


class RoleDuty(SQLModel, table=True):
    """One duty of a role."""

    __tablename__ = "role_duty"
    __table_args__ = (fk("role", "role.code"),)
    company: int = Field(primary_key=True)
    role: str = Field(primary_key=True, max_length=40)
    duty: str = Field(primary_key=True, max_length=40)


class StaffRole(SQLModel, table=True):
    """One role of a login."""

    __tablename__ = "staff_role"
    __table_args__ = (fk("staff_id", "staff.id"), fk("role", "role.code"))
    company: int = Field(primary_key=True)
    staff_id: int = Field(primary_key=True, sa_type=BigInteger)
    role: str = Field(primary_key=True, max_length=40)


class Reason(SQLModel, table=True):
    """A reason a rep gives, one table for all uses: `uses` is a blank-separated list (cancel, complaint, credit …).

    A letter stands for one reason of a use; another use may have it for another.
    """

    __tablename__ = "reason"
    __table_args__ = (UniqueConstraint("company", "letter", "uses"),)
    company: int = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=40)
    letter: str = Field(max_length=2)
    name: str = Field(max_length=200)
    owner: str = Field(default="", max_length=40)
    uses: str = Field(default="", max_length=200)
    untdid_4465: str = Field(default="", max_length=10)
    x12_426: str = Field(default="", max_length=10)
