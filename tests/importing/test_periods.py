"""An import keeps to the books: closed periods, disputes of what is paid, and no allocation before its items."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from csdesk.importing import driver
from csdesk.models import Allocation, Dispute, ImportNote, OpenItem, Period, table
from csdesk.services import customers, disputing, loading_quarantine
from csdesk.services.tx import Tx, writes
from csdesk.store import Store
from tests.importing.bed import INVOICES, broken, one, rows, small, take
from tests.importing.test_entities import PRICES, TEXT
from tests.services.money_world import past

SET_OFF = "id,receipt,credit,document,amount,day\n"


@pytest.fixture
def taken(store: Store, tmp_path: Path) -> Store:
    """A store with the small source, and an invoice of 200.00 with money for it."""
    invoices = INVOICES + "R9,RE,C1,,2024-05-10,200.00,,\n"
    receipts = "no,customer,day,amount\nZ9,C1,2024-05-01,200.00\n"
    take(store, TEXT, small(tmp_path / "in", invoices=invoices, receipts=receipts))
    return store


def set_off(store: Store, folder: Path, text: str) -> tuple[int, tuple[tuple[str, int], ...]]:
    (folder / "set_off.csv").write_text(SET_OFF + text, "utf-8")
    result = take(store, TEXT + PRICES, folder / "set_off.csv")[0]
    return result.imported, result.reasons


def may(store: Store, state: str) -> None:
    """The period of May 2024 is there in a state."""
    there = bool(rows(store, Period))
    with store.engine.execution_options(desk_write=True).begin() as connection:
        if there:
            connection.execute(update(table(Period)).values(state=state))
            return
        of = {"starts_on": date(2024, 5, 1), "ends_on": date(2024, 5, 31), "changed_at": store.clock(), "changed_by": 1}
        connection.execute(insert(table(Period)).values(company=1, state=state, **of))


@pytest.mark.parametrize("state", ["soft_closed", "locked"])
def test_nothing_comes_into_a_closed_period_until_it_is_open_again(store: Store, tmp_path: Path, state: str) -> None:
    folder = small(tmp_path / "in")
    take(store, TEXT, *(folder / f"{name}.csv" for name in ("customers", "products", "stock", "orders", "lines")))
    may(store, state)
    found = take(store, TEXT, folder / "invoices.csv", folder / "receipts.csv")
    early = 1 if state == "locked" else 0  # of April, which has no period: closed once a later one is locked
    assert [(each.imported, each.reasons) for each in found] == [
        (1 - early, (("period", 2 + early),)),
        (0, (("period", 2),)),
    ]
    assert "The period of 03 May 2024 is" in " ".join(row.reason for row in store.read_now(loading_quarantine.listed))
    assert all(row.posted_on < date(2024, 5, 1) for row in rows(store, OpenItem))
    may(store, "open")
    (tmp_path / "mine.toml").write_text(TEXT, "utf-8")
    again = driver.retry(store, str(tmp_path / "mine.toml"))
    assert [(each.part, each.imported, each.quarantined) for each in again] == [
        ("invoices", 2 + early, 0), ("receipts", 2, 0)
    ]  # fmt: skip
    assert (broken(store), store.read_now(loading_quarantine.listed)) == ([], ())


def test_nothing_is_set_off_on_a_closed_day(taken: Store, tmp_path: Path) -> None:
    may(taken, "locked")
    assert set_off(taken, tmp_path, "1,Z9,,R9,200,2024-05-20\n") == (0, (("period", 1),))
    assert set_off(taken, tmp_path, "1,Z9,,R9,200,2024-06-01\n") == (1, ())


def test_an_allocation_stated_before_its_invoice_is_of_the_invoices_day(taken: Store, tmp_path: Path) -> None:
    """Money of 1 May, invoice of 10 May, said to be paid on 1 May: nothing was paid of it before it was there."""
    assert set_off(taken, tmp_path, "1,Z9,,R9,120,2024-05-01\n2,Z9,,R9,80,2024-05-12\n") == (2, ())
    account = one(taken, OpenItem, number="R9").account_id
    made = sorted((row.applied_on, row.id) for row in rows(taken, Allocation) if row.amount in {8_000, 12_000})
    assert [day for day, _ in made] == [date(2024, 5, 10), date(2024, 5, 12)]
    note = one(taken, ImportNote, subject="allocation")
    assert (note.subject_id, note.kind, note.text) == (made[0][1], "stated-day", "2024-05-01")
    of_month = dict(taken.read_now(past, account, date(2024, 5, 9))[1])
    assert of_month[one(taken, OpenItem, number="Z9").id] == -20_000
    assert broken(taken) == []


@writes()
def dispute(tx: Tx, customer_id: int, item_id: int, amount: int) -> None:
    """So much of an item is in dispute."""
    disputing.raise_for(tx, customers.trading(tx, customer_id, lock=True), item_id, amount)


def test_a_dispute_of_what_is_paid_by_import_follows(taken: Store, tmp_path: Path) -> None:
    item = one(taken, OpenItem, number="R9")
    taken.write_now(dispute, item.customer_id, item.id, 15_000)
    assert set_off(taken, tmp_path, "1,Z9,,R9,50,2024-05-20\n2,Z9,,R9,40,2024-05-21\n") == (2, ())
    assert (one(taken, Dispute).open, one(taken, Dispute).paid) == (11_000, 4_000)
    assert set_off(taken, tmp_path, "3,Z9,,R9,110,2024-05-22\n") == (1, ())
    ended = one(taken, Dispute)
    assert (ended.state, ended.open, ended.paid) == ("closed", 0, 15_000)
    assert broken(taken) == []
