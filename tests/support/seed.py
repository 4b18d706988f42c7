"""A small desk for tests, the same each time: written with bulk inserts, agreeing with every check of `csdesk check`.

Company 1 sells in USD with tax per line, from warehouse MAIN. Amounts below are minor units (cents).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlmodel import SQLModel

from csdesk import models as m
from csdesk.services import booking, duties, founding, founding_service, numbers, search_index, staff
from csdesk.services.tx import SYSTEM, Tx
from csdesk.store import Store
from tests.support.clock import NOW

TODAY = NOW.date()
ORDER_CODES = ("4711", "4720", "1035", "2208", "3319")
SHORT_CODE, ALTERNATIVE_CODES = "6001", ("6002", "6003")
HOSTILE_NAME = "[/x] \x1b[31m"

# code, name, price in major units, tax code, on hand in EA
PRODUCTS = (
    ("4711", "Olive oil extra virgin 1 l", "18.40", "S", 500),
    ("4720", "Sunflower oil 5 l", "12.95", "S", 400),
    ("1035", "Plum tomatoes 400 g", "0.89", "Z", 2400),
    ("2208", "Basmati rice 10 kg", "21.50", "Z", 120),
    ("3319", "Sea salt fine 1 kg", "1.15", "S", 900),
    (SHORT_CODE, "Capers in salt 1 kg", "9.80", "S", 2),
    (ALTERNATIVE_CODES[0], "Capers in brine 1 kg", "8.90", "S", 60),
    (ALTERNATIVE_CODES[1], "Capers nonpareilles 700 g", "11.20", "S", 40),
    ("5001", "Paper napkins white 500", "6.25", "S", 80),
    ("5002", "Paper napkins red 500", "6.45", "S", 80),
    ("7007", "Espresso beans 1 kg", "16.75", "S", 300),
    ("FREIGHT", "Freight, per delivery", "25.00", "S", None),
)
RATES = {"S": Decimal(8), "Z": Decimal(0)}

# id, code, name, account, bill-to, phone
CUSTOMERS = (
    (1, "20417", "Harbour View Deli", 1, None, "+12025550142"),
    (2, "20418", "Smiths Hotel", 2, None, "+12025550143"),
    (3, "30100", "Northfield Foods Head Office", 3, None, "+12025550160"),
    (4, "30101", "Northfield Foods West", 3, 3, "+12025550161"),
    (5, "40222", "Corner Shop Tight", 5, None, "+12025550177"),
    (6, "50999", HOSTILE_NAME, 6, None, "+12025550199"),
)
LIMITS = {1: 2_000_000, 2: None, 3: 5_000_000, 5: 10_000, 6: 100_000}  # account -> limit; 5 is the tight one

# letter, code, name, uses
REASONS = (
    ("c", "changed-mind", "Customer changed mind", "cancel"),
    ("u", "duplicate-order", "Ordered twice", "cancel"),
    ("o", "out-of-stock", "Cannot be supplied", "cancel"),
    ("d", "damaged", "Damaged", "complaint credit short"),
    ("w", "wrong-item", "Wrong item", "cancel complaint credit short"),
    ("l", "late", "Late", "cancel complaint credit"),
    ("p", "price-wrong", "Price wrong", "cancel complaint credit short"),
    ("s", "short-delivery", "Short delivery", "complaint credit short"),
    ("n", "not-delivered", "Not delivered", "complaint credit short"),
    ("q", "quality", "Quality", "complaint credit"),
    ("g", "goodwill", "Goodwill", "credit goodwill"),
    ("h", "bonus", "Bonus or rebate", "goodwill"),
    ("j", "not-worth", "Not worth pursuing", "write-off"),
    ("p", "price-promised", "Price promised", "price"),
    ("m", "price-match", "Price match", "price"),
    ("m", "small-difference", "Small difference", "difference write-off"),
)
STAFF = (("rep7", "Robin Penn", "rep"), ("lead3", "Lee Dale", "lead"), ("boss1", "Bo Sand", "supervisor"),
         ("admin1", "Ada Minton", "admin"), ("mgr1", "Max Gale", "manager"), ("fin2", "Nicky Ferris", "finance"),
         ("ctrl1", "Gale Pitre", "controller"), ("cash1", "Shawn Noel", "cashier"),
         ("coll1", "Val Hartley", "collector"), ("dock1", "Ray Tulk", "warehouse"),
         ("audit1", "Kit Marlow", "auditor"))  # fmt: skip


@dataclass(frozen=True)
class Seeded:
    """Ids of the small desk."""

    company: int = 1
    warehouse: str = "MAIN"
    price_list: int = 1
    customers: Mapping[str, int] = field(default_factory=lambda: {row[1]: row[0] for row in CUSTOMERS})
    products: Mapping[str, int] = field(default_factory=lambda: {row[0]: 101 + n for n, row in enumerate(PRODUCTS)})
    staff: Mapping[str, int] = field(default_factory=lambda: {row[0]: 1 + n for n, row in enumerate(STAFF)})
    customer: int = 1  # Harbour View Deli, code 20417: has the orders, the invoice and the usual list
    head_office: int = 3
    branch: int = 4
    tight: int = 5
    hostile: int = 6
    invoiced_order: int = 9001  # number 26000001
    open_order: int = 9002  # number 26000002
    delivery: int = 9101
    invoice: int = 9201
    open_item: int = 9301
    expected_receipt: int = 9401  # 24 EA of the short product


def seed(store: Store) -> Seeded:
    """Writes the small desk into an empty migrated database."""
    made = Seeded()
    with store.engine.execution_options(desk_write=True).begin() as connection:
        _basics(connection)
        _people(connection, made)
        _products(connection, made)
        _customers(connection, made)
        _invoiced_order(connection, made)
        _open_order(connection, made)
        put(connection, m.NumberSeries, [
            {"kind": "order", "series": "", "year": NOW.year, "last": 2},
            {"kind": "delivery", "series": "", "year": NOW.year, "last": 1},
            {"kind": "invoice", "series": "", "year": NOW.year, "last": 1},
        ])  # fmt: skip
        tx = Tx(connection, made.company, SYSTEM, NOW)
        founding.add_tiers(tx)
        founding.add_dunning(tx)
        founding_service.add(tx)
        search_index.index_customers(tx)
        search_index.index_products(tx)
    return made


def acting(store: Store, login: str) -> Store:
    """The store in the hands of a login of the seed: rep7, lead3, boss1, admin1 or mgr1."""
    return store.acting(store.read_now(staff.sign_in, login))


def put(connection: Connection, model: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> None:
    """Bulk insert; what a row leaves out takes the model's default, company is 1."""
    defaults = {
        name: info.get_default(call_default_factory=True)
        for name, info in model.model_fields.items()
        if not info.is_required()
    }
    company = {"company": 1} if "company" in model.model_fields else {}
    given = [{**defaults, **company, **row} for row in rows]
    connection.execute(insert(m.table(model)), given)
    if model is m.OpenItem:
        _behind(connection, given)
        tx = Tx(connection, 1, SYSTEM, NOW)
        booking.enter_items(tx, [(row["source"], [row["source_id"]]) for row in given])


