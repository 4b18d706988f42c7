"""`csdesk check`: the small desk passes every check, and for every check there is a wrong that makes it fail."""

from __future__ import annotations

from decimal import Decimal

import pytest

from csdesk.errors import Refused
from csdesk.models import Dispute, DisputeEvent, ImportRun, PriceOverride
from csdesk.rules.credit_notes import LineCredit
from csdesk.services import calls, care, credits, invariants
from csdesk.store import Store
from tests.support import verbs
from tests.support.clock import NOW
from tests.support.forge import forge
from tests.support.seed import Seeded, acting, put

OPEN = "WHERE order_id = 9002 AND line = 1"
# check -> (what somebody did to the database, what the check says)
WRONGS: dict[str, list[tuple[str, str]]] = {
    "stock.reserved": [
        ("UPDATE stock SET reserved = reserved + 1000 WHERE product_id = 101",
         "product 4711 in MAIN: reserved 13, orders hold 12"),
        (f"DELETE FROM reservation {OPEN}", "product 4711 in MAIN: reserved 12, orders hold 0"),
        ("DELETE FROM stock WHERE product_id = 102", "product 4720 in MAIN: reserved 0, orders hold 6"),
    ],
    "receipt.reserved": [("UPDATE expected_receipt SET reserved = 500", "reserved 0.5, orders hold 0")],
    "stock.oversold": [
        ("UPDATE stock SET on_hand = 11999 WHERE product_id = 101", "4711 in MAIN: 12 reserved of 11.999"),
    ],
    "order.totals": [
        ("UPDATE sales_order SET net = net - 1, gross = gross - 1 WHERE id = 9002", "order 26000002: net"),
        (f"UPDATE order_line SET tax = tax + 1 {OPEN}", "order 26000002: tax"),
        ("UPDATE sales_order SET gross = gross + 1 WHERE id = 9001", "order 26000001: gross is not net plus tax"),
        ("DELETE FROM order_line WHERE order_id = 9001", "order 26000001: net"),
    ],
    "order.quantities": [(f"UPDATE order_line SET delivered = -1 {OPEN}", "order 26000002 line 1: a negative")],
    "order.allocation": [(f"UPDATE order_line SET allocated = 1 {OPEN}", "order 26000002 line 1: allocated")],
    "order.reservations": [
        (f"UPDATE order_line SET allocated = 11000, backordered = 1000 {OPEN}",
         "order 26000002 line 1: allocated 11, reserved 12"),
        ("UPDATE reservation SET line = 2 WHERE id = 9501", "order 26000002 line 2: allocated 6, reserved 18"),
    ],
    "order.numbers": [
        ("UPDATE sales_order SET number = '26000003' WHERE id = 9002", "order number 26000002 is missing"),
        ("UPDATE number_series SET last = 3 WHERE kind = 'order'", "orders of 2026 end at 2, the series at 3"),
        ("UPDATE sales_order SET number = '261000000' WHERE id = 9002", "orders of 2026 end at 1000000"),
    ],
    "account.orders": [
        ("UPDATE credit_account SET orders = orders + 1 WHERE id = 1", "account of customer 20417: stored"),
        ("UPDATE sales_order SET status = 'cancelled' WHERE id = 9002", "account of customer 20417: stored"),
    ],
    "account.debit": [("UPDATE credit_account SET open_debit = 7 WHERE id = 3", "30100: stored 7, derived 0")],
    "account.credit": [("UPDATE credit_account SET open_credit = 7 WHERE id = 6", "50999: stored 7, derived 0")],
    "item.sign": [
        ("UPDATE open_item SET open = -1", "invoice 26000001: face"),
        ("UPDATE open_item SET open = face + 1", "invoice 26000001: face"),
    ],
    "item.open": [
        ("UPDATE open_item SET open = open - 1", "item 26000001: open"),
        ("INSERT INTO allocation (company, id, debit_item_id, credit_item_id, amount, applied_on, why) "
         "VALUES (1, 1, 9301, 1, 5, '2026-03-03', 'hand')", "item 26000001: open"),
    ],
    "document.totals": [
        ("UPDATE document_line SET net = net + 1 WHERE line = 3", "document 26000001: net"),
        ("UPDATE document SET gross = gross + 1", "document 26000001: gross is not net plus tax"),
    ],
    "credit.within": [
        ("UPDATE credit_claim SET quantity = 999000", "invoice 26000001 line 1: 999 credited of"),
        ("UPDATE credit_claim SET net = 9999999", "invoice 26000001 line 1: 2 credited of"),
        ("UPDATE credit_claim SET tax = 9999999", "invoice 26000001 line 1: 2 credited of"),
    ],
    "request.claims": [
        ("UPDATE credit_claim SET state = 'void'", "request 26000001 is in_approval, its claim void"),
        ("UPDATE approval_request SET state = 'rejected'", "request 26000001 is rejected, its claim pending"),
    ],
    "request.approvals": [
        ("UPDATE approval_request SET state = 'approved'", "request 26000001: The request has 0 of 1 approvals"),
    ],
    "posting.balance": [
        ("UPDATE ledger_entry SET amount = amount + 1 WHERE gl = 'revenue'", "its entries make 1 USD"),
        ("DELETE FROM ledger_entry WHERE gl = 'output-tax'", "its entries make"),
    ],
    "control.account": [
        ("UPDATE ledger_entry SET amount = 0 WHERE gl = 'receivables'", "items and control account differ by"),
        ("UPDATE open_item SET posted_on = '2026-01-01'", "on 2026-01-01: items and control account differ by"),
    ],
    "cash.waiting": [
        ("INSERT INTO bank_line (company, id, number, bank_reference, received_on, currency, amount, payer, reference, "
         "state, note, taken_at) VALUES (1, 1, '1', '1', '2026-03-01', 'USD', 500, '', '', 'waiting', '', "
         "'2026-03-01 10:00:00+00:00')", "USD: what waits and its ledger account differ by 500"),
    ],
    "document.numbers": [
        ("UPDATE number_series SET last = 3 WHERE kind = 'invoice'", "invoice numbers 2 to 3 of 2026 are missing"),
        ("UPDATE document SET number = '26000007'", "invoice numbers 1 to 1 of 2026 are missing"),
    ],
    "dispute.amounts": [("UPDATE dispute SET paid = 1", "dispute 26000009: original 500")],
    "dispute.events": [
        ("UPDATE dispute SET state = 'valid'", "dispute 26000009: step 1 is missing or says otherwise"),
        ("DELETE FROM dispute_event", "dispute 26000009: step 1 is missing or says otherwise"),
    ],
    "price.approved": [
        (f"UPDATE order_line SET price_source = 'override 26000077' {OPEN}",
         "price request 26000077: 12 used of 5 approved"),
    ],
    "dispute.open": [("UPDATE dispute SET open = 999999", "item 26000001: more is in dispute than is open")],
    "returns.within": [
        ("INSERT INTO goods_return (company, id, document_id, line, quantity, number, sound, note, received_at, "
         "received_by) VALUES (1, 1, 9201, 1, 11000, '1', true, '', '2026-03-01 10:00:00+00:00', 1)",
         "invoice 26000001 line 1: 11 came back of 10 billed"),
    ],
    "import.runs": [("UPDATE import_run SET merged = 0", "orders.csv: 10 rows, 9 accounted for")],
    "audit.trail": [("UPDATE audit SET actor = 'nobody' WHERE seq = 1", "lane 0 entry 1: its content was changed")],
}  # fmt: skip


