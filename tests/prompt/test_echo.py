"""Enter is never blind: what the echo says of money, in forms too, and that Enter does it to what was shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csdesk.models import Allocation, ApprovalRequest, BankLine, Dispute, OpenItem, Reason, Receipt, SalesOrder
from csdesk.prompt import previewing
from csdesk.prompt.desk import Desk
from csdesk.prompt.verbs import VERBS
from csdesk.services import applying, disputing, unidentified
from tests.prompt.books import digest
from tests.prompt.seat import Seat
from tests.services import papers
from tests.services.conftest import Desk as Books
from tests.services.test_disputing import FACE, pay, raised
from tests.support.seed import TODAY, acting

# Verbs that show something and change nothing, and what is done at once by its letter: no text is typed behind it.
READING = {"history", "ledger", "cash", "queue", "collections", "deductions", "jump", "help", "find", "promised",
           "handover", "tickets", "ticket-clocks", "their-tickets"}  # fmt: skip
AT_ONCE = {"commit", "approve", "withdraw", "deduction-take", "undo", "end", "helped"}


@pytest.mark.parametrize("verb", VERBS, ids=lambda each: each.id)
def test_every_verb_that_writes_has_words_of_its_own(verb) -> None:  # type: ignore[no-untyped-def]
    """So that no example text of the verb table is ever taken for what Enter would do."""
    told = verb.id in previewing.WORDS
    assert told is (verb.id not in READING | AT_ONCE)
    if verb.id in AT_ONCE:
        assert verb.at_once
        assert not verb.pattern.groups


async def at_desk(books: Books, login: str, customer: str = "20417") -> Seat:
    """Somebody's desk, with the customer found where one is named."""
    seat = Seat(Desk(acting(books.store, login)))
    await seat.desk.start()
    if customer:
        await seat.type(f"{customer}⏎")
    return seat


async def echo(seat: Seat, typed: str) -> str:
    """The echo of a typed line, as one sees it before Enter."""
    seat.desk.sync_keys(typed)
    seat.desk.now.echo = type(seat.desk.now.echo)()
    seat.desk.now.meant = None
    await seat.desk.look()
    return seat.echo


@pytest.fixture
def cash(books: Books) -> Books:
    """Two invoices (100.00, 60.00), a receipt of 160.00 with 100.00 of it applied to the first, and waiting money."""
    papers.bill(books, ("4711", 10, 10_000, 0), id=9901, number="F-801", due_on=TODAY - timedelta(days=5))
    papers.bill(books, ("4711", 6, 6_000, 0), id=9902, number="F-802", due_on=TODAY + timedelta(days=5))
    cashier = books.as_("cash1")
    money = cashier.write_now(applying.receive, 1, 16_000, TODAY, "", "F-802").id
    cashier.write_now(applying.apply, None, money, 9901, 10_000)
    cashier.write_now(unidentified.take_in, 777, TODAY, "Jo")
    return books


async def test_what_cash_verbs_would_do_stands_there_in_amounts(cash: Books) -> None:
    seat = await at_desk(cash, "cash1")
    before = digest(cash.store)
    for typed, said in (
        ("o+0", "A receipt is above 0"),
        ("o+250 ref", "takes in 250.00 USD from 20417 Harbour View Deli, received today"),
        ("o1", "applies 26000001 by rule: F-802 60.00 (reference)"),
        ("o1 802", "applies 60.00 USD of 26000001 to F-802: 0.00 stay open of it, 0.00 left of the credit"),
        ("o1 802=40,5", "applies 40.50 USD of 26000001 to F-802: 19.50 stay open of it, 19.50 left of the credit"),
        ("o1 802=57.50m", "applies 57.50 USD of 26000001 to F-802; the missing 2.50 USD are posted as a small diff"),
        ("o1 802=40d", "the missing 20.00 USD are a deduction (Damaged); final, u does not take it back"),
        ("o1 802=10m", "no tier covers it"),
        ("o1 802=70", "60.00 USD are open of F-802, not more."),
        ("o2 802", "There is no credit 2 with money left"),
        ("o-1", "takes back 100.00 USD of 26000001 on F-801, applied 03 Mar 2026; both are open again"),
        ("o-5", "There is no application 5; o shows the latest."),
        ("o!001 bounced", "reverses receipt 26000001 of 03 Mar 2026, 160.00 USD, 100.00 it paid are open again; final"),
        ("o=1", "makes 26000001, 7.77 USD of Jo, 03 Mar 2026, a receipt of 20417 Harbour View Deli"),
        ("o=7", "No money waits whose number ends in 7"),
    ):
        assert said in await echo(seat, typed), typed
    assert digest(cash.store) == before
    rep = await at_desk(cash, "rep7")
    assert "needs the duty 'cash.apply'" in await echo(rep, "o+250")