def _behind(connection: Connection, items: Sequence[Mapping[str, Any]]) -> None:
    """The documents and receipts of open items that were put without them, as if they came in from elsewhere."""
    for source, model in (("document", m.Document), ("receipt", m.Receipt)):
        there = set(connection.execute(select(m.table(model).c.id)).scalars())
        bare = [row for row in items if row["source"] == source and row["source_id"] not in there]
        for row in bare:
            amount, both = abs(row["face"]), {name: row[name] for name in ("number", "account_id", "currency")}
            both |= {"id": row["source_id"], "source": "erp"}
            if source == "receipt":
                put(connection, model, [{**both, "received_on": row["posted_on"], "amount": amount}])
                continue
            put(connection, model, [
                {**both, "kind": row["kind"], "customer_id": row["customer_id"], "issued_on": row["posted_on"],
                 "due_on": row["due_on"], "tax_method": "line", "rounding": "half_up", "net": amount, "tax": 0,
                 "gross": amount}
            ])  # fmt: skip
            brought_in(connection, row["source_id"])
            put(connection, m.DocumentLine, [
                {"document_id": row["source_id"], "line": 1, "product_id": None, "unit": "", "quantity": Decimal(1),
                 "price": Decimal(0), "net": amount, "tax_rate": Decimal(0), "tax": 0}
            ])  # fmt: skip


