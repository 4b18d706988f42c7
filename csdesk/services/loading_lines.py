"""Loading lines of posted documents and changes of stock that are no sales. Internal to the importer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select

from csdesk.models import Document, DocumentLine, StockMovement, table
from csdesk.rules.pricing import line_net
from csdesk.rules.tax import tax_of
from csdesk.services.loading_base import Known, Load, remember, resolve
from csdesk.services.loading_orders import Goods, owners
from csdesk.services.loading_prices import warehouse
from csdesk.services.loading_put import put
from csdesk.services.loading_types import Line, Unit

DOCUMENT, LINE, MOVED = table(Document), table(DocumentLine), table(StockMovement)
_C: Any = bindparam("c")
_IDS: Any = bindparam("ids", expanding=True)
_LAST = (
    select(LINE.c.document_id, func.max(LINE.c.line).label("line"))
    .where(LINE.c.company == _C, LINE.c.document_id.in_(_IDS))
    .group_by(LINE.c.document_id)
)
_BUYERS = select(DOCUMENT.c.customer_id).distinct().where(DOCUMENT.c.company == _C, DOCUMENT.c.id.in_(_IDS))


class Wrong(Exception):
    """Why a document cannot be posted: a short code and one sentence."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def adding_up(net: int | None, tax: int | None, gross: int | None, what: str) -> tuple[int, int, int]:
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
    amounts = adding_up(net, tax, gross, f"the amounts of the line in row {line.row}")
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
