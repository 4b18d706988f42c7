"""Documents gathered from the books: who, what, tax by rate, what they correct; statements as of any day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from csdesk.documents.paper import Statement, TaxPart
from csdesk.documents.text import paper_text, statement_text
from csdesk.documents.ubl import ubl
from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.models import (
    Allocation,
    Company,
    CreditAccount,
    Customer,
    Document,
    DocumentLine,
    ImportKey,
    OpenItem,
    ShipTo,
)
from csdesk.services import outbox, papers, papers_statement, particulars
from tests.documents.rules import broken
from tests.services.conftest import Desk
from tests.services.papers import approve, ask, bill, note_elsewhere, pieces, post_all, worth
from tests.services.talk import Talk
from tests.services.test_disputing import raised
from tests.support.seed import TODAY, acting


@pytest.fixture
def lettered(desk: Desk) -> Desk:
    """The desk of a company with a VAT number."""
    desk.change(Company, {"id": 1}, vat_number="US000000000", iban="000-000", email="accounts@quay.example")
    return desk


def test_an_invoice_whole(lettered: Desk) -> None:
    made = lettered.rep.read_now(papers.document, lettered.seeded.invoice)
    assert (made.kind, made.number, made.order_number) == ("invoice", "26000001", "26000001")
    assert (made.seller.name, made.buyer.code, made.buyer.street) == ("Quay Wholesale", "20417", "1 Quay Street")
    assert made.delivered_on == TODAY - timedelta(days=12)
    assert made.terms == "30 days net"
    assert [line.code for line in made.lines] == ["4711", "4720", "1035", "2208", "3319"]
    assert {line.category for line in made.lines} == {"S", "Z"}
    assert sum(part.tax for part in made.taxes) == made.tax
    assert sum(part.base for part in made.taxes) == made.net
    assert [(part.category, part.rate) for part in made.taxes] == [("S", Decimal(8)), ("Z", Decimal(0))]
    assert made.open == made.gross
    assert broken(ubl(made)) == []


def test_a_branch_is_billed_to_its_head_office_and_the_goods_go_to_the_branch(lettered: Desk) -> None:
    invoice = bill(lettered, ("4711", 2, 3680, 294), customer_id=4, account_id=3)
    made = lettered.rep.read_now(papers.document, invoice)
    assert made.buyer.name == "Northfield Foods Head Office"
    assert made.ship_to is not None
    assert made.ship_to.name == "Northfield Foods West"
    assert "Goods to  Northfield Foods West" in paper_text(made)


def test_the_postal_address_goes_before_the_one_of_the_goods(lettered: Desk) -> None:
    lettered.put(ShipTo, {"id": 77, "customer_id": 1, "kind": "postal", "line1": "PO Box 1", "is_default": False})
    made = lettered.rep.read_now(papers.document, lettered.seeded.invoice)
    assert made.buyer.street == "PO Box 1"
    assert made.ship_to is not None
    assert made.ship_to.street == "1 Quay Street"


def test_a_credit_note_of_a_part_and_of_a_value(lettered: Desk) -> None:
    made = ask(lettered.talk(), pieces(1, 2), worth(2, 105))
    approve(lettered, made)
    lettered.clock.pass_by(minutes=5)
    post_all(lettered)
    row = lettered.row(Document, kind="credit_note")
    note = lettered.rep.read_now(papers.document, row.id)
    assert note.corrects is not None
    assert (note.corrects.number, note.reason) == ("26000001", "Damaged")
    assert [(line.quantity, line.net) for line in note.lines] == [(2, 3680), (0, 105)]
    assert broken(ubl(note)) == []


def test_the_nth_part_credit_keeps_the_rules_though_its_cents_do_not_divide(lettered: Desk) -> None:
    invoice = bill(lettered, ("4711", 3, 1000, 80))
    for n in range(3):
        talk = lettered.talk()
        approve(lettered, ask(talk, pieces(1, 1), invoice=invoice, letter="dws"[n]))
        lettered.clock.pass_by(minutes=5)
        post_all(lettered)
    notes = [row.id for row in lettered.rows(Document, kind="credit_note")]
    made = [lettered.rep.read_now(papers.document, each) for each in notes]
    assert sum(each.gross for each in made) == 1080
    assert [broken(ubl(each)) for each in made] == [[], [], []]


def test_a_line_without_a_product_and_a_note_without_an_invoice(lettered: Desk) -> None:
    note = note_elsewhere(lettered, ("4711", 1, 500, 40), corrects=lettered.seeded.invoice)
    lettered.put(Document, {
        "id": 9991, "kind": "credit_note", "number": "CN-9991", "customer_id": 1, "account_id": 1, "issued_on": TODAY,
        "due_on": TODAY, "currency": "USD", "tax_method": "line", "rounding": "half_up", "net": 700, "tax": 0,
        "gross": 700, "reason": "goodwill", "source": "erp",
    })  # fmt: skip
    lettered.put(ImportKey, {"source": "erp", "entity": "document", "key": "9991", "subject_id": 9991, "row_hash": ""})
    lettered.put(DocumentLine, {
        "document_id": 9991, "line": 1, "product_id": None, "description": "Bonus of the year", "unit": "EA",
        "quantity": Decimal(0), "price": Decimal(0), "net": 700, "tax": 0, "tax_rate": Decimal(0),
    })  # fmt: skip
    lettered.put(OpenItem, {
        "id": 9991, "account_id": 1, "customer_id": 1, "source": "document", "source_id": 9991, "number": "CN-9991",
        "kind": "credit_note", "posted_on": TODAY, "due_on": TODAY, "currency": "USD", "face": -700, "open": -700,
    })  # fmt: skip
    lettered.change(CreditAccount, {"id": 1}, open_credit=lettered.account().open_credit + 700)
    made = lettered.rep.read_now(papers.document, 9991)
    assert (made.lines[0].code, made.lines[0].name, made.corrects) == ("", "Bonus of the year", None)
    assert made.reason == "Goodwill"
    assert broken(ubl(made)) == []
    assert lettered.rep.read_now(papers.find, f"CN-{note}").kind == "credit_note"


def test_an_exempt_customer_is_told_why_there_is_no_tax(lettered: Desk) -> None:
    lettered.change(Customer, {"id": 1}, tax_exempt=True, exempt_category="AE", vat_number="US000000001")
    invoice = bill(lettered, ("1035", 2, 178, 0))
    made = lettered.rep.read_now(papers.document, invoice)
    assert made.taxes == (TaxPart("AE", Decimal(0), 178, 0, "Reverse charge: the buyer accounts for the tax"),)
    assert broken(ubl(made)) == []
    lettered.change(Customer, {"id": 1}, exempt_category="", exempt_reason="School, section 12")
    made = lettered.rep.read_now(papers.document, invoice)
    assert (made.taxes[0].category, made.taxes[0].reason) == ("E", "School, section 12")
    assert broken(ubl(made)) == []


def test_a_setting_of_the_customer_never_touches_the_category_of_what_is_posted(lettered: Desk) -> None:
    """A note keeps the category it was posted with, and has that of its invoice's line where it tells one."""
    invoice = bill(lettered, ("1035", 2, 178, 0))  # brought in without a category
    told = bill(lettered, ("1035", 2, 178, 0), id=9901, tax_category="Z")
    first = credited(lettered, invoice)
    lettered.change(Customer, {"id": 1}, tax_exempt=True, exempt_category="AE")
    second, third = credited(lettered, told), credited(lettered, invoice)
    lettered.change(Customer, {"id": 1}, exempt_category="E", exempt_reason="School, section 12")
    found = [lettered.rep.read_now(papers.document, each) for each in (first, told, second, third, invoice)]
    reverse = "Reverse charge: the buyer accounts for the tax"
    assert [(each.taxes[0].category, each.taxes[0].reason) for each in found] == [
        ("Z", ""), ("Z", ""), ("Z", ""), ("AE", reverse), ("E", "School, section 12"),
    ]  # fmt: skip
    assert found[3].lines[0].category == "AE"


