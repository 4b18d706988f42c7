"""Documents gathered whole for paper: seller, buyer, delivery, lines, tax by rate, what they correct. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select

from csdesk.documents.paper import TITLES, Paper, PaperLine, Reference, TaxPart
from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import (
    Delivery,
    Document,
    DocumentLine,
    OpenItem,
    OrderLine,
    Product,
    Reason,
    SalesOrder,
    table,
)
from csdesk.services import papers_parties as parties
from csdesk.services import tax_categories
from csdesk.services.papers_parties import Parties
from csdesk.services.tx import Tx, reads

DOCUMENT, LINE, PRODUCT, ITEM = table(Document), table(DocumentLine), table(Product), table(OpenItem)
ORDER, ORDER_LINE, DELIVERY, REASON = table(SalesOrder), table(OrderLine), table(Delivery), table(Reason)
KINDS = ("invoice", "credit_note", "debit_note")


@dataclass(frozen=True)
class Found:
    """What a number names: a posted document, or an order for its confirmation."""

    kind: str
    id: int
    number: str


@reads("customer.read")
def find(tx: Tx, number: str, kind: str = "") -> Found:
    """The document of a number, or the order when no document has it; `kind` says which when several do.

    Raises NotFound for none, Invalid when several have it or the kind is none.
    """
    wanted = kind.replace("-", "_").replace(" ", "_")
    if wanted and wanted not in (*KINDS, "order"):
        raise Invalid(f"'{kind}' has no paper; there are invoice, credit-note, debit-note and order.", field="kind")
    here = (DOCUMENT.c.company == tx.company, DOCUMENT.c.number == number.strip())
    kinds = (wanted,) if wanted else KINDS
    rows = tx.rows(select(DOCUMENT.c.id, DOCUMENT.c.kind).where(*here, DOCUMENT.c.kind.in_(kinds)))
    found = [Found(row.kind, row.id, number.strip()) for row in rows]
    if not found and wanted in ("", "order"):
        order = select(ORDER.c.id).where(ORDER.c.company == tx.company, ORDER.c.number == number.strip())
        found = [Found("order", row.id, number.strip()) for row in tx.rows(order)]
    if not found:
        raise NotFound(f"There is no document {number}; the ledger (l) and the history (h) show their numbers.")
    if len(found) > 1:
        names = " and ".join(sorted(each.kind.replace("_", "-") for each in found))
        raise Invalid(f"{number} is the number of {names}; say which with --kind.", field="kind")
    return found[0]


@reads("customer.read")
def document(tx: Tx, document_id: int) -> Paper:
    """A posted document whole. Raises NotFound, and Refused for a kind that has no paper (write-off, reversal)."""
    row = tx.row(select(DOCUMENT).where(DOCUMENT.c.company == tx.company, DOCUMENT.c.id == document_id))
    if row is None:
        raise NotFound("This document is not in the books; look it up again.")
    if row.kind not in KINDS:
        raise Refused(f"{row.number} is a {row.kind.replace('_', ' ')}; it has no paper.")
    order = _order(tx, row.order_id)
    who = parties.of(tx, row.customer_id, order.ship_to_id if order else None)
    lines = tuple(_line(who, line) for line in _document_lines(tx, row.id))
    reason, code = _reason(tx, row.reason)
    return Paper(
        kind=row.kind, number=row.number, issued_on=row.issued_on, currency=row.currency,
        seller=who.seller, buyer=who.debtor, ship_to=who.ship_to, account=who.account, lines=lines,
        taxes=_taxes(lines), net=row.net, tax=row.tax, gross=row.gross, due_on=row.due_on,
        delivered_on=_delivered(tx, row.order_id, who.timezone), terms=who.terms,
        order_number=order.number if order else "", customer_reference=order.customer_reference if order else "",
        corrects=_corrects(tx, row.corrects_id), reason=reason, reason_code=code, tax_method=row.tax_method,
        rounding=row.rounding, open=_open(tx, row.id), customer_id=row.customer_id,
    )  # fmt: skip


@reads("customer.read")
def confirmation(tx: Tx, order_id: int) -> Paper:
    """The confirmation of an order as it stands: its live lines with their days. Raises NotFound."""
    order = _order(tx, order_id)
    if order is None:
        raise NotFound("This order is not in the books; look it up again.")
    who = parties.of(tx, order.customer_id, order.ship_to_id)
    lines = tuple(_line(who, line, line.promised_on) for line in _order_lines(tx, order_id))
    local = order.placed_at.astimezone(ZoneInfo(who.timezone)).date()
    held = () if order.status != "held" else ("The order waits for a release; we come back to you about it.",)
    gone = () if order.status != "cancelled" else ("The order is cancelled.",)
    return Paper(
        kind="order_confirmation", number=order.number, issued_on=local, currency=order.currency, seller=who.seller,
        buyer=who.customer, ship_to=who.ship_to, account=who.account, lines=lines, taxes=_taxes(lines),
        net=order.net, tax=order.tax, gross=order.gross, requested_on=order.requested_on,
        promised_on=order.promised_on, terms=who.terms, order_number=order.number,
        customer_reference=order.customer_reference, tax_method=order.tax_method, rounding=order.rounding,
        revision=order.revision, notes=(*held, *gone), customer_id=order.customer_id,
    )  # fmt: skip


def _order(tx: Tx, order_id: int | None) -> Row[Any] | None:
    if order_id is None:
        return None
    return tx.row(select(ORDER).where(ORDER.c.company == tx.company, ORDER.c.id == order_id))


def _document_lines(tx: Tx, document_id: int) -> Sequence[Row[Any]]:
    """Lines with their product, and those without one."""
    of = (PRODUCT.c.company == LINE.c.company) & (PRODUCT.c.id == LINE.c.product_id)
    statement = select(LINE, PRODUCT.c.code, PRODUCT.c.name).join_from(LINE, PRODUCT, of, isouter=True)
    here = (LINE.c.company == tx.company, LINE.c.document_id == document_id)
    return tx.rows(statement.where(*here).order_by(LINE.c.line))


def _order_lines(tx: Tx, order_id: int) -> Sequence[Row[Any]]:
    of = (PRODUCT.c.company == ORDER_LINE.c.company) & (PRODUCT.c.id == ORDER_LINE.c.product_id)
    statement = select(ORDER_LINE, PRODUCT.c.code, PRODUCT.c.name).join_from(ORDER_LINE, PRODUCT, of)
    here = (ORDER_LINE.c.company == tx.company, ORDER_LINE.c.order_id == order_id, ORDER_LINE.c.quantity != 0)
    return tx.rows(statement.where(*here).order_by(ORDER_LINE.c.line))


def _line(who: Parties, row: Row[Any], promised: date | None = None) -> PaperLine:
    """A line with its category as posted; an order, or a line brought in without one, has the customer's of today."""
    name = row.description or row.name or "-"
    category = getattr(row, "tax_category", "")
    reason = row.tax_reason if category else ""
    if not category:
        category = tax_categories.category_of(row.tax_rate, who.exempt, who.exempt_category)
        reason = tax_categories.reason_of(category, who.exempt_reason)
    return PaperLine(
        row.line, row.code or "", name, row.unit, row.quantity, row.price, row.net, row.tax_rate, row.tax,
        category, promised, tax_reason=reason,
    )  # fmt: skip


