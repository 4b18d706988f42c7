"""Loading posted documents with their lines, in one file or two, and their open items. Internal to the importer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, select

from csdesk.models import Customer, Document, DocumentLine, ImportNote, OpenItem, Terms, table
from csdesk.money import to_major
from csdesk.services import booking
from csdesk.services.loading_base import Known, Load, notes, rehash, remember, resolve
from csdesk.services.loading_lines import Wrong, adding_up, lines_of
from csdesk.services.loading_orders import Goods, accounts_of, customers_of
from csdesk.services.loading_products import brought_forward
from csdesk.services.loading_put import put
from csdesk.services.loading_types import Unit

DOCUMENT, LINE, ITEM, NOTE = table(Document), table(DocumentLine), table(OpenItem), table(ImportNote)
CUSTOMER, TERMS = table(Customer), table(Terms)
_C: Any = bindparam("c")
_IDS: Any = bindparam("ids", expanding=True)
_NUMBERS = select(DOCUMENT.c.kind, DOCUMENT.c.number).where(DOCUMENT.c.company == _C, DOCUMENT.c.number.in_(_IDS))
_DAYS = (
    select(CUSTOMER.c.id, TERMS.c.net_days)
    .join(TERMS, (TERMS.c.company == CUSTOMER.c.company) & (TERMS.c.code == CUSTOMER.c.terms))
    .where(CUSTOMER.c.company == _C, CUSTOMER.c.id.in_(_IDS))
)
_FACTS = ("kind", "number", "customer_id", "account_id", "order_id", "corrects_id", "issued_on", "issued_at", "net",
          "tax", "gross", "reason")  # fmt: skip
KINDS = ("invoice", "credit_note", "debit_note")


def take(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads documents. What is posted stands: a changed row may only tell of payment (`paid_on`, `stated_open`)."""
    course = _Course(load, [*new, *(unit for unit, _ in changed)])
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
    booking.enter_items(load.tx, [("document", [item["source_id"] for item in course.items])])
    remember(load, "document", course.keys)
    for unit, before in changed:
        course.move_on(unit, before)
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
        self.closed = booking.closed_days(load.tx, _days(load, units)) if load.option("open_items") != "no" else {}
        self.rows: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        self.items: list[dict[str, Any]] = []
        self.keys: list[tuple[str, int, int, str]] = []
        self.notes: list[tuple[str, int, str, str]] = []

    def post(self, unit: Unit) -> None:
        """Adds the rows of a document. Raises Wrong, and adds nothing, when it cannot be posted."""
        row, lines = self._made(unit)
        if (row["kind"], row["number"]) in self.taken:
            raise Wrong("taken", f"{row['kind'].replace('_', ' ')} {row['number']} is there already")
        if row["issued_on"] in self.closed:
            raise Wrong("period", self.closed[row["issued_on"]])
        self._keep(unit, row, lines)

    def _made(self, unit: Unit) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        values = unit.values
        customer = self._find(self.customers, "customer", values["customer"])
        debtor = self._find(self.customers, "debtor", values.get("debtor") or values["customer"])
        lines = lines_of(self.load, 0, unit.lines, 0, self.products, self.goods)
        kind, amounts, flag = _totals(values, lines)
        if not lines and self.load.option("document_lines") == "none":
            lines = [self._brought_forward(amounts)]
        issued = _issued(self.load, values)
        return {
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
        }, lines

    def move_on(self, unit: Unit, before: Known) -> None:
        """Takes what a row of a posted document now says of its payment; refuses it when it says anything else anew."""
        load = self.load
        stands = select(DOCUMENT).where(DOCUMENT.c.company == load.tx.company, DOCUMENT.c.id == before.subject_id)
        posted = load.tx.row(stands)
        facts = [*_FACTS, *(["due_on"] if unit.values.get("due_on") else [])]
        try:
            row = self._made(unit)[0]
        except Wrong:
            row = dict.fromkeys(facts)
        if unit.lines or posted is None or any(getattr(posted, name) != row[name] for name in facts):
            load.refuse(unit, "posted", f"document {unit.values['number']} stands as it was posted; this row differs")
            return
        told = (NOTE.c.company == load.tx.company, NOTE.c.subject == "document", NOTE.c.subject_id == posted.id)
        load.tx.do(delete(NOTE).where(*told, NOTE.c.kind.in_(("paid-on", "stated-open"))))
        self._note(unit, posted.id)
        rehash(load, "document", [(unit.key, unit.hash)])
        load.touched["account"].add(posted.account_id)
        load.done(unit, "updated")

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
        self._note(unit, row["id"])

    def _note(self, unit: Unit, document: int) -> None:
        if unit.values.get("paid_on") is not None:
            self.notes.append(("document", document, "paid-on", unit.values["paid_on"].isoformat()))
        if unit.values.get("stated_open") is not None:
            self.notes.append(("document", document, "stated-open", str(unit.values["stated_open"])))


def _issued(load: Load, values: Mapping[str, Any]) -> date:
    if values.get("issued_on") is not None:
        return values["issued_on"]  # type: ignore[no-any-return]
    if values.get("issued_at") is None:
        raise Wrong("value", f"{values['number']} has no date")
    return values["issued_at"].astimezone(ZoneInfo(load.source.timezone)).date()  # type: ignore[no-any-return]


def _days(load: Load, units: Sequence[Unit]) -> set[date]:
    """The days documents would be posted on."""
    dated = [unit.values for unit in units if unit.values.get("issued_on") or unit.values.get("issued_at")]
    return {_issued(load, values) for values in dated}


def _totals(values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> tuple[str, tuple[int, int, int], str]:
    """(kind, (net, tax, gross), flag). Faces are positive; without a kind a negative gross makes a credit note."""
    net, tax, gross = values.get("net"), values.get("tax"), values.get("gross")
    summed = (sum(line["net"] for line in lines), sum(line["tax"] for line in lines))
    if net is None and gross is None:
        if not lines:
            raise Wrong("value", f"{values['number']} has neither a total nor lines")
        net, tax = summed[0], summed[1] if tax is None else tax
    amounts = adding_up(net, tax, gross, f"the amounts of {values['number']}")
    kind = values.get("kind") or ("invoice" if amounts[2] >= 0 else "credit_note")
    if kind not in KINDS:
        raise Wrong("value", f"{kind!r} is no kind of document; there are {', '.join(KINDS)}")
    if not values.get("kind"):
        amounts = (abs(amounts[0]), abs(amounts[1]), abs(amounts[2]))
    if amounts[2] < 0:
        raise Wrong("value", f"{values['number']} comes to less than nothing; a document's face is positive")
    flag = "differs-from-lines" if lines and sum(summed) != amounts[2] else ""
    return kind, amounts, flag


def _open_item(load: Load, row: Mapping[str, Any], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    face = row["gross"] if values.get("taken_over") is None else values["taken_over"]
    face = -face if row["kind"] == "credit_note" else face
    item = {"id": load.new_id(), "source": "document", "source_id": row["id"], "posted_on": row["issued_on"]}
    same = ("account_id", "customer_id", "number", "kind", "due_on", "currency")
    return [{**item, **{name: row[name] for name in same}, "face": face, "open": face}] if face else []
