"""The collections list, held orders and callbacks by keys, with the rows they leave.

Key paths: `j` Enter on an idle desk (`j` on a call) shows the list, Enter opens the account under the cursor on a call.
`q` Enter, a digit and `y` release a held order; `n reason` leaves it held.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from csdesk.models import Callback, ContactEntry, CreditAccount, SalesOrder
from csdesk.prompt.desk import Desk
from csdesk.services import collecting
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books
from tests.services.late import debt, promise
from tests.services.papers import ask, pieces
from tests.support.seed import acting


async def seat_of(books: Books, login: str) -> Seat:
    seat = Seat(Desk(acting(books.store, login)))
    await seat.desk.start()
    return seat


def held(books: Books) -> int:
    """An order that waits for a release."""
    books.change(CreditAccount, {"id": 1}, credit_limit=0)
    return books.talk().order(("7007", 1)).id


async def test_the_work_list_opens_an_account_on_a_call(books: Books) -> None:
    debt(books, 9900, 31)
    debt(books, 9910, 100, 8_000, customer_id=2, account_id=2)
    seat = await seat_of(books, "coll1")
    await seat.type("j⏎")
    assert seat.page().splitlines()[:3] == [
        "COLLECTIONS   2 accounts   USD",
        "1 20418 Smiths Hotel 80.00 100 days late; no contact yet 80.00 USD",
        "2 20417 Harbour View Deli 50.00 31 days late; no contact yet 100.00 USD",
    ]
    assert await seat.type("↓⏎") == "31 days late; no contact yet"
    assert seat.page().startswith("LEDGER   overdue")
    assert seat.desk.now.bar is not None
    assert seat.desk.now.bar.code == "20417"
    await seat.type("j")
    assert seat.page().startswith("COLLECTIONS")
    await seat.type("<f3>")
    assert seat.page().startswith("CUSTOMER")


async def test_a_rep_has_no_work_list(books: Books) -> None:
    seat = await seat_of(books, "rep7")
    assert "needs the duty 'dunning.run'" in await seat.type("j⏎")


async def test_a_held_order_is_released_from_the_queue_by_two_keys(books: Books) -> None:
    order = held(books)
    lead = await seat_of(books, "lead3")
    await lead.type("q⏎")
    assert lead.page().startswith("MY QUEUE   1 waiting\n1 truck 16:00 held 20417 Harbour… credit: ")
    assert " 18.09 USD  26000003 03 Mar" in lead.page()
    assert await lead.type("1") == "y releases it; n and a reason leaves it held and notes why"
    assert lead.page().startswith("HELD ORDER 26000003\n18.09 USD, placed by Robin Penn")
    assert (await lead.type("y")).startswith("Order 26000003 released: 18.09 USD")
    row = books.row(SalesOrder, id=order)
    assert (row.status, row.released_value) == ("allocated", 1_809)
    assert row.released_until == books.clock().date() + timedelta(days=5)


async def test_what_is_released_is_what_was_shown(books: Books) -> None:
    order, talk = held(books), books.talk()
    lead = await seat_of(books, "lead3")
    await lead.type("q⏎1")
    talk.amend()
    talk.set(1, 50)
    talk.commit()
    for keys in ("y", "n too much⏎"):
        assert await lead.type(keys) == "Order 26000003 was changed since you looked at it; look again."
    assert books.row(SalesOrder, id=order).status == "held"
    again = await seat_of(books, "boss1")
    assert (await again.type("q⏎1y")).startswith("Order 26000003 released")


async def test_a_held_order_is_left_held_with_a_reason(books: Books) -> None:
    order = held(books)
    lead = await seat_of(books, "lead3")
    await lead.type("q⏎1n")
    assert await lead.type(" no money yet⏎") == "Order 26000003 stays held: no money yet."
    assert (books.row(SalesOrder, id=order).status, books.row(ContactEntry).subject) == ("held", "order")
    assert lead.page().startswith("MY QUEUE   1 waiting")


async def test_approvals_and_held_orders_stand_in_one_list_by_their_rank(books: Books) -> None:
    held(books)
    ask(books.talk(), pieces(1, 1))
    lead = await seat_of(books, "lead3")
    await lead.type("q⏎")
    assert lead.page().startswith("MY QUEUE   2 waiting")
    assert [line.split()[:4] for line in lead.page().splitlines()[1:]] == [
        ["1", "truck", "16:00", "held"], ["2", "approve", "Wed", "04"]
    ]  # fmt: skip
    assert await lead.type("y1,2⏎") == "Row 1 is no request you may decide; y2-5 takes numbers of those."
    await lead.type("<f12>1")
    assert lead.page().startswith("HELD ORDER")
    await lead.type("<f3>2")
    assert lead.page().startswith("REQUEST 26000001")
    await lead.type("<f3>")
    assert lead.page().startswith("MY QUEUE   2 waiting")


@pytest.mark.parametrize("reached", [True, False])
async def test_a_callback_is_made_or_stays_due(books: Books, reached: bool) -> None:
    promise(books, debt(books, 9900, 10), "+2", "9")
    books.clock.pass_by(days=4)
    seat = await seat_of(books, "rep7")
    await seat.type("q1")  # the call the promise was taken on is open still, so q acts at once
    assert seat.page().startswith("CALLBACK\n20417 Harbour View Deli   +12025550142")
    if reached:
        assert (await seat.type("y⏎")).startswith("Callback to 20417 Harbour View Deli: promise to pay F-9900")
        assert seat.page().startswith("LEDGER   overdue")
    else:
        await seat.type("n engaged⏎")
        assert seat.page().startswith("MY QUEUE   1 waiting")
    assert (books.row(Callback).done_at is not None) == reached


async def test_the_ledger_shows_what_was_said_last(books: Books) -> None:
    for words in ("first", "will pay", "promised Friday"):
        books.as_("coll1").write_now(collecting.log_contact, 1, "call", words)
        books.clock.pass_by(minutes=1)
    seat = await Seat(Desk(books.rep)).sit()
    await seat.type("l")
    assert seat.page().splitlines()[-2:] == ["03 Mar coll1 call: promised Friday", "03 Mar coll1 call: will pay"]
