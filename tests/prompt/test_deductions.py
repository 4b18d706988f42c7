"""Deductions by keys, from the list to the end, with the rows they leave."""

from __future__ import annotations

import pytest

from csdesk.models import ApprovalRequest, CustomerReason, Dispute, DisputeEvent, DisputeEvidence
from csdesk.prompt.desk import Desk
from csdesk.services import approving, posting
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books
from tests.services.conftest import faults
from tests.services.test_disputing import FACE, pay, raised
from tests.support.seed import acting


@pytest.fixture
async def clerk(books: Books) -> Seat:
    """The desk of who works deductions, nobody on the line; the invoice is 39.74 short."""
    pay(books.store, FACE - 3974)
    seat = Seat(Desk(acting(books.store, "coll1")))
    await seat.desk.start()
    return seat


async def test_a_deduction_from_the_list_to_credited(clerk: Seat, books: Books) -> None:
    id = raised(books.store, 3974, "")
    await clerk.type("s⏎")
    assert clerk.page().startswith("DEDUCTIONS   of all customers   1")
    assert "first: 5 days left, 39.74 USD" in clerk.page()
    await clerk.type("1")
    assert clerk.page().startswith("DEDUCTION 26000001")
    assert "rd gives its reason" in clerk.page()
    await clerk.type("rd⏎")
    assert clerk.echo.startswith("Deduction 26000001 is Damaged")
    await clerk.type("te pod P-77 crushed⏎y⏎")
    assert clerk.echo == "Deduction 26000001 is valid."
    assert "evidence: proof of delivery P-77, crushed" in clerk.page()
    clerk.desk.sync_keys("c1 2")
    await clerk.desk.look()
    assert clerk.echo.startswith("asks credit 39.74 USD on invoice 26000001: line 1, 2 EA")
    await clerk.type("⏎")
    assert "settled by request 26000001 in approval" in clerk.page()
    await clerk.type("u")
    assert clerk.echo == "Undone: deduction 26000001 is valid as before."
    await clerk.type("c1 2⏎")
    request = books.row(ApprovalRequest, number="26000002")
    books.lead.write_now(approving.approve, request.id)
    books.clock.pass_by(minutes=5)
    books.store.write_now(posting.post, request.id)
    row = books.row(Dispute, id=id)
    assert (row.state, row.reason, row.request_id) == ("closed", "damaged", request.id)
    assert [each.reference for each in books.rows(DisputeEvidence)] == ["P-77"]
    assert [each.event for each in books.rows(DisputeEvent)] == [
        "open", "code", "research", "accept", "request", "undo", "request", "credit", "credited"
    ]  # fmt: skip
    await clerk.type("<f3>")
    assert clerk.page().startswith("DEDUCTIONS")
    await clerk.type("<f3>")
    assert clerk.page().startswith("READY")
    assert faults(books.store) == []


async def test_on_a_call_it_is_billed_back_and_taken_back(clerk: Seat, books: Books) -> None:
    id = raised(books.store, 3974)
    await clerk.sit()
    await clerk.type("lll")
    assert "26000001 disputed" in clerk.page()
    assert "26000001 coded 02 Apr" in clerk.page()
    assert "   disputed 39.74" in clerk.page()
    await clerk.type("⏎n signed for⏎b⏎")
    assert clerk.echo == "Deduction 26000001 is billed back, 39.74 USD due again."
    assert books.row(Dispute, id=id).state == "closed"
    await clerk.type("u")
    assert books.row(Dispute, id=id).state == "invalid"
    await clerk.type("s⏎⏎")
    assert clerk.page().startswith("DEDUCTION 26000001"), "no short payment is left, so s shows the account's"
    await clerk.type("wj⏎")
    assert "to be approved by finance" in clerk.echo
    await clerk.type("<f3>")
    assert clerk.page().startswith("DEDUCTIONS   of 20417   1")
    assert faults(books.store) == []


async def test_the_customers_own_code_on_the_phone(seat: Seat, books: Books) -> None:
    books.add(CustomerReason, account_id=1, code="47", reason="wrong-item")
    pay(books.store, FACE - 3974)
    await seat.sit()
    echo = await seat.type("s1:47 as they wrote⏎")
    assert echo.startswith("Dispute 26000001: 39.74 USD short on 26000001 (Wrong item)")
    row = books.row(Dispute)
    assert (row.reason, row.their_code, row.note) == ("wrong-item", "47", "as they wrote")


async def test_letters_of_a_deduction_want_one_that_is_shown(clerk: Seat) -> None:
    await clerk.type("s⏎t")
    assert "Show a deduction first" in clerk.echo
    assert clerk.tone == "wrong"
