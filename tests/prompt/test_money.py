"""Ledger, credit requests, approvals, promises and short payments by keys, with the rows they leave."""

from __future__ import annotations

import pytest

from csdesk.models import Allocation, ApprovalMark, ApprovalRequest, Callback, CreditClaim, Dispute, OpenItem, Promise
from csdesk.prompt import line
from csdesk.prompt.desk import Desk
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books
from tests.support.seed import TODAY, acting


@pytest.fixture
async def boss(books: Books) -> Seat:
    """The supervisor's desk, nobody on the line."""
    seat = Seat(Desk(acting(books.store, "boss1")))
    await seat.desk.start()
    return seat


async def test_a_credit_request_in_ten_keys(seat: Seat, books: Books) -> None:
    await seat.sit()
    echo = await seat.type("c001.1 2d⏎")
    assert echo.startswith("Credit request 26000001: ")
    assert "on invoice 26000001 (Damaged), to be approved by lead" in echo
    request, claim = books.row(ApprovalRequest), books.row(CreditClaim)
    assert (request.state, request.reason, request.amount) == ("in_approval", "damaged", claim.net + claim.tax)
    assert (claim.line, claim.quantity, claim.state) == (1, 2, "pending")
    await seat.type("u")
    assert (books.row(ApprovalRequest).state, books.row(CreditClaim).state) == ("withdrawn", "void")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("c999.1 2d⏎", "This customer has no invoice that ends in 999"),
        ("c001.9 2d⏎", "Invoice 26000001 has no line 9; it has 5."),
        ("c001.1 999d⏎", "are left to credit"),
        ("c001.1 2c⏎", "'c' is no reason here"),
        ("c001.1 =9999d⏎", "are left to credit"),
    ],
)
async def test_a_wrong_credit_stays_with_its_reason_and_asks_nothing(
    seat: Seat, books: Books, typed: str, said: str
) -> None:
    await seat.sit()
    assert said in await seat.type(typed)
    assert seat.prompt == typed.removesuffix("⏎")
    assert books.rows(ApprovalRequest) == []


async def test_the_echo_tells_a_credit_before_it_is_asked(seat: Seat) -> None:
    await seat.sit()
    seat.desk.sync_keys("c001.1 2d")
    await seat.desk.look()
    assert seat.echo.startswith("asks credit ")
    assert "on invoice 26000001: line 1, 2 EA" in seat.echo


