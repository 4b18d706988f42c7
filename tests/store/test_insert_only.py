"""Posted rows, the audit trail and the like refuse every way of changing them, on both databases."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from csdesk.models import INSERT_ONLY, metadata
from csdesk.store import Store
from tests.support import verbs
from tests.support.clock import NOW
from tests.support.seed import TODAY, Seeded

STANDS = "stand once they are written"


@pytest.fixture
def full(store: Store, seeded: Seeded) -> Store:
    """The small desk with a row in every insert-only table."""
    credit = {"id": 2, "account_id": 1, "customer_id": 1, "source": "receipt", "source_id": 1, "number": "R1",
              "kind": "receipt", "posted_on": TODAY, "due_on": TODAY, "currency": "USD", "face": -500, "open": -500,
              "company": 1}  # fmt: skip
    rows = {
        "order_revision": {"order_id": seeded.open_order, "revision": 2, "at": NOW, "staff_id": 1, "wish": "customer",
                           "summary": "later", "before": "{}", "after": "{}"},
        "receipt": {"id": 1, "number": "R1", "account_id": 1, "received_on": TODAY, "currency": "USD", "amount": 500,
                    "method": "", "reference": "", "source": "desk"},
        "allocation": {"id": 1, "debit_item_id": seeded.open_item, "credit_item_id": 2, "amount": 100,
                       "applied_on": TODAY},
        "stock_movement": {"id": 1, "product_id": 101, "warehouse": "MAIN", "kind": "count", "number": "", "note": "",
                           "quantity": 5, "at": NOW, "source": "desk"},
        "approval_mark": {"id": 1, "request_id": 1, "version": 1, "payload_hash": "", "step": 1, "decision": "approve",
                          "person_id": 1, "staff_id": 1, "role": "lead", "reason": "", "at": NOW},
    }  # fmt: skip
    asked = {
        "company": 1, "id": 1, "number": "26000001", "kind": "credit_note", "state": "in_approval", "version": 1,
        "customer_id": 1, "account_id": 1, "currency": "USD", "amount": 1, "counted": 1, "reason": "damaged",
        "note": "", "payload": "{}", "payload_hash": "", "steps": "lead", "step": 1, "maker_staff_id": 1,
        "maker_person_id": 1,
        "maker_rank": 10, "editors": "", "creators": "", "made_at": NOW, "why": "",
    }  # fmt: skip
    with store.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(insert(metadata.tables["open_item"]), [credit])
        connection.execute(insert(metadata.tables["approval_request"]), [asked])
        for name, row in rows.items():
            connection.execute(insert(metadata.tables[name]), [{"company": 1, **row}])
    store.write_now(verbs.add_person, "Ann")
    _fill(store)
    return store


def _fill(store: Store) -> None:
    """Any row at all into those that are empty still; what its keys point at need not be there."""
    plain = {int: 1, str: "x", bool: True, date: TODAY, datetime: NOW, Decimal: Decimal(1)}
    with store.engine.connect().execution_options(desk_write=True) as connection:
        if not store.postgres:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # only between transactions
        with connection.begin():
            if store.postgres:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            for table in (metadata.tables[name] for name in INSERT_ONLY):
                if not connection.scalar(select(func.count()).select_from(table)):
                    wanted = [column for column in table.columns if not column.nullable]
                    kinds = {column.name: getattr(column.type, "impl", column.type).python_type for column in wanted}
                    connection.execute(insert(table), {name: plain[kind] for name, kind in kinds.items()})
        connection.invalidate()


def attempt(store: Store, statement: str) -> None:
    with store.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(text(statement))


def dump(store: Store, name: str) -> list[tuple[object, ...]]:
    table = metadata.tables[name]
    with store.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(table)), "a test on no row proves nothing"
        return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]


@pytest.mark.parametrize("name", INSERT_ONLY)
def test_changing_replacing_or_emptying_is_refused(full: Store, name: str, backend: str) -> None:
    """INSERT OR REPLACE deletes the old row without any DELETE trigger; TRUNCATE knows no row triggers."""
    before = dump(full, name)
    whole = f"INSERT OR REPLACE INTO {name} SELECT * FROM {name}" if backend == "sqlite" else f"TRUNCATE {name} CASCADE"
    for statement in (f"UPDATE {name} SET company = company", f"DELETE FROM {name}", whole):
        with pytest.raises(DBAPIError, match=f"{name} {STANDS}"):
            attempt(full, statement)
        assert dump(full, name) == before


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("rowid", [None, 1])
def test_replacing_by_another_key_is_refused(full: Store, rowid: int | None) -> None:
    """A new id with an old number, or with the hidden row number of an old row, would replace it all the same."""
    before = dump(full, "document")
    columns = [column.name for column in metadata.tables["document"].columns]
    values = ["id + 1000" if name == "id" else name for name in columns]
    if rowid:
        columns, values = [*columns, "rowid"], [*values, "rowid"]
        values[columns.index("number")] = "'another'"
    names = ", ".join(columns)
    with pytest.raises(DBAPIError, match=f"document {STANDS}"):
        attempt(full, f"INSERT OR REPLACE INTO document ({names}) SELECT {', '.join(values)} FROM document")
    assert dump(full, "document") == before


def test_new_rows_go_in(full: Store) -> None:
    before = len(dump(full, "audit"))
    full.write_now(verbs.add_person, "Bob")
    assert len(dump(full, "audit")) == before + 1
