"""A desk with a signed-in rep on the small seeded books; after tests, by turns, every invariant of the
books must hold (`at_the_end`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlmodel import SQLModel

from csdesk.models import table
from csdesk.services import staff
from csdesk.store import Store
from tests.services.talk import Talk
from tests.support.clock import Clock
from tests.support.faults import at_the_end
from tests.support.faults import faults as faults
from tests.support.seed import Seeded, put


@dataclass(frozen=True)
class Desk:
    """The seeded store as the system, the rep and the lead, with a look at the tables behind it."""

    store: Store
    rep: Store
    lead: Store
    seeded: Seeded
    clock: Clock

    def as_(self, login: str) -> Store:
        """The store in the hands of another login."""
        return self.store.acting(self.store.read_now(staff.sign_in, login))

    def talk(self, customer: int | None = None, login: str = "rep7") -> Talk:
        """A call of a rep with a customer (the one with orders unless another is named)."""
        return Talk.with_(self.as_(login), customer or self.seeded.customer)

    def put(self, model: type[SQLModel], *rows: Mapping[str, Any]) -> None:
        """Adds rows of master data."""
        with self.store.engine.execution_options(desk_write=True).begin() as connection:
            put(connection, model, rows)

    def add(self, model: type[SQLModel], **values: Any) -> None:
        """Adds one row as it is."""
        with self.store.engine.execution_options(desk_write=True).begin() as connection:
            connection.execute(insert(table(model)).values(company=1, **values))

    def change(self, model: type[SQLModel], where: Mapping[str, Any], **values: Any) -> None:
        """Changes master data."""
        statement = update(table(model)).where(*(table(model).c[name] == each for name, each in where.items()))
        with self.store.engine.execution_options(desk_write=True).begin() as connection:
            connection.execute(statement.values(**values))

    def rows(self, model: type[SQLModel], **where: Any) -> Sequence[Any]:
        """Rows of a table, by primary key."""
        statement = select(table(model)).where(*(table(model).c[name] == each for name, each in where.items()))
        with self.store.engine.connect() as connection:
            return connection.execute(statement.order_by(*table(model).primary_key)).all()

    def row(self, model: type[SQLModel], **where: Any) -> Any:
        """The only row that fits."""
        (only,) = self.rows(model, **where)
        return only

    def stock(self, code: str) -> Any:
        """The stock row of a product."""
        from csdesk.models import Stock

        return self.row(Stock, product_id=self.seeded.products[code])

    def account(self, id: int = 1) -> Any:
        """A credit account."""
        from csdesk.models import CreditAccount

        return self.row(CreditAccount, id=id)


@pytest.fixture
def desk(store: Store, seeded: Seeded, clock: Clock, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """The desk of a rep; the books are checked when the test is over."""
    actors = {login: store.acting(store.read_now(staff.sign_in, login)) for login in ("rep7", "lead3")}
    yield Desk(store, actors["rep7"], actors["lead3"], seeded, clock)
    assert at_the_end(store, request.node.nodeid) == []


@pytest.fixture
def talk(desk: Desk) -> Talk:
    """A call with the customer who has orders."""
    return desk.talk()