def credited(desk: Desk, invoice: int) -> int:
    """The credit note over one piece of an invoice's first line."""
    before = {row.id for row in desk.rows(Document, kind="credit_note")}
    approve(desk, ask(desk.talk(), pieces(1, 1), invoice=invoice, letter="w" if before else "d"))
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    (made,) = {row.id for row in desk.rows(Document, kind="credit_note")} - before
    return int(made)


def test_kinds_without_a_paper_say_so(desk: Desk) -> None:
    desk.put(Document, {
        "id": 9995, "kind": "write_off", "number": "W-1", "customer_id": 1, "account_id": 1, "issued_on": TODAY,
        "due_on": TODAY, "currency": "USD", "tax_method": "line", "rounding": "half_up", "net": 0, "tax": 0, "gross": 0,
        "source": "erp",
    })  # fmt: skip
    desk.put(ImportKey, {"source": "erp", "entity": "document", "key": "9995", "subject_id": 9995, "row_hash": ""})
    with pytest.raises(Refused, match="W-1 is a write off; it has no paper"):
        desk.rep.read_now(papers.document, 9995)
    with pytest.raises(NotFound, match="There is no document W-1"):
        desk.rep.read_now(papers.find, "W-1")
    with pytest.raises(NotFound, match="not in the books"):
        desk.rep.read_now(papers.document, 1)


