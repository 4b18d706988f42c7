"""What goes in comes out: money, quantities and instants, exact on both databases, and wrong kinds refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, StatementError

from csdesk.models import CreditAccount, Price, SalesOrder, Stock, metadata, table
from csdesk.models.types import Minor, Scaled
from csdesk.store import Store
from tests.support.seed import Seeded

ACCOUNT, STOCK, PRICE, ORDER = table(CreditAccount), table(Stock), table(Price), table(SalesOrder)


def put(store: Store, column: Any, value: object) -> object:
    """Writes a value into every row of a column and reads one of them."""
    with store.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(update(column.table).values({column.name: value}))
        return connection.scalar(select(column).limit(1))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (ACCOUNT.c.credit_limit, 9_007_199_254_740_993),  # 2^53 + 1: a float would lose the 1
        (ACCOUNT.c.credit_limit, None),
        (STOCK.c.on_hand, Decimal("12345678901234.123")),
        (STOCK.c.on_hand, Decimal("-0.001")),
        (PRICE.c.amount, Decimal("0.000001")),
        (PRICE.c.amount, Decimal("123456789.123456")),
        (ORDER.c.placed_at, datetime(2026, 3, 29, 1, 59, 59, 999999, tzinfo=UTC)),
        (ORDER.c.placed_at, datetime(2026, 3, 3, 14, 3, tzinfo=timezone(timedelta(hours=-5, minutes=-30)))),
    ],
)
def test_a_value_comes_back_as_it_went_in(store: Store, seeded: Seeded, column: Any, value: object) -> None:
    found = put(store, column, value)
    assert found == value
    if isinstance(found, datetime):
        assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        (ACCOUNT.c.credit_limit, 12.5, "minor units must be int"),
        (ACCOUNT.c.credit_limit, True, "minor units must be int"),
        (ACCOUNT.c.credit_limit, Decimal(12), "minor units must be int"),
        (STOCK.c.on_hand, 1.5, "expected Decimal"),
        (STOCK.c.on_hand, Decimal("1.0001"), "more than 3 decimals"),
        (ORDER.c.placed_at, datetime(2026, 3, 3, 14, 3), "must carry its time zone"),  # noqa: DTZ001
    ],
)
def test_a_wrong_kind_is_refused(store: Store, seeded: Seeded, column: Any, value: object, sentence: str) -> None:
    with pytest.raises((StatementError, TypeError, ValueError), match=sentence):
        put(store, column, value)


EXACT = [
    (each.name, column.name)
    for each in metadata.sorted_tables
    for column in each.columns
    if isinstance(column.type, Minor | Scaled)
]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("wrong", ["1.5", "'12.50'", "x'00'"])
def test_sqlite_stores_nothing_but_integers_in_exact_columns(store: Store, seeded: Seeded, wrong: str) -> None:
    """By plain SQL, past the types of the program; on Postgres the column type itself sees to it."""
    with store.engine.connect() as connection:
        rules = connection.scalar(text("SELECT group_concat(sql) FROM sqlite_master WHERE type = 'table'"))
    assert all(f"ck_{name}_{column}_int" in rules for name, column in EXACT)
    assert len(EXACT) > 30
    with pytest.raises(DBAPIError, match="CHECK constraint failed: ck_credit_account_orders_int"):
        attempt(store, f"UPDATE credit_account SET orders = {wrong}")


def attempt(store: Store, statement: str) -> None:
    with store.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(text(statement))


def test_stock_can_never_be_reserved_below_nothing(store: Store, seeded: Seeded) -> None:
    with pytest.raises(DBAPIError, match="ck_stock_reserved"):
        attempt(store, "UPDATE stock SET reserved = -1")


def test_foreign_keys_hold_and_carry_the_company(store: Store, seeded: Seeded) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        attempt(store, "UPDATE customer SET account_id = 999")
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        attempt(store, "UPDATE contact SET company = 2")
