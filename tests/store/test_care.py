"""`csdesk check`: the small desk passes every check, and for every check there is a wrong that makes it fail."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from csdesk.errors import Refused
from csdesk.models import Dispute, DisputeEvent, ImportRun, PriceOverride
from csdesk.rules.credit_notes import LineCredit
from csdesk.services import calls, care, credits, invariants
from csdesk.store import Store
from tests.store.test_care_tickets import WRONGS as OF_TICKETS
from tests.support import verbs
from tests.support.clock import NOW
from tests.support.forge import forge
from tests.support.seed import Seeded, acting, put

OPEN = "WHERE order_id = 9002 AND line = 1"
# A credit note that nobody asked for, money of another account, an allowance: what plain SQL may put there.
NOTE = (
    "INSERT INTO document (company, id, kind, number, customer_id, account_id, corrects_id, issued_on, due_on, "
    "currency, tax_method, rounding, net, tax, gross, reason, source, flags) VALUES (1, 77, 'credit_note', '26000001', "
    "1, 1, 9201, '2026-03-02', '2026-03-02', 'USD', 'line', 'half_up', 500, 0, 500, '', 'desk', '')"
)
_ENTRY = (
    "INSERT INTO ledger_entry (company, source, source_id, place, gl, account_id, posted_on, currency, amount) VALUES"
)
ALLOWANCE = (
    f"{_ENTRY} (1, 'provision', 5, 1, 'impairment', NULL, '2026-03-02', 'USD', 500), "
    "(1, 'provision', 5, 2, 'allowance', NULL, '2026-03-02', 'USD', -500)"
)
CREDIT = (
    "INSERT INTO open_item (company, id, account_id, customer_id, source, source_id, number, kind, posted_on, due_on, "
    "currency, face, open) VALUES (1, 78, 2, 2, 'receipt', 78, 'CR-1', 'receipt', '2026-03-01', '2026-03-01', 'USD', "
    "-5, 0)"
)
_APPLY = (
    "INSERT INTO allocation (company, id, debit_item_id, credit_item_id, amount, applied_on, reverses_id, why) VALUES"
)
APPLIED = f"{_APPLY} (1, 1, 9301, 78, 5, '2026-03-03', NULL, 'hand')"
TAKEN_BACK = f"{_APPLY} (1, 2, 9301, 78, -4, '2026-03-03', 1, 'reversal')"


def _pair(one: str, other: str) -> str:
    """Two entries more of the invoice's posting that cancel each other out, each on its day."""
    return (
        f"{_ENTRY} (1, 'document', 9201, 8, 'revenue', 1, '{one}', 'USD', 5), "
        f"(1, 'document', 9201, 9, 'goodwill', 1, '{other}', 'USD', -5)"
    )


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
        ("UPDATE sales_order SET number = '26000003' WHERE id = 9002", "order numbers 2 to 2 of 2026 are missing"),
        ("UPDATE number_series SET last = 3 WHERE kind = 'order'", "order numbers 3 to 3 of 2026 are missing"),
        ("UPDATE sales_order SET number = '261000000' WHERE id = 9002",
         "order numbers of 2026 go on to 1000000, the series ends at 2"),
        ("DELETE FROM number_series", "order numbers 26… go on, their counter is not there"),
    ],
    "request.numbers": [
        ("DELETE FROM approval_request", "request numbers 1 to 1 of 2026 are missing"),
        ("DELETE FROM number_series WHERE kind = 'request'", "request numbers 26… go on, their counter is not there"),
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
    "credit.document": [
        ("UPDATE credit_claim SET net = 9999999", "document 26000001: 100002.93 USD credited of 355.28"),
        ("UPDATE document SET gross = 1", "document 26000001:"),
    ],
    "credit.tax": [("UPDATE credit_claim SET tax = 9999999", "document 26000001: 99999.99 USD tax at 8 % credited of")],
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
        ("DELETE FROM number_series", "invoice numbers 26… go on, their counter is not there"),
    ],
    "document.approved": [
        (NOTE, "credit note 26000001: 0 requests posted it, not one"),
        (f"{NOTE}; UPDATE approval_request SET state = 'posted', posted_id = 77",
         "credit note 26000001: its request is about something else, or another amount"),
    ],
    "document.origin": [("UPDATE document SET source = 'erp'", "invoice 26000001: no import brought it from erp")],
    "request.posted": [
        ("UPDATE approval_request SET state = 'posted', posted_id = 9201",
         "request 26000001 is posted, its document is not there"),
        ("UPDATE approval_request SET state = 'posted', amount = 1", "request 26000001: its content comes to"),
    ],
    "provision.approved": [
        (ALLOWANCE, "the allowance booked on 2026-03-02 has no posted request"),
        ("UPDATE approval_request SET state = 'posted', kind = 'provision', amount = 500, "
         """payload = '{"after"\\:500,"before"\\:0,"as_of"\\:"2026-03-02"}'""",
         "request 26000001 is posted, its entries are not there"),
    ],
    "item.document": [
        (f"UPDATE open_item SET {change}", "invoice 26000001: its open item is missing or says otherwise")
        for change in ("due_on = '2027-01-01'", "customer_id = 2", "number = 'X'", "face = 1, open = 1")
    ] + [("DELETE FROM document", "item 26000001: its invoice is not there")],
    "item.receipt": [
        ("UPDATE open_item SET source = 'receipt', source_id = 5", "item 26000001: its receipt is not there"),
        ("INSERT INTO receipt (company, id, number, account_id, received_on, currency, amount, method, reference, "
         "source) VALUES (1, 5, 'R5', 1, '2026-03-01', 'USD', 5, '', '', 'erp')",
         "receipt R5: its open item is missing or says otherwise"),
    ],
    "posting.entries": [
        ("UPDATE ledger_entry SET posted_on = '2026-01-01' WHERE gl <> 'receivables'",
         "invoice 26000001: its entries are not its amounts"),
        ("UPDATE ledger_entry SET gl = 'goodwill' WHERE gl = 'revenue'", "26000001: its entries are not its amounts"),
        (_pair("2026-01-05", "2026-02-05"), "invoice 26000001: its entries are not its amounts"),
        (_pair("2026-02-18", "2026-02-18"), "invoice 26000001: its entries are not its amounts"),
    ],
    "posting.origin": [
        ("UPDATE ledger_entry SET source_id = 1", "document 1: its entries belong to nothing that is there"),
        ("UPDATE ledger_entry SET source = 'bank', source_id = 1", "bank 1: its entries belong to nothing"),
    ],
    "allocation.fits": [
        (f"{CREDIT}; {APPLIED}", "CR-1 set against 26000001 does not fit it"),
        (f"{CREDIT}; UPDATE open_item SET account_id = 1 WHERE id = 78; {APPLIED.replace('2026-03-03', '2026-01-01')}",
         "CR-1 set against 26000001 does not fit it"),
        (f"{CREDIT}; UPDATE open_item SET account_id = 1, currency = 'EUR' WHERE id = 78; {APPLIED}",
         "CR-1 set against 26000001 does not fit it"),
    ],
    "allocation.taken_back": [
        (f"{CREDIT}; {APPLIED}; {TAKEN_BACK}", "what was taken back on 26000001 is not what had been applied"),
    ],
    "order.exposure": [
        ("UPDATE sales_order SET exposure = 0; UPDATE credit_account SET orders = 0",
         "order 26000002: exposure 0, derived"),
        ("UPDATE sales_order SET exposure = 5 WHERE id = 9001", "order 26000001: exposure 5, derived 0"),
        ("UPDATE order_line SET delivered = 1000 WHERE order_id = 9002 AND line = 1", "order 26000002: exposure"),
    ],
    "account.delivered": [
        ("UPDATE credit_account SET delivered = 5 WHERE id = 1", "account of customer 20417: stored 5, derived 0"),
    ],
    "account.billed": [
        ("UPDATE credit_account SET billed = 5 WHERE id = 1", "account of customer 20417: stored 5, derived 0"),
    ],
    "guards.triggers": [("switched off", "trigger keep_document")],
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
    assert set(WRONGS) | set(OF_TICKETS) == {each.name for each in invariants.CHECKS}


@pytest.mark.parametrize(
    ("name", "statement", "words"), [(name, *wrong) for name, wrongs in WRONGS.items() for wrong in wrongs]
)
def test_a_wrong_is_found_and_named(desk: Store, name: str, statement: str, words: str) -> None:
    if statement == "switched off":
        off = (
            "ALTER TABLE document DISABLE TRIGGER keep_document"
            if desk.postgres
            else "DROP TRIGGER keep_document_update"
        )
        with desk.engine.execution_options(desk_write=True).begin() as connection:
            connection.execute(text(off))
    else:
        forge(desk, *statement.split("; "))
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
