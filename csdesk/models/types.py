"""Column types that stay exact on SQLite and Postgres alike, and the helpers every table uses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    MetaData,
    Table,
    TypeDecorator,
)
from sqlmodel import SQLModel


class Minor(TypeDecorator[int]):
    """An amount in minor units; only int goes in (bool, float and Decimal are refused)."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is not None and type(value) is not int:
            raise TypeError(f"minor units must be int, not {type(value).__name__}")
        return value


class Scaled(TypeDecorator[Decimal]):
    """A Decimal with a fixed number of places, stored as an integer: Scaled(3) keeps 1.5 as 1500."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if type(value) is int:
            return value * 10**self.places
        if not isinstance(value, Decimal):
            raise TypeError(f"expected Decimal, got {type(value).__name__}")
        scaled = value.scaleb(self.places)
        whole = int(scaled)
        if whole != scaled:
            raise ValueError(f"{value} has more than {self.places} decimals")
        return whole

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Decimal | None]:
        places = self.places
        return lambda value: None if value is None else _unscaled(value, places)


@lru_cache(maxsize=8192)
def _unscaled(whole: Any, places: int) -> Decimal:
    """The same few quantities, factors and rates come by the thousand for a draft."""
    return Decimal(int(whole)).scaleb(-places)


class UtcInstant(TypeDecorator[datetime]):
    """An aware UTC instant; a naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("an instant must carry its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Quantity = Scaled(3)
UnitPrice = Scaled(6)
Rate = Scaled(6)


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for typed queries in services."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]


def fk(column: str, target: str) -> ForeignKeyConstraint:
    """A foreign key that carries the company: fk("customer_id", "customer.id")."""
    other, _, other_column = target.partition(".")
    return ForeignKeyConstraint(["company", column], [f"{other}.company", f"{other}.{other_column}"])


def pin_integers(metadata: MetaData) -> None:
    """Adds CHECK(typeof(x)='integer') for every exact column on SQLite, where column types are only hints."""
    for each in metadata.tables.values():
        for column in each.columns:
            if isinstance(column.type, Minor | Scaled):
                rule = f"{column.name} IS NULL OR typeof({column.name}) = 'integer'"
                check = CheckConstraint(rule, name=f"ck_{each.name}_{column.name}_int")
                each.append_constraint(check.ddl_if(dialect="sqlite"))
