"""The collections list and a release in the app itself, by real keys, with the rows they leave."""

from __future__ import annotations

from csdesk.models import CreditAccount, SalesOrder
from csdesk.store import Store
from tests.screens.test_app import lines
from tests.screens.test_real_desk import at_desk, burst, one
from tests.services.conftest import Desk as Books
from tests.services.late import debt
from tests.support.clock import Clock
from tests.support.seed import Seeded, acting


async def test_the_list_is_worked_and_a_held_order_released(store: Store, seeded: Seeded, clock: Clock) -> None:
    books = Books(store, acting(store, "rep7"), acting(store, "lead3"), seeded, clock)
    debt(books, 9900, 31)
    async with at_desk(store, "coll1") as (app, pilot):
        await burst(app, pilot, "j\r")
        assert any("20417 Harbour View Deli" in line and "31 days late; no contact yet" in line for line in lines(app))
        await burst(app, pilot, "\r")
        assert any("LEDGER overdue" in line for line in lines(app))
    books.change(CreditAccount, {"id": 1}, credit_limit=0)
    order = books.talk().order(("7007", 1))
    async with at_desk(store, "lead3") as (app, pilot):
        await burst(app, pilot, "q\r1")
        assert any(f"HELD ORDER {order.number}" in line for line in lines(app))
        await burst(app, pilot, "y")
    row = one(store, SalesOrder, id=order.id)
    assert (row.status, row.exposure, row.released_value) == ("allocated", order.gross, order.gross)
