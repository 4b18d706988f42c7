"""Another price by keys: asked on the draft, decided in the inbox, seen on the line."""

from __future__ import annotations

import pytest

from csdesk.models import ApprovalRequest, PriceOverride
from csdesk.prompt import line
from csdesk.prompt.desk import Desk
from csdesk.services import posting
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books
from tests.support.seed import acting


@pytest.fixture
async def lead(books: Books) -> Seat:
    seat = Seat(Desk(acting(books.store, "lead3")))
    await seat.desk.start()
    return seat


def post(books: Books) -> None:
    books.clock.pass_by(minutes=2)
    for one in books.store.read_now(posting.due):
        books.store.write_now(posting.post, one)


async def test_a_price_is_asked_in_eight_keys_decided_and_used(seat: Seat, lead: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("4711 24⏎2208 1⏎")
    seat.desk.sync_keys("1@17.50p")
    await seat.desk.look()
    assert seat.echo == "asks 17.50 instead of 18.40 EA for line 1, 21.60 USD less; needs: lead"
    echo = await seat.type("⏎")
    assert echo.startswith("Price request 26000001: 17.50 instead of 18.40 EA for line 1, 21.60 USD less")
    assert "! line 1: 17.50 asked, request 26000001 waits for lead" in seat.page()
    await lead.type("q⏎1")
    assert lead.page().startswith("REQUEST 26000001   price")
    assert "price now 18.40 from base BASE, asked 17.50" in lead.page()
    assert "the margin is not known" in lead.page()
    assert (await lead.type("y")).startswith("Request 26000001 approved, 21.60 USD")
    post(books)
    await seat.type("i1⏎")
    assert "17.50 USD per EA, from override 26000001 (list" not in seat.page()
    assert "Agreed 17.50 per EA, 24 of 24 left" in seat.page()
    assert "asked by Robin Penn, approved by Lee Dale" in seat.page()
    await seat.type("<f3>.")
    assert books.row(PriceOverride).number == "26000001"
    assert "placed" in seat.echo
    await seat.type("e")
    assert "line 1 gets its approved price" not in seat.echo, "the order has it already"


async def test_typed_into_a_row_it_belongs_to_the_prompt(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("e↓2@12p +14 as promised⏎")
    row = books.row(ApprovalRequest)
    assert (row.note, row.reason) == ("as promised", "price-promised")
    assert [quantity for _, quantity in seat.lines] == [quantity for _, quantity in (await seat.again()).lines]
    assert "priced anew" not in await seat.type("2@⏎")
    assert seat.echo.startswith("line 2: 12.95 from base BASE")
    await seat.type("u")
    assert (await seat.type("u")).startswith("Undone: price request 26000001 withdrawn")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1@18.40p⏎", "18.40 is the price of line 1 already"),
        ("1@17.50d⏎", "'d' is no reason here; there are:"),
        ("1@1,250p⏎", "may mean two prices"),
        ("9@1p⏎", "There is no line 9"),
    ],
)
async def test_a_wrong_price_stays_with_its_reason(seat: Seat, books: Books, typed: str, said: str) -> None:
    await seat.sit()
    await seat.type("4711 24⏎")
    assert said in await seat.type(typed)
    assert seat.prompt == typed.removesuffix("⏎")
    assert books.rows(ApprovalRequest) == []


async def test_line_mode_asks_too(seat: Seat, books: Books) -> None:
    await seat.sit()
    assert await line.enter(seat.desk, "4711 24")
    assert await line.enter(seat.desk, "1@17,50p")
    assert books.row(ApprovalRequest).amount == 2160
