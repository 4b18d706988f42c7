"""Loading posted documents with their lines, in one file or two, and their open items. Internal to the importer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select

from csdesk.models import Customer, Document, DocumentLine, OpenItem, StockMovement, Terms, table
from csdesk.money import to_major
from csdesk.rules.pricing import line_net
from csdesk.rules.tax import tax_of
from csdesk.services.loading_base import Known, Load, notes, remember, resolve
from csdesk.services.loading_orders import Goods, accounts_of, customers_of, owners
from csdesk.services.loading_prices import warehouse
from csdesk.services.loading_products import brought_forward
from csdesk.services.loading_put import put
from csdesk.services.loading_types import Line, Unit

DOCUMENT, LINE, ITEM, MOVED = table(Document), table(DocumentLine), table(OpenItem), table(StockMovement)
CUSTOMER, TERMS = table(Customer), table(Terms)
_C: Any = bindparam("c")
_IDS: Any = bindparam("ids", expanding=True)
_NUMBERS = select(DOCUMENT.c.kind, DOCUMENT.c.number).where(DOCUMENT.c.company == _C, DOCUMENT.c.number.in_(_IDS))
_DAYS = (
    select(CUSTOMER.c.id, TERMS.c.net_days)
    .join(TERMS, (TERMS.c.company == CUSTOMER.c.company) & (TERMS.c.code == CUSTOMER.c.terms))
    .where(CUSTOMER.c.company == _C, CUSTOMER.c.id.in_(_IDS))
)
_LAST = (
    select(LINE.c.document_id, func.max(LINE.c.line).label("line"))
    .where(LINE.c.company == _C, LINE.c.document_id.in_(_IDS))
    .group_by(LINE.c.document_id)
)
_BUYERS = select(DOCUMENT.c.customer_id).distinct().where(DOCUMENT.c.company == _C, DOCUMENT.c.id.in_(_IDS))
KINDS = ("invoice", "credit_note", "debit_note")


class Wrong(Exception):
    """Why a document cannot be posted: a short code and one sentence."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def take(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads documents; what is posted stands, so `changed` is empty."""
    course = _Course(load, new)
    for unit in new:
        try:
            course.post(unit)
        except Wrong as wrong:
            if wrong.code == "later":
                load.put_off(unit, str(wrong))
            else:
                load.refuse(unit, wrong.code, str(wrong))
        else:
            load.done(unit, "imported")
    put(load.tx, DOCUMENT, course.rows)
    put(load.tx, LINE, course.lines)
    put(load.tx, ITEM, course.items)
    remember(load, "document", course.keys)
    notes(load, course.notes)