def brought_in(connection: Connection, document_id: int) -> None:
    """Says of a document that an import brought it."""
    key = {"source": "erp", "entity": "document", "key": str(document_id), "subject_id": document_id, "row_hash": ""}
    put(connection, m.ImportKey, [key])


def _basics(connection: Connection) -> None:
    company = {"id": 1, "code": "MAIN", "name": "Quay Wholesale", "country": "US", "currency": "USD"}
    put(connection, m.Company, [{**company, "timezone": "America/New_York", "tax_method": "line"}])
    put(connection, m.Warehouse, [{"code": "MAIN", "name": "Main warehouse"}])
    put(connection, m.Terms, [{"code": "NET30", "name": "30 days net", "net_days": 30}])
    names = {"S": "Sales tax", "Z": "Tax free"}
    put(connection, m.TaxCode, [{"code": code, "name": names[code], "rate": rate} for code, rate in RATES.items()])
    put(connection, m.Reason, [dict(zip(("letter", "code", "name", "uses"), row, strict=True)) for row in REASONS])


def _people(connection: Connection, made: Seeded) -> None:
    put(connection, m.Role, [{"code": code, "name": name} for code, (name, _) in duties.ROLES.items()])
    pairs = [{"role": role, "duty": duty} for role, (_, held) in duties.ROLES.items() for duty in sorted(held)]
    put(connection, m.RoleDuty, pairs)
    put(connection, m.Person, [{"id": made.staff[login], "name": name} for login, name, _ in STAFF])
    put(connection, m.Staff, [
        {"id": made.staff[login], "person_id": made.staff[login], "login": login, "name": name, "team": "North"}
        for login, name, _ in STAFF
    ])  # fmt: skip
    put(connection, m.StaffRole, [{"staff_id": made.staff[login], "role": role} for login, _, role in STAFF])


def _products(connection: Connection, made: Seeded) -> None:
    rows = [(made.products[code], code, *rest) for code, *rest in PRODUCTS]
    put(connection, m.Product, [
        {"id": id_, "code": code, "code_key": code.lower(), "name": name, "tax_code": tax,
         "kind": "service" if on_hand is None else "stock"}
        for id_, code, name, _, tax, on_hand in rows
    ])  # fmt: skip
    goods = [(id_, code, on_hand) for id_, code, _, _, _, on_hand in rows if on_hand is not None]
    packs = [("EA", 1), ("CASE", 12)]
    put(connection, m.PackUnit, [
        {"product_id": id_, "unit": unit, "factor": Decimal(factor)} for id_, *_ in goods for unit, factor in packs
    ])  # fmt: skip
    put(connection, m.ProductGroup, [{"product_id": id_, "group_code": "GOODS"} for id_, *_ in goods])
    put(connection, m.PriceList, [{"id": 1, "code": "BASE", "name": "List prices", "currency": "USD"}])
    put(connection, m.Price, [
        {"id": id_, "price_list_id": 1, "product_id": id_, "unit": "EA", "amount": Decimal(price)}
        for id_, _, _, price, _, _ in rows
    ])  # fmt: skip
    open_lines = dict(OPEN_LINES)
    put(connection, m.Stock, [
        {"product_id": id_, "warehouse": "MAIN", "on_hand": Decimal(on_hand),
         "reserved": Decimal(open_lines.get(code, 0))}
        for id_, code, on_hand in goods
    ])  # fmt: skip
    short = made.products[SHORT_CODE]
    put(connection, m.Alternative, [
        {"product_id": short, "rank": rank, "alternative_id": made.products[code]}
        for rank, code in enumerate(ALTERNATIVE_CODES, 1)
    ])  # fmt: skip
    put(connection, m.ExpectedReceipt, [
        {"id": made.expected_receipt, "product_id": short, "warehouse": "MAIN", "due_on": TODAY + timedelta(days=7),
         "quantity": Decimal(24)}
    ])  # fmt: skip


