"""A macro by real keys in the app: the echo says all of it in two lines of the usual window, Enter writes the rows."""

from __future__ import annotations

import asyncio

from csdesk.models import Contact, Outbox, Ticket, TicketItem
from csdesk.services import canned
from csdesk.services.canned import Acts, CannedDraft
from csdesk.store import Store
from tests.screens.test_app import lines, settled
from tests.screens.test_real_desk import at_desk, burst, one
from tests.support.seed import Seeded, acting, put

BODY = (
    "Dear {customer}, could you send us a photo of the goods and of the label? Then we settle {ticket} at once. {rep}"
)
WAIT = Acts("damaged", wait="customer", days=2, question="Photo of goods and label", reply="visible")
PHOTO = CannedDraft("ph", "Ask for a photo", BODY, WAIT)


async def test_a_macro_from_the_call_to_its_rows_and_back(store: Store, seeded: Seeded) -> None:
    with store.engine.execution_options(desk_write=True).begin() as connection:
        put(connection, Contact, [{"id": 8800, "customer_id": 1, "name": "Jo", "email": "orders@harbour.example"}])
    acting(store, "lead3").write_now(canned.load, (PHOTO,))
    async with at_desk(store) as (app, pilot):
        await burst(app, pilot, "550142\rtq the goods came wet\r;ph")
        async with asyncio.timeout(20):
            while not any("reply to" in line for line in lines(app)):
                await asyncio.sleep(0.005)
        said = " ".join(line.strip() for line in lines(app)[-4:-2])
        assert said.startswith(";ph: category Damaged")
        assert "reply to orders@harbour.example: 'Dear Harbour" in said
        assert said.endswith("waits for the customer until Thu 05 Mar 08:00: Photo of goods and label")
        assert one(store, Ticket).state == "open"
        await burst(app, pilot, "\r")
        row, item = one(store, Ticket), one(store, TicketItem, kind="outbound")
        assert (row.state, row.category, row.question) == ("waiting_customer", "damaged", "Photo of goods and label")
        assert item.recipients == "orders@harbour.example"
        assert item.body.startswith("Dear Harbour View Deli, could you send us a photo")
        assert item.body.endswith(f"Then we settle {row.number} at once. Robin Penn")
        assert one(store, Outbox).withdrawn_at is None
        await burst(app, pilot, "u")
        row = one(store, Ticket)
        assert (row.state, row.category) == ("open", "")
        assert one(store, Outbox).withdrawn_at is not None
        await settled(app, pilot)