def test_a_number_finds_its_document_and_asks_which_when_several_have_it(desk: Desk) -> None:
    found = desk.rep.read_now(papers.find, "26000001")
    assert (found.kind, found.id) == ("invoice", desk.seeded.invoice)
    assert desk.rep.read_now(papers.find, "26000001", "order").id == desk.seeded.invoiced_order
    assert desk.rep.read_now(papers.find, "26000002").kind == "order"
    note_elsewhere(desk, ("4711", 1, 500, 40), corrects=desk.seeded.invoice, id=9992)
    bill(desk, ("4711", 1, 500, 40), id=9993, number="CN-9992")
    with pytest.raises(Invalid, match="is the number of credit-note and invoice; say which with --kind"):
        desk.rep.read_now(papers.find, "CN-9992")
    assert desk.rep.read_now(papers.find, "CN-9992", "credit-note").id == 9992
    with pytest.raises(Invalid, match="'receipt' has no paper"):
        desk.rep.read_now(papers.find, "1", "receipt")


def test_a_confirmation_tells_what_is_promised_and_leaves_out_what_was_cancelled(desk: Desk, talk: Talk) -> None:
    order = talk.order(("4711", 12), ("1035", 6))
    talk.cancel(order, 2)
    made = desk.rep.read_now(papers.confirmation, order.id)
    assert (made.kind, made.number, made.revision) == ("order_confirmation", order.number, 2)
    assert [line.code for line in made.lines] == ["4711"]
    assert (made.net, made.gross) == (talk.again(order).net, talk.again(order).gross)
    assert "ORDER CONFIRMATION, REVISION 2" in paper_text(made)


def test_a_held_order_says_that_it_waits(desk: Desk, talk: Talk) -> None:
    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    made = desk.rep.read_now(papers.confirmation, talk.order(("4711", 1)).id)
    assert "waits for a release" in paper_text(made)


# ---------------------------------------------------------------- statements


def agrees(made: Statement) -> None:
    """Opening + movements = closing = open items = ageing."""
    moved = sum(each.debit - each.credit for each in made.movements)
    assert made.opening + moved == made.closing
    assert made.closing == sum(item.open for item in made.items) == sum(amount for _, amount in made.ages)
    assert statement_text(made)


def test_a_statement_agrees_with_itself_on_every_day(desk: Desk) -> None:
    """An invoice, a credit note set against it two days later, and that taken back again the day after."""
    days = {"issued_on": TODAY - timedelta(days=9), "due_on": TODAY - timedelta(days=3)}
    invoice = bill(desk, ("4711", 10, 20000, 1600), **days)
    note = note_elsewhere(
        desk, ("4711", 1, 2000, 160), corrects=invoice, issued_on=TODAY - timedelta(days=6), due_on=TODAY
    )
    for id_, amount, day, reverses in ((1, 2160, 4, None), (2, -2160, 1, 1)):
        desk.put(Allocation, {
            "id": id_, "debit_item_id": invoice, "credit_item_id": note, "amount": amount,
            "applied_on": TODAY - timedelta(days=day), "reverses_id": reverses,
        })  # fmt: skip
    seen = {}
    for back in range(14):
        made = desk.rep.read_now(papers_statement.statement, 1, TODAY - timedelta(days=back))
        agrees(made)
        seen[back] = {item.number: item.open for item in made.items}
    number = f"F-{invoice}"
    assert [seen[back].get(number) for back in (0, 1, 2, 4, 5, 9, 10)] == [
        21600, 21600, 19440, 19440, 21600, 21600, None
    ]  # fmt: skip
    assert seen[2].get(f"CN-{note}") is None
    assert seen[1][f"CN-{note}"] == -2160
    made = desk.rep.read_now(papers_statement.statement, 1, TODAY, TODAY - timedelta(days=7))
    assert [each.number for each in made.movements] == [f"CN-{note}"]
    assert made.overdue == 21600
    agrees(made)


