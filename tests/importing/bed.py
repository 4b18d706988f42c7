"""What the import tests share: small sources of the project's own, and the whole state of a database as hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from csdesk.importing import driver, mapping
from csdesk.models import metadata, table
from csdesk.services import care
from csdesk.services.loading_types import FileResult
from csdesk.store import Store

REAL = Path(__file__).parents[3] / "shared" / "data"
# The log of what was done: it grows with every run. All else is business.
LOG = {"audit", "audit_head", "import_run"}
# Counters of the database itself, which a rolled-back transaction does not give back.
COUNTERS = {("customer_search", "id"), ("product_search", "id")}

PLAIN = """
name = "plain"
today = 2024-05-31
[company]
currency = "EUR"
country = "DE"
timezone = "Europe/Berlin"
terms_days = 14
"""

MASTERS = """
[[file]]
name = "customers"
match = "customers.csv"
entity = "customer"
key = "no"
options = { empty_credit_limit = "unlimited" }
[file.fields]
code = "no"
name = "name"
bill_to = "payer"
credit_limit = "limit"
contact_name = "contact"
contact_phone = "phone"
delivery_city = "town"

[[file]]
name = "products"
match = "products.csv"
entity = "product"
key = "item"
[file.fields]
code = "item"
name = "text"
base_unit = "unit"
tax_rate = "vat"
list_price = "price"
groups = { from = "groups", split = ";" }

[[file]]
name = "stock"
match = "stock.csv"
entity = "stock"
key = "item"
[file.fields]
product = "item"
on_hand = "on_hand"

[[file]]
name = "orders"
match = "orders.csv"
entity = "order"
key = "no"
[file.fields]
number = "no"
customer = "customer"
placed_at = "day"
picked_at = "picked"
backorder = "follows"
status = "status"

[[file]]
name = "lines"
match = "lines.csv"
entity = "order_line"
key = ["no", "pos"]
[file.fields]
order = "no"
product = "item"
quantity = "qty"
price = "price"
picked_quantity = "picked"

[[file]]
name = "invoices"
match = "invoices.csv"
entity = "document"
key = "no"
options = { document_lines = "none", allocate = "finalization-date" }
[file.fields]
kind = { from = "kind", map = { RE = "invoice", GS = "credit_note" } }
number = "no"
customer = "customer"
order = "order"
issued_on = "day"
gross = "gross"
tax = "tax"
paid_on = "paid"

[[file]]
name = "receipts"
match = "receipts.csv"
entity = "receipt"
key = "no"
options = { allocate = "finalization-date" }
[file.fields]
number = "no"
debtor = "customer"
received_on = "day"
amount = "amount"

[[file]]
name = "deliveries"
match = "deliveries.csv"
entity = "delivery"
key = "no"
options = { delivery_lines = "order" }
[file.fields]
number = "no"
order = "order"
delivered_at = "delivered"
received_by = "by"
"""

CUSTOMERS = """no,name,payer,limit,contact,phone,town
B1,Branch one,H1,,Ann,030 5550101,Berlin
H1,Head office,H1,,,,Berlin
C1,Corner,,1000.00,Ben,030 5550102,Bonn
"""
PRODUCTS = """item,text,unit,vat,price,groups
A-1,Apples,KG,7,2.50,Fruit;Fresh
a-2,Almonds,KG,7,12.00,Fruit
S-9,Soap,EA,19,1.95,
"""
STOCK = "item,on_hand\nA-1,10\nA-2,5\nS-9,0\n"
ORDERS = """no,customer,day,picked,follows,status
1001,C1,2024-05-02,,,
1002,B1,2024-05-01,,,
1003,C1,2024-04-20,2024-04-21,1004,
1004,C1,2024-04-21,,,
1005,C1,2024-04-22,,,cancelled
"""
LINES = """no,pos,item,qty,price,picked
1001,1,A-1,8,2.50,0
1002,1,A-1,6,2.40,0
1003,1,A-2,4,12.00,3
1004,1,A-2,1,12.00,0
1005,1,S-9,2,1.95,0
"""
INVOICES = """no,kind,customer,order,day,gross,tax,paid
R1,RE,C1,1003,2024-04-22,38.52,2.52,2024-05-06
R2,RE,B1,,2024-05-03,107.00,7.00,
G1,GS,C1,,2024-05-05,10.70,0.70,
"""
RECEIPTS = "no,customer,day,amount\nZ1,C1,2024-05-06,38.52\nZ2,C1,2024-05-07,5.00\n"
DELIVERIES = "no,order,delivered,by\nD1,1003,2024-04-22,Ben\n"
FILES = {
    "customers": CUSTOMERS, "products": PRODUCTS, "stock": STOCK, "orders": ORDERS, "lines": LINES,
    "invoices": INVOICES, "receipts": RECEIPTS, "deliveries": DELIVERIES,
}  # fmt: skip


def small(folder: Path, **changed: str) -> Path:
    """The small source's files in a folder, some of them with another text."""
    folder.mkdir(exist_ok=True)
    for name, text in {**FILES, **changed}.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return folder


def take(store: Store, text: str, *paths: Path, **controls: Any) -> list[FileResult]:
    """Imports files by the text of a mapping."""
    return driver.run(store, driver.plan(mapping.parse(text, "test.toml"), paths, controls.get("controls")))


def state(store: Store, without: frozenset[str] = frozenset()) -> Mapping[str, str]:
    """A hash of every business table's rows, in the order of their keys."""
    made = {}
    with store.engine.connect() as connection:
        for each in metadata.sorted_tables:
            if each.name in LOG | without:
                continue
            columns = [column for column in each.columns if (each.name, column.name) not in COUNTERS]
            text = "\n".join(sorted(repr(tuple(row)) for row in connection.execute(select(*columns))))
            made[each.name] = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
    return made


def rows(store: Store, model: Any, *where: Any) -> list[Any]:
    """Rows of a table in the order of its key."""
    of = table(model)
    with store.engine.connect() as connection:
        return list(connection.execute(select(of).where(*where).order_by(*of.primary_key.columns)))


def one(store: Store, model: Any, **values: Any) -> Any:
    """The only row with these values."""
    found = rows(store, model, *(table(model).c[name] == value for name, value in values.items()))
    assert len(found) == 1, (model.__name__, values, found)
    return found[0]


def adds_up(results: list[FileResult]) -> bool:
    """Whether every row became exactly one thing."""
    return all(each.rows == each.imported + each.merged + each.quarantined for each in results)


def broken(store: Store) -> list[Any]:
    """What `csdesk check` finds wrong."""
    return [(each.name, each.offenders) for each in store.read_now(care.check) if each.offenders]