@pytest.fixture
def desk(store: Store, seeded: Seeded) -> Store:
    """The small desk with something in its audit trail and an import that adds up."""
    run = {"id": 1, "source": "erp", "file": "orders.csv", "sha256": "", "at": NOW, "part": "orders",
           "rows": 10, "imported": 8, "merged": 1, "quarantined": 1, "last_id": 0}  # fmt: skip
    with store.engine.execution_options(desk_write=True).begin() as connection:
        put(connection, ImportRun, [run])
        put(connection, Dispute, [
            {"id": 1, "number": "26000009", "item_id": seeded.open_item, "account_id": 1, "customer_id": 1,
             "currency": "USD", "reason": "damaged", "state": "coded", "original": 500, "open": 500, "opened_at": NOW,
             "opened_by": 1}
        ])  # fmt: skip
        put(connection, DisputeEvent, [
            {"dispute_id": 1, "version": 1, "event": "open", "state": "coded", "on": NOW.date(), "at": NOW, "by": 1,
             "open": 500, "paid": 0, "credited": 0, "cleared": 0}
        ])  # fmt: skip
    rep = acting(store, "rep7")
    call = rep.write_now(calls.begin, "")
    rep.write_now(calls.identify, call.id, seeded.customer)
    asked = rep.write_now(credits.ask, call.id, seeded.invoice, (LineCredit(1, Decimal(2)),), "d")
    with store.engine.execution_options(desk_write=True).begin() as connection:
        put(connection, PriceOverride, [
            {"id": 1, "number": "26000077", "request_id": asked.id, "customer_id": 1, "product_id": 101,
             "order_id": seeded.open_order, "unit": "EA", "currency": "USD", "price": Decimal("17.50"),
             "quantity": Decimal(5), "valid_from": NOW.date(), "valid_until": NOW.date(), "made_at": NOW}
        ])  # fmt: skip
    store.write_now(verbs.add_person, "Ann")
    store.write_now(verbs.add_person, "Bob")
    return store


def failing(store: Store) -> dict[str, tuple[str, ...]]:
    return {each.name: each.offenders for each in store.read_now(care.check) if each.offenders}


def test_the_small_desk_and_an_empty_one_hold(desk: Store) -> None:
    assert failing(desk) == {}
    assert [each.name for each in desk.read_now(care.check)] == [each.name for each in invariants.CHECKS]


def test_every_check_has_a_wrong_that_it_must_find() -> None:
    assert set(WRONGS) == {each.name for each in invariants.CHECKS}


@pytest.mark.parametrize(
    ("name", "statement", "words"), [(name, *wrong) for name, wrongs in WRONGS.items() for wrong in wrongs]
)
def test_a_wrong_is_found_and_named(desk: Store, name: str, statement: str, words: str) -> None:
    forge(desk, statement)
    found = failing(desk)
    assert any(words in each for each in found.get(name, ())), found


def test_only_the_first_offenders_are_named(desk: Store) -> None:
    forge(desk, "UPDATE stock SET reserved = reserved + 1")
    assert len(failing(desk)["stock.reserved"]) == 5


def test_another_company_is_not_looked_at(desk: Store) -> None:
    forge(desk, "UPDATE credit_account SET orders = orders + 1")
    other = Store(desk.url, company=2)
    assert failing(other) == {}
    other.close()


def test_checking_needs_its_duty(desk: Store) -> None:
    assert acting(desk, "admin1").read_now(care.check)
    with pytest.raises(Refused, match=r"needs the duty 'db\.care'"):
        acting(desk, "rep7").read_now(care.check)