async def test_a_supervisor_approves_the_second_of_three_by_two_keys(seat: Seat, boss: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("c001.1 1d⏎c001.2 1d⏎c001.3 1d⏎")
    await boss.type("q⏎")
    assert boss.page().startswith("MY QUEUE   3 waiting")
    await boss.type("2")
    assert boss.page().startswith("REQUEST 26000002")
    assert "balance" in boss.page()
    assert "y approves" in boss.page()
    assert (await boss.type("y")).startswith("Request 26000002 approved")
    states = {row.number: row.state for row in books.rows(ApprovalRequest)}
    assert states == {"26000001": "in_approval", "26000002": "approved", "26000003": "in_approval"}
    assert [mark.decision for mark in books.rows(ApprovalMark)] == ["approve"]
    assert boss.page().startswith("MY QUEUE   2 waiting")


async def test_a_rejection_wants_a_reason_and_frees_what_was_held(seat: Seat, boss: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("c001.1 1d⏎")
    await boss.type("q⏎1n⏎")
    assert boss.tone == "ask", "n alone opens its form"
    await boss.type("not on the slip⏎")
    assert boss.echo.startswith("Request 26000001 rejected: not on the slip.")
    assert (books.row(ApprovalRequest).why, books.row(CreditClaim).state) == ("not on the slip", "void")


async def test_y_without_a_request_that_is_shown_says_what_to_do(boss: Seat) -> None:
    await boss.type("q⏎y⏎")
    assert "Show a request first" in boss.echo
    assert boss.tone == "wrong"
    await boss.type("<f12><f3>")
    assert boss.page().startswith("READY")


async def test_a_rep_sees_no_approvals_but_the_queue(seat: Seat) -> None:
    await seat.sit()
    assert await seat.type("q") == "nothing waits"
    assert seat.page().startswith("MY QUEUE   0 waiting")


async def test_line_mode_approves_too(seat: Seat, boss: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("c001.1 1d⏎")
    for typed in ("q", "1", "y"):
        assert await line.enter(boss.desk, typed)
    assert books.row(ApprovalRequest).state == "approved"


async def test_the_ledger_goes_round_and_every_row_tells_itself(seat: Seat) -> None:
    await seat.sit()
    await seat.type("l")
    assert seat.page().startswith("LEDGER   open")
    assert "balance 355.28 USD" in seat.page()
    await seat.type("⏎")
    assert seat.page().startswith("INVOICE 26000001")
    await seat.type("l")
    for shown in ("overdue", "disputed", "all", "open"):
        await seat.type("l")
        assert seat.page().startswith(f"LEDGER   {shown}")
    await seat.type("<f3>")
    assert seat.page().startswith("CUSTOMER")


async def test_a_promise_with_its_callback(seat: Seat, books: Books) -> None:
    await seat.sit()
    echo = await seat.type("p01 19 c14⏎")
    assert echo == "Promised: 355.28 USD of 26000001 on Thu 19 Mar, callback Fri 20 Mar 14:00."
    promise, callback = books.row(Promise), books.row(Callback)
    assert (promise.amount, str(promise.promised_on), promise.state) == (35528, "2026-03-19", "open")
    assert promise.callback_id == callback.id
    await seat.type("p01 fri⏎")
    assert sorted(row.state for row in books.rows(Promise)) == ["open", "withdrawn"], "a later promise replaces it"
    await seat.type("uu")
    assert {row.state for row in books.rows(Promise)} == {"withdrawn"}


async def test_a_promise_for_nothing_is_refused(seat: Seat, books: Books) -> None:
    await seat.sit()
    assert "No open item of this account ends in 77" in await seat.type("p77 19⏎")
    await seat.type("<f12>")
    assert "'25' is no time of day" in await seat.type("p01 19 c25⏎")
    assert books.rows(Promise) == []


async def test_a_short_payment_is_coded_and_disputed(seat: Seat, books: Books) -> None:
    pay_short(books)
    await seat.sit()
    assert "Short payment 1: invoice 26000001, 36.80 of 355.28 unpaid" in seat.page()
    await seat.type("s⏎1d⏎")
    assert seat.echo.endswith("(short: s1d)")
    await seat.type("u")
    echo = await seat.type("s1d⏎")
    assert echo.startswith("Dispute 26000002: 36.80 USD short on 26000001 (Damaged), to be solved by")
    [dispute] = [row for row in books.rows(Dispute) if row.closed_at is None]
    assert (dispute.state, dispute.original, dispute.open, dispute.reason) == ("coded", 3680, 3680, "damaged")
    assert "Short payment" not in seat.page()
    await seat.type("lll")
    assert "26000001 disputed" in seat.page()
    assert "No short payment waits" in await seat.type("s1d⏎")
    await seat.type("<f12>u")
    assert {row.state for row in books.rows(Dispute)} == {"withdrawn"}


def pay_short(books: Books) -> None:
    """All of the invoice but 36.80 is paid."""
    paid = 35528 - 3680
    books.put(OpenItem, {
        "id": 77001, "account_id": 1, "customer_id": 1, "source": "receipt", "source_id": 77, "number": "R77",
        "kind": "receipt", "posted_on": TODAY, "due_on": TODAY, "currency": "USD", "face": -paid,
        "open": 0,
    })  # fmt: skip
    books.put(Allocation, {"id": 77002, "debit_item_id": 9301, "credit_item_id": 77001, "amount": paid,
                           "applied_on": TODAY})  # fmt: skip
    books.change(OpenItem, {"id": 9301}, open=3680)
    from csdesk.models import CreditAccount

    books.change(CreditAccount, {"id": 1}, open_debit=3680)