def _taxes(lines: Iterable[PaperLine]) -> tuple[TaxPart, ...]:
    """Base and tax of each category and rate, in the order of their rates from high to low; one reason a category."""
    sums: dict[tuple[str, Decimal], tuple[int, int]] = {}
    reasons: dict[str, str] = {}
    for line in lines:
        base, tax = sums.get((line.category, line.tax_rate), (0, 0))
        sums[line.category, line.tax_rate] = (base + line.net, tax + line.tax)
        reasons[line.category] = reasons.get(line.category) or line.tax_reason
    return tuple(
        TaxPart(category, rate, base, tax, reasons[category])
        for (category, rate), (base, tax) in sorted(sums.items(), key=lambda each: (-each[0][1], each[0][0]))
    )


def _delivered(tx: Tx, order_id: int | None, zone: str) -> date | None:
    """The customer's day on which the last goods of the order were signed for."""
    if order_id is None:
        return None
    latest = select(func.max(DELIVERY.c.delivered_at)).where(
        DELIVERY.c.company == tx.company, DELIVERY.c.order_id == order_id
    )
    at = tx.value(latest)
    return None if at is None else at.astimezone(ZoneInfo(zone)).date()


def _corrects(tx: Tx, document_id: int | None) -> Reference | None:
    if document_id is None:
        return None
    statement = select(DOCUMENT.c.number, DOCUMENT.c.issued_on)
    row = tx.row(statement.where(DOCUMENT.c.company == tx.company, DOCUMENT.c.id == document_id))
    return None if row is None else Reference(row.number, row.issued_on)


def _reason(tx: Tx, code: str) -> tuple[str, str]:
    """A reason's name and its UNTDID 4465 code; a code that is in no table stands for itself."""
    row = tx.row(
        select(REASON.c.name, REASON.c.untdid_4465).where(REASON.c.company == tx.company, REASON.c.code == code)
    )
    return (code, "") if row is None else (row.name, row.untdid_4465)


def _open(tx: Tx, document_id: int) -> int | None:
    return tx.value(  # type: ignore[no-any-return]
        select(ITEM.c.open).where(
            ITEM.c.company == tx.company, ITEM.c.source == "document", ITEM.c.source_id == document_id
        )
    )


def title_of(kind: str) -> str:
    """What a kind of document is called."""
    return TITLES.get(kind, kind.replace("_", " "))