class _Course:
    """One chunk of documents: what it refers to, and the rows that come of it."""

    def __init__(self, load: Load, units: Sequence[Unit]) -> None:
        self.load = load
        self.customers = customers_of(load, units, "customer", "debtor")
        self.accounts = accounts_of(load, list(self.customers.values()))
        self.orders = resolve(load, "order", [unit.values.get("order") or "" for unit in units])
        self.corrected = resolve(load, "document", [unit.values.get("corrects") or "" for unit in units])
        self.products = resolve(load, "product", {line.values["product"] for unit in units for line in unit.lines})
        self.goods = Goods(load, list(self.products.values()))
        ids = {"c": load.tx.company, "ids": sorted(set(self.customers.values()))}
        self.days = {row.id: row.net_days for row in load.tx.rows(_DAYS, ids)}
        numbers = {"c": load.tx.company, "ids": sorted({unit.values["number"] for unit in units})}
        self.taken = {(row.kind, row.number) for row in load.tx.rows(_NUMBERS, numbers)}
        self.rows: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        self.items: list[dict[str, Any]] = []
        self.keys: list[tuple[str, int, int, str]] = []
        self.notes: list[tuple[str, int, str, str]] = []

    def post(self, unit: Unit) -> None:
        """Adds the rows of a document. Raises Wrong, and adds nothing, when it cannot be posted."""
        values = unit.values
        customer = self._find(self.customers, "customer", values["customer"])
        debtor = self._find(self.customers, "debtor", values.get("debtor") or values["customer"])
        lines = lines_of(self.load, 0, unit.lines, 0, self.products, self.goods)
        kind, amounts, flag = _totals(values, lines)
        if not lines and self.load.option("document_lines") == "none":
            lines = [self._brought_forward(amounts)]
        if (kind, values["number"]) in self.taken:
            raise Wrong("taken", f"{kind.replace('_', ' ')} {values['number']} is there already")
        issued = _issued(self.load, values)
        row = {
            "kind": kind,
            "number": values["number"],
            "customer_id": customer,
            "account_id": self.accounts[debtor],
            "order_id": self._find(self.orders, "order", values.get("order") or ""),
            "corrects_id": self._find(self.corrected, "document", values.get("corrects") or "", "later"),
            "issued_on": issued,
            "issued_at": values.get("issued_at"),
            "due_on": values.get("due_on") or issued + timedelta(days=self.days.get(debtor, 0)),
            "currency": self.load.source.currency,
            "tax_method": self.load.source.tax_method,
            "rounding": self.load.source.rounding,
            **dict(zip(("net", "tax", "gross"), amounts, strict=True)),
            "reason": values.get("reason") or "",
            "source": self.load.source.name[:20],
            "flags": " ".join(filter(None, (unit.flags, flag)))[:200],
        }
        self._keep(unit, row, lines)

    def _find(self, there: Mapping[str, int], what: str, key: str, code: str = "unknown") -> Any:
        if key and key not in there:
            raise Wrong(code, f"there is no {what} {key!r}")
        return there.get(key)

    def _brought_forward(self, amounts: tuple[int, int, int]) -> dict[str, Any]:
        """The only line of a document whose source keeps none, so that it stays the sum of its lines."""
        currency = self.load.source.currency
        return {
            "line": 1,
            "product_id": brought_forward(self.load),
            "description": "brought forward",
            "unit": self.load.source.base_unit,
            "quantity": Decimal(1),
            "price": to_major(amounts[0], currency),
            "net": amounts[0],
            "tax_rate": Decimal(0),
            "tax": amounts[1],
            "order_line": None,
            "flags": "",
        }

    def _keep(self, unit: Unit, row: dict[str, Any], lines: list[dict[str, Any]]) -> None:
        load = self.load
        row["id"] = load.new_id()
        self.taken.add((row["kind"], row["number"]))
        self.rows.append(row)
        self.lines += [{**line, "document_id": row["id"]} for line in lines]
        self.keys.append((unit.key, row["id"], 0, unit.hash))
        if load.option("open_items") != "no":
            self.items += _open_item(load, row, unit.values)
            load.touched["account"].add(row["account_id"])
        if row["order_id"] is not None:
            load.touched["order"].add(row["order_id"])
        load.touched["billed"] |= {line["product_id"] for line in lines}
        load.touched["buyer"].add(row["customer_id"])
        if unit.values.get("paid_on") is not None:
            self.notes.append(("document", row["id"], "paid-on", unit.values["paid_on"].isoformat()))
        if unit.values.get("stated_open") is not None:
            self.notes.append(("document", row["id"], "stated-open", str(unit.values["stated_open"])))


def _issued(load: Load, values: Mapping[str, Any]) -> date:
    if values.get("issued_on") is not None:
        return values["issued_on"]  # type: ignore[no-any-return]
    if values.get("issued_at") is None:
        raise Wrong("value", f"{values['number']} has no date")
    return values["issued_at"].astimezone(ZoneInfo(load.source.timezone)).date()  # type: ignore[no-any-return]


