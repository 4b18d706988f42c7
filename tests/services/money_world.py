"""The books of three customers for tests that act on them at random, and what must hold of them at any moment.

The 15 invariants of the design text on money: `csdesk check` and the audit trail for those that one moment shows; the
past days as they were told then, old amounts, and the control account on every day for those that need two.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import func, select

from csdesk.errors import DeskError
from csdesk.models import CreditAccount, Document, LedgerEntry, OpenItem, table
from csdesk.services import booking, closing, customers, ledger
from csdesk.services.tx import Tx, reads, writes
from csdesk.store import Store
from tests.services.conftest import faults
from tests.support import databases
from tests.support.clock import Clock
from tests.support.seed import acting

CHECK_EVERY = 10
ITEM, DOCUMENT, ENTRY, ACCOUNT = table(OpenItem), table(Document), table(LedgerEntry), table(CreditAccount)
LOGINS = ("lead3", "boss1", "mgr1", "fin2", "rep7")
CUSTOMERS = (1, 2, 4)  # 4 is billed to 3


@writes()
def bill(tx: Tx, customer_id: int, lines: list[tuple[Decimal, int, int]]) -> int:
    """An invoice as a billing run would post it: (quantity, net, tax) a line."""
    who = customers.trading(tx, customer_id, lock=True)
    day = who.local(tx.now).date()
    head = {"kind": "invoice", "customer_id": who.id, "account_id": who.account.id, "currency": who.account.currency,
            "tax_method": "line", "rounding": "half_up", "issued_on": day,
            "due_on": day + timedelta(days=14)}  # fmt: skip
    made = booking.document(tx, head, [
        {"product_id": 101, "unit": "EA", "quantity": quantity, "price": Decimal(1), "net": net, "tax": tax,
         "tax_rate": Decimal(8 if tax else 0)}
        for quantity, net, tax in lines
    ])  # fmt: skip
    return int(made["id"])


@reads()
def past(tx: Tx, account_id: int, day: date) -> tuple[int, tuple[tuple[int, int], ...]]:
    """The balance of an account at the end of a day and what was open of each item."""
    from csdesk.services.as_of import items_at

    items = items_at(tx, day, account_id)
    rows = tx.rows(select(items.c.id, items.c.left).where(items.c.left != 0).order_by(items.c.id))
    return sum(int(row.left) for row in rows), tuple((row.id, int(row.left)) for row in rows)


class World(RuleBasedStateMachine):
    """The books of three customers, several logins at them, and what must hold of them."""

    backend = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.steps = Clock(), 0
        self.folder = tempfile.TemporaryDirectory(prefix="csdesk-money-")
        self.database = databases.database(self.backend, Path(self.folder.name), "seeded")
        self.store = Store(self.database.__enter__(), clock=self.clock)
        self.as_ = {login: acting(self.store, login) for login in (*LOGINS, "cash1", "coll1")}
        self.told: dict[tuple[int, date], Any] = {}
        self.stood: dict[int, tuple[Any, ...]] = {}

    def teardown(self) -> None:
        """The last look at the books."""
        try:
            self.look()
        finally:
            self.store.close()
            self.database.__exit__(None, None, None)
            self.folder.cleanup()

    def try_(self, login: str, verb: Callable[..., Any], *args: object) -> Any:
        """Does it, or is refused in a sentence; anything else is a fault of the desk."""
        store = self.as_.get(login, self.store)
        try:
            return store.write_now(verb, *args)
        except DeskError:
            return None

    def some(self, model: Any, pick: int, *where: Any) -> Any:
        """One row of those that fit, or None."""
        with self.store.engine.connect() as connection:
            found = connection.execute(select(model).where(*where).order_by(model.c.id)).all()
        return found[pick % len(found)] if found else None

    def figures(self) -> list[tuple[Any, ...]]:
        """The running figures of all accounts and what is open of every item that was there before."""
        with self.store.engine.connect() as connection:
            a = ACCOUNT.c
            rows = connection.execute(select(a.id, a.open_debit - a.open_credit, a.orders).order_by(a.id)).all()
            return [tuple(row) for row in rows]

    @invariant()
    def now_and_then(self) -> None:
        self.steps += 1
        if self.steps % CHECK_EVERY == 0:
            self.look()

    def look(self) -> None:
        """Every check of `csdesk check` and of the audit trail, and those that need two moments."""
        assert faults(self.store) == []
        for (account, day), said in self.told.items():  # 8: rebuilt from events as it was then
            assert self.store.read_now(past, account, day) == said
        today = self.clock().date()
        for customer, account in ((1, 1), (2, 2), (4, 3)):  # 4: buckets add up, now and as of today from events
            page = self.as_["rep7"].read_now(ledger.page, customer)
            assert page.aged.balance == self.store.read_now(past, account, today)[0]
        self.documents_stand()
        self.control_account()

    def documents_stand(self) -> None:
        """15: no amount of a posted document changes."""
        with self.store.engine.connect() as connection:
            rows = connection.execute(select(DOCUMENT).order_by(DOCUMENT.c.id)).all()
        now = {row.id: tuple(row) for row in rows}
        assert {id: now.get(id) for id in self.stood} == self.stood
        self.stood = now

    def control_account(self) -> None:
        """2: sub-ledger and control account agree at every key date."""
        with self.store.engine.connect() as connection:
            days = connection.execute(select(ITEM.c.posted_on).distinct()).scalars().all()
            total = connection.execute(select(func.sum(ENTRY.c.amount))).scalar()
        assert total == 0
        for day in days:
            sides = self.store.read_now(both_sides, day)
            assert sides[0] == sides[1], day


@reads()
def both_sides(tx: Tx, day: date) -> tuple[dict[str, int], dict[str, int]]:
    """Sub-ledger and control account at the end of a day."""
    return closing.sub_ledger(tx, day), closing.control(tx, day)
