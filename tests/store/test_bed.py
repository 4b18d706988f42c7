"""The test bed itself: both databases are real, each test has its own, and the small desk is what it says."""

from __future__ import annotations

from sqlalchemy import func, select

from csdesk.migrations import schema
from csdesk.models import Customer, SalesOrder, table
from csdesk.services import staff
from csdesk.store import Store
from tests.support.seed import Seeded, acting


def test_a_new_database_is_migrated_and_empty(store: Store, backend: str) -> None:
    schema.require_current(store)
    assert store.postgres == (backend == "postgres")
    with store.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(table(Customer))) == 0


def test_the_small_desk_has_its_people_customers_and_orders(store: Store, seeded: Seeded) -> None:
    rep = acting(store, "rep7")
    assert rep.actor.may("order.enter")
    assert not rep.actor.may("order.release")
    assert store.read_now(staff.sign_in, "lead3").may("order.release")
    with store.engine.connect() as connection:
        order = table(SalesOrder)
        found = dict(connection.execute(select(order.c.id, order.c.status)).all())
    assert found == {seeded.invoiced_order: "invoiced", seeded.open_order: "allocated"}