def _totals(values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> tuple[str, tuple[int, int, int], str]:
    """(kind, (net, tax, gross), flag). Faces are positive; without a kind a negative gross makes a credit note."""
    net, tax, gross = values.get("net"), values.get("tax"), values.get("gross")
    summed = (sum(line["net"] for line in lines), sum(line["tax"] for line in lines))
    if net is None and gross is None:
        if not lines:
            raise Wrong("value", f"{values['number']} has neither a total nor lines")
        net, tax = summed[0], summed[1] if tax is None else tax
    amounts = _adding_up(net, tax, gross, f"the amounts of {values['number']}")
    kind = values.get("kind") or ("invoice" if amounts[2] >= 0 else "credit_note")
    if kind not in KINDS:
        raise Wrong("value", f"{kind!r} is no kind of document; there are {', '.join(KINDS)}")
    if not values.get("kind"):
        amounts = (abs(amounts[0]), abs(amounts[1]), abs(amounts[2]))
    if amounts[2] < 0:
        raise Wrong("value", f"{values['number']} comes to less than nothing; a document's face is positive")
    flag = "differs-from-lines" if lines and sum(summed) != amounts[2] else ""
    return kind, amounts, flag


def _adding_up(net: int | None, tax: int | None, gross: int | None, what: str) -> tuple[int, int, int]:
    """Net, tax and gross, of which some are given. Raises Wrong when all are and do not add up."""
    if gross is None:
        net, tax = net or 0, tax or 0
        return net, tax, net + tax
    if net is None:
        tax = tax or 0
        return gross - tax, tax, gross
    if tax is None:
        tax = gross - net
    if net + tax != gross:
        raise Wrong("value", f"{what} do not add up: {net} + {tax} is not {gross} (minor units)")
    return net, tax, gross


def _open_item(load: Load, row: Mapping[str, Any], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    face = row["gross"] if values.get("taken_over") is None else values["taken_over"]
    face = -face if row["kind"] == "credit_note" else face
    item = {"id": load.new_id(), "source": "document", "source_id": row["id"], "posted_on": row["issued_on"]}
    same = ("account_id", "customer_id", "number", "kind", "due_on", "currency")
    return [{**item, **{name: row[name] for name in same}, "face": face, "open": face}] if face else []


def lines_of(
    load: Load, document: int, lines: Sequence[Line], last: int, products: Mapping[str, int], goods: Goods
) -> list[dict[str, Any]]:
    """The rows of document lines, numbered from `last` + 1. Raises Wrong."""
    return [_line(load, document, number, line, products, goods) for number, line in enumerate(lines, last + 1)]


def _line(
    load: Load, document: int, number: int, line: Line, products: Mapping[str, int], goods: Goods
) -> dict[str, Any]:
    values = line.values
    product = products.get(values["product"])
    if product is None:
        raise Wrong("unknown", f"there is no product {values['product']!r} (row {line.row})")
    rate = goods.rows[product].rate if values.get("tax_rate") is None else values["tax_rate"]
    net, tax, gross = values.get("net"), values.get("tax"), values.get("gross")
    if net is None and (gross is None or tax is None):
        net = line_net(values["price"], values["quantity"], load.source.currency, load.source.rounding)
    if tax is None and gross is None:
        tax = tax_of(net or 0, rate, load.source.rounding)
    amounts = _adding_up(net, tax, gross, f"the amounts of the line in row {line.row}")
    return {
        "document_id": document,
        "line": number,
        "product_id": product,
        "description": values.get("description") or goods.rows[product].name,
        "unit": values.get("unit") or goods.rows[product].base_unit,
        "quantity": values["quantity"],
        "price": values["price"],
        "net": amounts[0],
        "tax_rate": rate,
        "tax": amounts[1],
        "order_line": None,
        "flags": line.flag,
    }


def take_lines(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads lines of documents that are there, numbered in the order of the file."""
    documents = owners(load, "document", new)
    products = resolve(load, "product", [unit.values["product"] for unit in new])
    goods = Goods(load, list(products.values()))
    ids = {"c": load.tx.company, "ids": sorted(set(documents.values()))}
    last = {row.document_id: row.line for row in load.tx.rows(_LAST, ids)}
    rows: list[dict[str, Any]] = []
    keys = []
    for unit in new:
        document = documents.get(unit.values["document"])
        try:
            if document is None:
                raise Wrong("unknown", f"there is no document {unit.values['document']!r}")
            line = [Line(unit.rows[0], unit.values)]
            rows += lines_of(load, document, line, last.get(document, 0), products, goods)
        except Wrong as wrong:
            load.refuse(unit, wrong.code, str(wrong))
            continue
        last[document] = rows[-1]["line"]
        keys.append((unit.key, document, last[document], unit.hash))
        load.touched["billed"].add(rows[-1]["product_id"])
        load.done(unit, "imported")
    put(load.tx, LINE, rows)
    remember(load, "document_line", keys)
    load.touched["buyer"] |= {row.customer_id for row in load.tx.rows(_BUYERS, ids)}


def take_movements(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads changes of stock that are no sales."""
    products = resolve(load, "product", [unit.values["product"] for unit in new])
    rows, keys = [], []
    for unit in new:
        product = products.get(unit.values["product"])
        if product is None:
            load.refuse(unit, "unknown", f"there is no product {unit.values['product']!r}")
            continue
        row: dict[str, Any] = {"id": load.new_id(), "product_id": product}
        row["warehouse"] = warehouse(load, unit.values.get("warehouse"))
        row |= {name: unit.values[name] for name in ("kind", "quantity", "at")}
        row |= {name: unit.values.get(name) or "" for name in ("number", "note")}
        rows.append({**row, "source": load.source.name[:20]})
        keys.append((unit.key, row["id"], 0, unit.hash))
        load.done(unit, "imported")
    put(load.tx, MOVED, rows)
    remember(load, "stock_movement", keys)
