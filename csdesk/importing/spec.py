"""The words of a mapping file, as pydantic models. What they mean is in docs/import.md."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Scalar = str | int | bool


class Spec(BaseModel):
    """Base: an unknown word is a mistake, not a hint."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Cell(Spec):
    """Where a value comes from and what is done to it, in this order."""

    source: Texts = Field(default=(), alias="from")
    join: str = " "
    const: Scalar | None = None
    path: str = ""
    mend: Literal["", "utf8-twice"] = ""
    take: str = ""
    case: Literal["", "upper", "lower"] = ""
    map: dict[str, Scalar] = Field(default_factory=dict)
    other: Scalar | None = None
    unmapped: Literal["quarantine", "keep"] = "quarantine"
    default: Scalar | None = None
    nulls: tuple[str, ...] = ()
    empty: Literal["", "quarantine", "anonymous"] = ""
    cut: bool = False
    split: str = ""
    dates: Texts = ()
    decimal: str | None = None
    thousands: str | None = None
    debit: str = ""
    credit: str = ""
    sign: Literal["keep", "negate", "absolute"] = "keep"
    sign_from: str = ""
    negative_when: Texts = ()
    scale: str = ""
    round: bool = False

    @model_validator(mode="after")
    def _one_origin(self) -> Cell:
        origins = [bool(self.source), self.const is not None, bool(self.debit or self.credit)]
        if sum(origins) != 1:
            raise ValueError("say exactly one of from, const and debit/credit")
        if bool(self.debit) != bool(self.credit):
            raise ValueError("debit and credit go together")
        if bool(self.sign_from) != bool(self.negative_when):
            raise ValueError("sign_from and negative_when go together")
        return self

    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return tuple(each for each in (*self.source, self.debit, self.credit, self.sign_from) if each)


def _cell(value: Any) -> Any:
    return {"from": [value]} if isinstance(value, str) else {"from": value} if isinstance(value, list) else value


AnyCell = Annotated[Cell, BeforeValidator(_cell)]
Cells = dict[str, AnyCell]


def _keys(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


Keys = Annotated[tuple[AnyCell, ...], BeforeValidator(_keys)]


class Condition(Spec):
    """A test of one column. All that are said must hold."""

    column: str
    matches: str = ""
    equals: str | None = None
    among: tuple[str, ...] = ()
    empty: bool | None = None
    below: str = ""
    above: str = ""
    negate: bool = Field(default=False, alias="not")

    @model_validator(mode="after")
    def _says_something(self) -> Condition:
        if not (self.matches or self.among or self.below or self.above) and self.equals is None and self.empty is None:
            raise ValueError("say one of matches, equals, among, empty, below and above")
        return self


class MakeSpec(Spec):
    """A record a row mentions by the way, made when it is not known."""

    entity: Literal["customer", "product"]
    key: Keys
    fields: Cells
    note: Texts = ()
    when: tuple[Condition, ...] = ()


class SubSpec(Spec):
    """Records inside one cell: JSON, a list at `path`; the fields read its members by name."""

    source: str = Field(alias="from")
    path: str = ""
    fields: Cells


class Route(Spec):
    """What rows become that meet all conditions: an entity, the quarantine, or nothing (left out)."""

    when: tuple[Condition, ...] = ()
    entity: str = ""
    quarantine: str = ""
    key: Keys = ()
    group: Keys = ()
    fields: Cells = Field(default_factory=dict)
    lines: Cells = Field(default_factory=dict)
    sub: SubSpec | None = None


class Part(Spec):
    """One kind of file (or sheet) of a source."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")
    match: Texts
    sheet: str | int = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    header_row: int = Field(default=1, ge=0)
    columns: tuple[str, ...] = ()
    entity: str = ""
    key: Keys = ()
    group: Keys = ()
    empty_key: Literal["quarantine", "skip"] = "quarantine"
    repeats: Literal["keep", "flag", "merge"] = "keep"
    differ: dict[str, str] = Field(default_factory=dict)
    skip: tuple[Condition, ...] = ()
    fields: Cells = Field(default_factory=dict)
    lines: Cells = Field(default_factory=dict)
    sub: SubSpec | None = None
    make: tuple[MakeSpec, ...] = ()
    route: tuple[Route, ...] = ()
    options: dict[str, str | bool] = Field(default_factory=dict)
    control: dict[str, str] = Field(default_factory=dict)
    nulls: tuple[str, ...] | None = None
    dates: Texts = ()
    decimal: str | None = None
    thousands: str | None = None


class CompanySpec(Spec):
    """The company the books are of; used when the database has none yet."""

    code: str = ""
    name: str = ""
    country: str = Field(default="", max_length=2)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    timezone: str = "UTC"
    tax_method: Literal["line", "document"] = "line"
    rounding: Literal["half_up", "half_even", "down", "up"] = "half_up"
    warehouse: str = Field(default="", max_length=20)
    terms_days: int = 30
    base_unit: str = Field(default="EA", max_length=20)


class AnonymousSpec(Spec):
    """The customer sales without a name stand under."""

    code: str = Field(max_length=40)
    name: str = Field(max_length=200)


class MappingSpec(Spec):
    """A whole mapping file."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")
    title: str = ""
    today: date | None = None
    timezone: str = ""
    company: CompanySpec
    anonymous: AnonymousSpec | None = None
    fold: tuple[str, ...] = ("product",)
    nulls: tuple[str, ...] = ()
    dates: Texts = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
    decimal: str = "."
    thousands: str = ""
    negative: Texts = ("-x",)
    strip: str = ""
    opening_receivables: str = ""
    file: tuple[Part, ...] = Field(min_length=1)