async def test_requests_name_their_amount_and_who_decides(cash: Books) -> None:
    cash.put(Reason, {"code": "returned", "letter": "b", "name": "Returned", "uses": "credit short"})
    seat = await at_desk(cash, "lead3")
    for typed, said in (
        ("n001.1 2p", "(Price wrong); needs: lead"),
        ("g25g", "asks goodwill of 25.00 USD for Mar 2026; needs: supervisor"),
        ("c001.1 2b", "0 came back and are not credited yet"),
    ):
        assert said in await echo(seat, typed), typed
    coll = await at_desk(cash, "coll1")
    assert (await echo(coll, "f802j")).endswith("60.00 USD of F-802  (Not worth pursuing); needs: finance")


async def test_the_words_of_a_deduction_are_those_of_the_one_that_is_shown(books: Books) -> None:
    pay(books.store, FACE - 3974)
    raised(books.store, 3974, "")
    seat = await at_desk(books, "coll1", "")
    await seat.type("s⏎1")
    assert "gives deduction 26000001, 39.74 USD, the reason Damaged; to be solved by" in await echo(seat, "rd")
    assert "cannot take" in await echo(seat, "y"), "it has no reason yet, so Enter would refuse"
    await seat.type("<f12>rd⏎")
    for typed, said in (
        ("y 20", "valid: 20.00 of 39.74 USD of deduction 26000001"),
        ("y 39.74", "more than 0 and less than the 39.74 USD"),
        ("n signed for", "deduction 26000001 is not valid: 39.74 USD stay owed; signed for"),
        ("e pod 7", "notes proof of delivery 7 with deduction 26000001"),
        ("e pdo 7", "'pdo' is no kind of evidence"),
        ("b", "cannot take 'bill_back'"),
    ):
        assert said in await echo(seat, typed), typed
    await seat.type("<f12>y 20⏎")
    for typed, said in (
        ("b", "bills back 39.74 USD of 26000001: out of dispute, due again"),
        ("wj", "asks to write off 39.74 USD of 26000001  (Not worth pursuing); needs: finance"),
        ("c1 1", "asks credit 19.87 USD on invoice 26000001: line 1, 1 EA"),
        ("c1 2", "39.74 USD are more than the 20.00 USD that are valid of deduction 26000001."),
        ("a123", "No credit request 123 of this account waits or is posted."),
    ):
        assert said in await echo(seat, typed), typed


