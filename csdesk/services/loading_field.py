"""What an entity and a field of an import are, and short ways to write them. Internal to the tables of fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "integer", "money", "quantity", "price", "rate", "date", "instant", "yes", "ref", "list"]


@dataclass(frozen=True)
class Field:
    """A field. money: minor units; quantity: 3, price and rate: 6 decimals; ref: the key of a `to`; size: longest text.

    `signed` numbers may be negative; a negative cell of any other is refused.
    """

    kind: Kind
    help: str = ""
    size: int = 200
    to: str = ""
    needed: bool = False
    signed: bool = False


@dataclass(frozen=True)
class Entity:
    """An entity. `posted` rows stand once they are in; `lines` are the fields of its lines, `sub` of its events."""

    help: str
    fields: Mapping[str, Field]
    lines: Mapping[str, Field] = field(default_factory=dict)
    sub: Mapping[str, Field] = field(default_factory=dict)
    posted: bool = False


def text(size: int = 200, help: str = "", needed: bool = False) -> Field:
    """A text of at most `size` characters."""
    return Field("text", help, size=size, needed=needed)


def ref(to: str, help: str = "", needed: bool = False) -> Field:
    """The key of another record."""
    return Field("ref", help, to=to, needed=needed)


def of(kind: Kind, help: str = "", needed: bool = False, signed: bool = False) -> Field:
    """A field of any other kind."""
    return Field(kind, help, needed=needed, signed=signed)