def test_what_is_in_dispute_stands_apart_and_is_not_asked_for(desk: Desk) -> None:
    invoice = bill(desk, ("4711", 10, 20000, 1600), issued_on=TODAY - timedelta(days=40), due_on=TODAY)
    desk.clock.pass_by(days=10)
    part = raised(desk.store, 1600, item=invoice)
    made = desk.rep.read_now(papers_statement.statement, 1)
    agrees(made)
    assert (made.overdue, made.disputed, dict(made.ages)["1-30"], dict(made.ages)["Disputed"]) == (
        20000, 1600, 20000, 1600
    )  # fmt: skip
    said = statement_text(made)
    assert "Please pay the 200.00 USD that is past due." in said
    assert "16.00 USD is in dispute; we do not ask for it until it is settled." in said
    assert "(16.00" in said
    assert "disputed)" in said
    whole = raised(desk.store, 20000, item=invoice)
    made = desk.rep.read_now(papers_statement.statement, 1)
    assert (made.overdue, made.disputed) == (0, 21600)
    assert "Nothing is past due" in statement_text(made)
    before = desk.rep.read_now(papers_statement.statement, 1, TODAY)
    assert (before.disputed, part == whole) == (0, False), "as of a day before the dispute it is not in one"


def test_a_statement_is_of_the_account_and_names_the_branch(desk: Desk) -> None:
    bill(desk, ("4711", 1, 1000, 80), customer_id=4, account_id=3)
    made = desk.rep.read_now(papers_statement.statement, 4)
    assert made.debtor.name == "Northfield Foods Head Office"
    assert [(each.text, each.debit) for each in made.movements] == [("30101", 1080)]
    agrees(made)


def test_days_in_the_wrong_order_and_ahead_are_refused(desk: Desk) -> None:
    with pytest.raises(Invalid, match="lies ahead"):
        desk.rep.read_now(papers_statement.statement, 1, TODAY + timedelta(days=1))
    with pytest.raises(Invalid, match="begins before it ends"):
        desk.rep.read_now(papers_statement.statement, 1, date(2026, 1, 1), date(2026, 1, 2))
    with pytest.raises(NotFound, match="There is no customer X"):
        desk.rep.read_now(papers_statement.customer_of, "X")


def test_a_statement_is_mailed_once_a_day(desk: Desk) -> None:
    assert "waits in the outbox" in desk.rep.write_now(outbox.post_statement, 1)
    with pytest.raises(Conflict, match="was mailed already"):
        desk.rep.write_now(outbox.post_statement, 1)


# ---------------------------------------------------------------- particulars


def test_particulars_are_set_checked_and_shown(desk: Desk) -> None:
    admin = acting(desk.store, "admin1")
    for field, value, kept in (
        ("vat_number", "us 000000000", "US 000000000"),
        ("iban", "GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 32"),
        ("iban", "00000-000-0000000", "00000-000-0000000"),
        ("street", "  1  Quay ", "1 Quay"),
        ("bic", "exmpusny", "EXMPUSNY"),
    ):
        admin.write_now(particulars.set_company, field, value)
        assert desk.rep.read_now(particulars.company)[field] == kept
    for field, value, says in (
        ("vat_number", "0000", "begins with the two letters"),
        ("iban", "GB82 WEST 1234 5698 7654 33", "check digits are wrong"),
        ("country", "USA", "two letters of ISO 3166"),
        ("email", "nobody", "one address is wanted"),
        ("bic", "X", "8 or 11 signs"),
        ("name", "", "A company has a name"),
        ("tax_method", "guess", "there are line, document"),
        ("colour", "red", "is no field that can be set"),
        ("city", "x" * 101, "has room for 100 signs"),
    ):
        with pytest.raises(Invalid, match=says):
            admin.write_now(particulars.set_company, field, value)


def test_particulars_of_a_customer(desk: Desk) -> None:
    admin = acting(desk.store, "admin1")
    admin.write_now(particulars.set_customer, "20417", "tax_exempt", "yes")
    admin.write_now(particulars.set_customer, "20417", "exempt_category", "ae")
    row = desk.row(Customer, id=1)
    assert (row.tax_exempt, row.exempt_category, row.version) == (True, "AE", 3)
    with pytest.raises(Refused, match="needs the duty"):
        desk.rep.write_now(particulars.set_customer, "20417", "email", "a@b.example")
    with pytest.raises(NotFound):
        admin.write_now(particulars.set_customer, "nobody", "email", "a@b.example")
