"""The queue by keys: where one's requests stand, edit, withdraw, several at once, second thoughts."""

from __future__ import annotations

import pytest

from csdesk.errors import Invalid
from csdesk.models import ApprovalMark, ApprovalRequest, Call, CreditClaim
from csdesk.prompt.approval_acts import places
from csdesk.prompt.desk import Desk
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books
from tests.support.seed import acting


@pytest.fixture
async def boss(books: Books) -> Seat:
    """The supervisor's desk, nobody on the line."""
    seat = Seat(Desk(acting(books.store, "boss1")))
    await seat.desk.start()
    return seat


async def test_a_rep_sees_where_his_requests_stand_edits_and_withdraws(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("c001.1 2d⏎c001.2 1d⏎q")
    assert "MY QUEUE   0 waiting   2 of yours" in seat.page()
    assert "yours credit 20417 Harbour… waits for lead (1 of 1)" in seat.page()
    await seat.type("1")
    assert seat.page().startswith("REQUEST 26000002")
    assert "yours, waits for lead (1 of 1)   e 1d  edits   x withdraws" in seat.page()
    await seat.type("<f3>2")
    assert (await seat.type("e 1d⏎")).startswith("Request 26000001, version 2: 19.87 USD (Damaged)")
    row = books.row(ApprovalRequest, number="26000001")
    assert (row.version, row.amount, row.editors) == (2, 1987, "")
    assert books.row(CreditClaim, request_id=row.id).quantity == 1
    assert await seat.type("x") == "Request 26000001 withdrawn."
    assert books.row(CreditClaim, request_id=row.id).state == "void"
    assert await seat.type("u") == "Taken back: request 26000001 is in approval again."
    assert books.row(CreditClaim, request_id=row.id).state == "pending"
    assert "needs the duty 'request.read'" in await seat.type("y")


async def test_the_form_of_an_edit_teaches_its_short_form(seat: Seat, books: Books) -> None:
    await seat.sit()
    assert (await seat.type("c001.1 2d⏎q1e⏎")).startswith("How many?")
    await seat.type("3⏎w⏎")
    assert seat.echo.endswith("(short: e 3w)")
    row = books.row(ApprovalRequest)
    assert (row.version, row.reason) == (2, "wrong-item")
    assert "An edit is not taken back" in await seat.type("u")


@pytest.mark.parametrize("typed", ["e =1,250g", "e =1.250g"])
async def test_an_edit_that_may_mean_two_values_is_not_made(seat: Seat, books: Books, typed: str) -> None:
    await seat.sit()
    await seat.type("g25g⏎q1")
    assert "may mean 1250" in await seat.type(f"{typed}⏎")
    assert (books.row(ApprovalRequest).version, books.row(ApprovalRequest).amount) == (1, 2_500)


async def test_several_of_one_tier_are_approved_at_once(seat: Seat, boss: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("c001.1 1d⏎c001.2 1d⏎c001.3 1d⏎g25g⏎")
    await boss.type("q⏎y1-4⏎")
    assert boss.tone == "wrong"
    assert boss.echo.startswith("Only requests of one kind and tier are approved together")
    assert boss.prompt == "y1-4"
    assert books.rows(ApprovalMark) == []
    await boss.type("<f12>y9,2⏎")
    assert boss.echo == "4 requests to decide are listed; y2-5 takes numbers of them."
    await boss.type("<f12>y1,3⏎")
    assert boss.echo.startswith("2 requests approved, ")
    states = {row.number: row.state for row in books.rows(ApprovalRequest)}
    assert [states[f"2600000{n}"] for n in (1, 2, 3)] == ["approved", "in_approval", "approved"]
    assert len(books.rows(ApprovalMark)) == 2


async def test_y_approves_the_version_that_was_looked_at(seat: Seat, boss: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("c001.1 2d⏎")
    await boss.type("q⏎1")
    await seat.type("q1e 3d⏎")
    assert "was changed since you looked at it (version 2 now)" in await boss.type("y")
    await boss.type("<f3>1")
    assert (await boss.type("y")).startswith("Request 26000001 approved")
    assert (await boss.type("u")) == "Taken back: request 26000001 is in approval again."
    assert "(taken back)" in boss.page()
    assert books.row(ApprovalRequest).state == "in_approval"


async def test_a_reason_being_typed_begins_no_call(seat: Seat, boss: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("c001.1 1d⏎")
    calls = len(books.rows(Call))
    await boss.type("q⏎1n too late")
    await boss.desk.pause()
    await boss.type("<f12>n⏎too late as well")
    await boss.desk.pause()
    assert len(books.rows(Call)) == calls


async def test_a_caller_typed_in_the_queue_is_the_one_that_is_meant(seat: Seat, boss: Seat) -> None:
    await seat.sit()
    await seat.type("c001.1 1d⏎c001.2 1d⏎")
    await boss.type("q⏎↓")
    assert boss.desk.now.cursor == 1
    await boss.type(" Smiths⏎")
    assert "20418" in boss.echo


@pytest.mark.parametrize(("typed", "numbers"), [("2-5", (2, 3, 4, 5)), ("4,2", (2, 4)), ("1, 3-4", (1, 3, 4))])
def test_places(typed: str, numbers: tuple[int, ...]) -> None:
    assert places(typed) == numbers


def test_a_span_does_not_run_backwards() -> None:
    with pytest.raises(Invalid, match="no span"):
        places("5-2")
