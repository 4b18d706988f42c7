"""Cash, debits, goodwill, write-offs and the ledger on a past day by keys, with the rows they leave."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csdesk.models import Allocation, ApprovalRequest, BankLine, Document, OpenItem, Receipt
from csdesk.prompt.desk import Desk
from csdesk.services import applying, ledger, unidentified
from tests.prompt.seat import Seat
from tests.services import papers
from tests.services.conftest import Desk as Books
from tests.support.seed import TODAY, acting


async def at_desk(books: Books, login: str) -> Seat:
    """Somebody's desk with the customer found."""
    seat = Seat(Desk(acting(books.store, login)))
    await seat.desk.start()
    await seat.sit()
    return seat


@pytest.fixture
def two(books: Books) -> Books:
    """Two further invoices, 100.00 and 60.00."""
    papers.bill(books, ("4711", 10, 10_000, 0), id=9901, number="F-801", due_on=TODAY - timedelta(days=5))
    papers.bill(books, ("4711", 6, 6_000, 0), id=9902, number="F-802", due_on=TODAY + timedelta(days=5))
    return books


def opened(books: Books, *ids: int) -> list[int]:
    return [books.row(OpenItem, id=id).open for id in ids]


async def test_cash_is_taken_in_applied_by_hand_by_rule_and_taken_back(two: Books) -> None:
    seat = await at_desk(two, "cash1")
    assert (await seat.type("o+160 for F-802⏎")).startswith("Receipt 26000001: 160.00 USD from 20417")
    assert seat.page().startswith("CASH   1 unapplied")
    assert "F-802 60.00 (reference)" in seat.page()
    await seat.type("o1 801=40⏎")
    assert opened(two, 9901) == [6_000]
    await seat.type("o1⏎")
    assert sum(opened(two, 9901, 9902)) == 0
    assert {row.why for row in two.rows(Allocation)} == {"hand", "reference", "exact"}
    await seat.type("o-1⏎")
    assert sum(opened(two, 9901, 9902)) > 0
    assert len([row for row in two.rows(Allocation) if row.amount < 0]) == 1


async def test_a_small_rest_and_a_bounced_cheque(two: Books) -> None:
    seat = await at_desk(two, "cash1")
    await seat.type("o+97.50 cheque⏎o1 801m⏎")
    assert "Small difference 26000001 posted: 2.50 USD of F-801" in seat.echo
    assert opened(two, 9901) == [0]
    await seat.type("o!001 no funds⏎")
    assert seat.echo == "Receipt 26000001 reversed by 26000001: no funds."
    assert opened(two, 9901) == [9_750]
    assert two.row(Document, kind="reversal").receipt_id == two.row(Receipt).id


async def test_money_without_an_owner_is_placed_by_a_number_or_on_a_call(two: Books) -> None:
    cash = two.as_("cash1")
    cash.write_now(unidentified.take_in, 6_000, TODAY, "", "F-802")
    cash.write_now(unidentified.take_in, 777, TODAY, "nobody knows")
    seat = await at_desk(two, "cash1")
    await seat.type("q1")
    assert "WHOSE MONEY?   26000001   60.00 USD" in seat.page()
    assert "names F-802" in seat.page()
    await seat.type("1")
    assert seat.echo.startswith("26000001 is receipt 26000001 of 20417")
    await seat.type("1")
    assert "nobody fits; find the customer, then o=26000002" in seat.echo
    await seat.type("<f3>o=002⏎")
    assert seat.echo.startswith("26000002 is receipt 26000002 of 20417")
    assert [row.state for row in two.rows(BankLine)] == ["identified", "identified"]
    assert "No money waits" in await seat.type("o=2⏎")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("o1⏎", "There is no credit 1 with money left; o shows them."),
        ("o-3⏎", "There is no application 3; o shows the latest."),
        ("o!999 why⏎", "No receipt of this account ends in 999"),
        ("o+0⏎", "A receipt is above 0"),
        ("@31/2⏎", "'31/2' is no past day; type 30/4, 30/4/16 or -7."),
        ("g25x⏎", "'x' is no reason here"),
        ("g0g⏎", "A credit is above 0"),
        ("g25g 13⏎", "'13' is no month"),
        ("n001.9 2p⏎", "Invoice 26000001 has no line 9; it has 5."),
        ("n001.1 =0p⏎", "comes to nothing"),
    ],
)
async def test_what_cannot_be_stays_typed_with_one_sentence(two: Books, typed: str, said: str) -> None:
    login = "rep7" if typed[0] in "gn@" else "cash1"
    seat = await at_desk(two, login)
    assert said in await seat.type(typed)
    assert seat.prompt == typed.removesuffix("⏎")
    assert (two.rows(Allocation), two.rows(Receipt), two.rows(ApprovalRequest)) == ([], [], [])