async def test_the_queue_says_what_a_line_decides(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("c001.1 1d⏎c001.2 1d⏎g25g⏎q3")
    assert "asks 13.99 USD (Damaged) instead" not in await echo(seat, "e 1d")
    said = await echo(seat, "e 2d")
    assert said.startswith("asks 39.74 USD (Damaged) instead of 19.87 USD with request 26000001")
    assert said.endswith("needs: lead")
    assert "is left" in await echo(seat, "e 99d") or "are left" in seat.echo
    boss = await at_desk(books, "boss1", "")
    await boss.type("q⏎")
    total = sum(row.amount for row in books.rows(ApprovalRequest, kind="credit_note"))
    said = await echo(boss, "y1-2")
    assert said.startswith(f"approves 2 requests of {total / 100:.2f} USD in all: 26000001 19.87, 26000002 ")
    assert "'2-1' is no span" in await echo(boss, "y2-1")
    assert "3 requests to decide are listed" in await echo(boss, "y1-9")
    assert "Only requests of one kind and tier" in await echo(boss, "y1-3")
    await boss.type("<f12>1")
    assert await echo(boss, "n not on the slip") == "rejects credit 26000001, 19.87 USD: not on the slip"
    assert {row.state for row in books.rows(ApprovalRequest)} == {"in_approval"}


async def test_a_form_says_the_sum_before_its_last_enter(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("c⏎001⏎")
    await seat.desk.look()
    assert seat.echo.startswith("Which line of it?")
    await seat.type("⏎2⏎")
    await seat.desk.look()
    first = seat.echo
    assert first.startswith("Enter: asks credit 39.74 USD on invoice 26000001: line 1, 2 EA 4711 Olive oil")
    assert first.endswith(f"[c001.1 2{seat.desk.face.page.rows[0].cells[1]}]")
    await seat.type("↓")
    await seat.desk.look()
    assert seat.echo != first
    assert seat.echo.startswith("Enter: asks credit 39.74 USD")
    await seat.type("1")
    await seat.desk.look()
    assert seat.echo == first, "a digit marks the last answer, it does not act"
    assert books.rows(ApprovalRequest) == []
    for key in "d":
        await seat.desk.press(key)
    await seat.desk.look()
    assert "(Damaged); needs: lead" in seat.echo
    assert (await seat.type("⏎")).startswith("Credit request 26000001: 39.74 USD")


async def test_a_number_means_the_row_that_is_shown_whatever_others_do(cash: Books) -> None:
    """Two applications; a colleague takes the latest back while the page is open: mine is then another one's place."""
    cashier = cash.as_("cash1")
    money = cash.row(OpenItem, source="receipt").id
    late = cashier.write_now(applying.apply, None, money, 9902, 5_000).id
    for where in ("o⏎", ""):
        seat = await at_desk(cash, "cash1")
        await seat.type(where)
        assert "50.00 USD of 26000001 on F-802" in await echo(seat, "o-1")
        cashier.write_now(applying.unapply, None, late)
        assert "taken back already" in await seat.type("⏎")
        assert cash.row(OpenItem, id=9901).open == 0, "the other application stands"
        late = cashier.write_now(applying.apply, None, money, 9902, 5_000).id


async def test_a_short_payment_is_the_one_that_was_seen(seat: Seat, books: Books) -> None:
    papers.bill(books, ("4711", 10, 10_000, 0), id=9901, number="F-801", due_on=TODAY)
    pay(books.store, FACE - 3974)
    cashier = books.as_("cash1")
    cashier.write_now(applying.apply, None, cashier.write_now(applying.receive, 1, 9_000, TODAY).id, 9901)
    await seat.sit()
    shown = seat.desk.now.shown.places["short"]  # type: ignore[union-attr]
    assert len(shown) == 2
    assert f"short on {shown[0].number}" in await echo(seat, "s1d")
    other = books.talk()
    books.rep.write_now(disputing.code, other.call, 1, "d")
    assert f"The short payment of {shown[0].number} was changed since you looked" in await seat.type("⏎")
    assert len(books.rows(Dispute)) == 1


async def test_what_cash_did_is_taken_back_by_u_or_says_that_it_is_final(cash: Books) -> None:
    seat = await at_desk(cash, "cash1")
    await seat.type("o-1⏎")
    assert cash.row(OpenItem, id=9901).open == 10_000
    assert await seat.type("u") == "Undone: 100.00 USD of 26000001 applied to F-801 again"
    assert cash.row(OpenItem, id=9901).open == 0
    assert [row.amount for row in cash.rows(Allocation)] == [10_000, -10_000, 10_000]
    await seat.type("o=1⏎")
    assert [row.state for row in cash.rows(BankLine)] == ["identified"]
    assert "the money waits for its owner again" in await seat.type("u")
    assert [row.state for row in cash.rows(BankLine)] == ["waiting"]
    await seat.type("o!001 no funds⏎")
    assert len(cash.rows(Receipt)) == 2
    assert "stays reversed; take the money in anew (o+)" in await seat.type("u")


async def test_a_draft_that_is_hidden_by_the_queue_is_not_placed(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("c001.1 1d⏎g25g⏎n001.1 2p⏎4711 1⏎")
    orders = len(books.rows(SalesOrder))
    await seat.type("q")
    assert "1 " in seat.page()
    for key in (".", "<f12>", ",", "<f12>", "+", "<f12>", "<f9>"):
        await seat.type(key)
        await seat.type("q")
    assert len(books.rows(SalesOrder)) == orders
    for row, words in (("1", "x withdraws"), ("2", "e =25g  edits   x withdraws"), ("3", "e 1d  edits   x withdraws")):
        await seat.type(f"q{row}")
        assert words in seat.page()
        assert ("edits" in seat.page()) is (row != "1"), "a debit is withdrawn, not edited"
    await seat.type("<f3><f3>.")
    assert len(books.rows(SalesOrder)) == orders + 1


async def test_the_form_of_a_credit_shows_the_lines_of_the_whole_number(seat: Seat, books: Books) -> None:
    papers.bill(books, ("4720", 1, 1_295, 0), id=9905, number="512", due_on=TODAY)
    papers.bill(books, ("4711", 9, 9_000, 0), id=9906, number="70512", due_on=TODAY)
    await seat.sit()
    await seat.type("c⏎512⏎")
    assert "4720" in seat.page()
    assert "4711" not in seat.page()
    await seat.type("<f3>12⏎")
    assert "70512" in seat.echo
    assert "end so; type more" in seat.echo
    await seat.type("<f12>")