def _customers(connection: Connection, made: Seeded) -> None:
    orders, billed = _totals(OPEN_LINES)[2], _totals(INVOICED_LINES)[2]
    put(connection, m.CreditAccount, [
        {"id": id_, "currency": "USD", "credit_limit": limit, "orders": orders if id_ == 1 else 0,
         "open_debit": billed if id_ == 1 else 0}
        for id_, limit in LIMITS.items()
    ])  # fmt: skip
    put(connection, m.Customer, [
        {"id": id_, "code": code, "name": name, "account_id": account, "bill_to_id": bill_to, "terms": "NET30",
         "currency": "USD", "country": "US"}
        for id_, code, name, account, bill_to, _ in CUSTOMERS
    ])  # fmt: skip
    put(connection, m.ShipTo, [
        {"id": id_, "customer_id": id_, "name": name, "line1": f"{id_} Quay Street", "city": "Harbour", "country": "US"}
        for id_, _, name, *_ in CUSTOMERS
    ])  # fmt: skip
    put(connection, m.Contact, [{"id": id_, "customer_id": id_, "name": "Jo Field"} for id_, *_ in CUSTOMERS])
    put(connection, m.ContactPhone, [
        {"id": id_, "customer_id": id_, "contact_id": id_, "raw": phone, "e164": phone, "digits_rev": phone[:0:-1]}
        for id_, *_, phone in CUSTOMERS
    ])  # fmt: skip
    put(connection, m.UsualItem, [
        {"customer_id": 1, "position": n, "product_id": made.products[code], "unit": "EA", "quantity": Decimal(count)}
        for n, (code, count) in enumerate(OPEN_LINES, 1)
    ])  # fmt: skip


INVOICED_LINES = tuple(zip(ORDER_CODES, (10, 4, 48, 2, 12), strict=True))
OPEN_LINES = tuple(zip(ORDER_CODES, (12, 6, 24, 3, 10), strict=True))
_BY_CODE = {row[0]: row for row in PRODUCTS}