async def test_a_rep_may_look_but_not_touch(two: Books) -> None:
    seat = await at_desk(two, "rep7")
    await seat.type("o⏎")
    assert seat.page().startswith("CASH   0 unapplied")
    assert "needs the duty 'cash.apply'" in await seat.type("o+50⏎")


async def test_a_debit_request_has_the_shape_of_a_credit(two: Books) -> None:
    seat = await at_desk(two, "rep7")
    seat.desk.sync_keys("n001.1 2p")
    await seat.desk.look()
    assert seat.echo.startswith("asks debit ")
    seat.desk.sync_keys("")
    await seat.type("n001.1 2p price list of May⏎")
    assert "Debit request 26000001:" in seat.echo
    request = two.row(ApprovalRequest)
    assert (request.kind, request.reason, request.note) == ("debit_note", "price-wrong", "price list of May")
    two.as_("lead3").write_now(papers.approving.approve, request.id)
    two.clock.pass_by(minutes=2)
    assert papers.post_all(two)[0].startswith("Debit note 26000001 posted")
    note = two.row(Document, kind="debit_note")
    assert (note.corrects_id, two.row(OpenItem, source_id=note.id).open) == (two.seeded.invoice, note.gross)


async def test_goodwill_is_asked_for_without_an_invoice(two: Books) -> None:
    seat = await at_desk(two, "rep7")
    await seat.type("g25g 2 sorry for the wait⏎")
    assert seat.echo.startswith("Goodwill 26000001: 25.00 USD for Feb 2026, to be approved by supervisor")
    request = two.row(ApprovalRequest)
    assert (request.kind, request.document_id, request.amount) == ("goodwill_credit", None, 2_500)
    two.as_("boss1").write_now(papers.approving.approve, request.id)
    two.clock.pass_by(minutes=2)
    assert "without an invoice" in papers.post_all(two)[0]
    assert two.row(OpenItem, kind="credit_note").open == -2_500


async def test_the_form_of_goodwill_ends_in_its_short_line(two: Books) -> None:
    seat = await at_desk(two, "rep7")
    await seat.type("g⏎25.50⏎g⏎")
    assert "(short: g25.50g)" in seat.echo
    assert two.row(ApprovalRequest).amount == 2_550


async def test_a_write_off_is_asked_for_by_its_ending(two: Books) -> None:
    seat = await at_desk(two, "coll1")
    seat.desk.sync_keys("f802j")
    await seat.desk.look()
    assert seat.echo == "asks to write off 60.00 USD of F-802  (Not worth pursuing); needs: finance"
    seat.desk.sync_keys("")
    await seat.type("f802j gone away⏎")
    assert (two.row(ApprovalRequest).kind, two.row(ApprovalRequest).amount) == ("write_off", 6_000)
    await seat.type("u")
    assert two.row(ApprovalRequest).state == "withdrawn"


async def test_the_forms_of_a_write_off_and_of_a_past_day(two: Books) -> None:
    seat = await at_desk(two, "coll1")
    await seat.type("f⏎802⏎j⏎")
    assert "(short: f802j)" in seat.echo
    assert two.row(ApprovalRequest).amount == 6_000
    await seat.type("@⏎-1⏎")
    assert "as of" in seat.page()


async def test_the_ledger_stands_as_it_stood(two: Books) -> None:
    cash = two.as_("cash1")
    money = cash.write_now(applying.receive, 1, 10_000, TODAY, "", "").id
    two.clock.pass_by(days=3)
    cash.write_now(applying.apply, None, money, 9901)
    seat = await at_desk(two, "rep7")
    await seat.type("@-1⏎")
    assert f"as of {TODAY + timedelta(days=2):%d %b %Y}" in seat.page()
    assert "F-801" in seat.page()
    await seat.type("l")
    assert "as of" not in seat.page()
    assert "F-801" not in seat.page()


async def test_pages_of_a_long_ledger_are_turned_at_their_ends(two: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "PAGE", 2)
    seat = await at_desk(two, "rep7")
    await seat.type("l")
    assert "PgDn at the end: more" in seat.page()
    first = seat.page()
    await seat.type("⇲<pagedown>")
    assert "PgUp at the top: before" in seat.page()
    assert seat.page() != first
    await seat.type("↑")
    assert seat.page().splitlines()[0] == first.splitlines()[0]