def _amounts(code: str, quantity: int) -> tuple[int, int]:
    """Net and tax of a line; the prices and rates are chosen so that only the tax is ever rounded (half up)."""
    net = int(Decimal(_BY_CODE[code][2]) * 100) * quantity
    return net, int((net * RATES[_BY_CODE[code][3]] + 50) // 100)


def _totals(lines: Iterable[tuple[str, int]]) -> tuple[int, int, int]:
    parts = [_amounts(code, quantity) for code, quantity in lines]
    net, tax = sum(part[0] for part in parts), sum(part[1] for part in parts)
    return net, tax, net + tax


def _order(connection: Connection, made: Seeded, lines: tuple[tuple[str, int], ...], **values: Any) -> None:
    net, tax, gross = _totals(lines)
    put(connection, m.SalesOrder, [
        {"customer_id": 1, "account_id": 1, "ship_to_id": 1, "warehouse": "MAIN", "currency": "USD", "net": net,
         "tax": tax, "gross": gross, "tax_method": "line", "rounding": "half_up", "contact": "Jo Field",
         "placed_by": made.staff["rep7"], **values}
    ])  # fmt: skip


def _order_lines(connection: Connection, made: Seeded, order: int, lines: Any, day: date, *moved: str) -> None:
    put(connection, m.OrderLine, [
        {"order_id": order, "line": n, "product_id": made.products[code], "description": _BY_CODE[code][1],
         "unit": "EA", "factor": Decimal(1), "quantity": Decimal(count), "original_quantity": Decimal(count),
         "price": Decimal(_BY_CODE[code][2]), "list_price": Decimal(_BY_CODE[code][2]), "price_source": "list BASE",
         "net": _amounts(code, count)[0], "tax": _amounts(code, count)[1], "tax_rate": RATES[_BY_CODE[code][3]],
         "requested_on": day, "original_requested_on": day, "promised_on": day, "original_promised_on": day,
         **{name: Decimal(count) for name in moved}}
        for n, (code, count) in enumerate(lines, 1)
    ])  # fmt: skip


def _open_order(connection: Connection, made: Seeded) -> None:
    day = TODAY + timedelta(days=2)
    gross = _totals(OPEN_LINES)[2]
    _order(
        connection, made, OPEN_LINES, id=made.open_order, number=numbers.order_number(NOW.year, 2), status="allocated",
        exposure=gross, requested_on=day, promised_on=day, placed_at=NOW - timedelta(days=1),
    )  # fmt: skip
    _order_lines(connection, made, made.open_order, OPEN_LINES, day, "allocated")
    put(connection, m.Reservation, [
        {"id": 9500 + n, "order_id": made.open_order, "line": n, "product_id": made.products[code],
         "warehouse": "MAIN", "quantity": Decimal(count)}
        for n, (code, count) in enumerate(OPEN_LINES, 1)
    ])  # fmt: skip


def _invoiced_order(connection: Connection, made: Seeded) -> None:
    day, placed = TODAY - timedelta(days=12), NOW - timedelta(days=14)
    net, tax, gross = _totals(INVOICED_LINES)
    _order(
        connection, made, INVOICED_LINES, id=made.invoiced_order, number=numbers.order_number(NOW.year, 1),
        status="invoiced", requested_on=day, promised_on=day, placed_at=placed, picked_at=placed + timedelta(days=1),
    )  # fmt: skip
    _order_lines(connection, made, made.invoiced_order, INVOICED_LINES, day, "picked", "shipped", "delivered")
    arrived = placed + timedelta(days=2)
    put(connection, m.Delivery, [
        {"id": made.delivery, "number": "26000001", "order_id": made.invoiced_order, "customer_id": 1,
         "carrier": "OWN", "planned_on": day, "dispatched_at": arrived - timedelta(hours=5), "delivered_at": arrived,
         "received_by": "Jo Field"}
    ])  # fmt: skip
    put(connection, m.DeliveryLine, [
        {"delivery_id": made.delivery, "line": n, "order_line": n, "shipped": Decimal(count)}
        for n, (_, count) in enumerate(INVOICED_LINES, 1)
    ])  # fmt: skip
    event = {"delivery_id": made.delivery, "seq": 1, "at": arrived, "event": "delivered", "status": "delivered"}
    put(connection, m.DeliveryEvent, [event])
    due = day + timedelta(days=30)
    put(connection, m.Document, [
        {"id": made.invoice, "kind": "invoice", "number": "26000001", "customer_id": 1, "account_id": 1,
         "order_id": made.invoiced_order, "issued_on": day, "issued_at": arrived, "due_on": due, "currency": "USD",
         "tax_method": "line", "rounding": "half_up", "net": net, "tax": tax, "gross": gross}
    ])  # fmt: skip
    put(connection, m.DocumentLine, [
        {"document_id": made.invoice, "line": n, "product_id": made.products[code], "description": _BY_CODE[code][1],
         "unit": "EA", "quantity": Decimal(count), "price": Decimal(_BY_CODE[code][2]),
         "net": _amounts(code, count)[0], "tax": _amounts(code, count)[1], "tax_rate": RATES[_BY_CODE[code][3]],
         "order_line": n}
        for n, (code, count) in enumerate(INVOICED_LINES, 1)
    ])  # fmt: skip
    put(connection, m.OpenItem, [
        {"id": made.open_item, "account_id": 1, "customer_id": 1, "source": "document", "source_id": made.invoice,
         "number": "26000001", "kind": "invoice", "posted_on": day, "due_on": due, "currency": "USD", "face": gross,
         "open": gross}
    ])  # fmt: skip
