"""Lists that can be exported whole, in pages by key, so that memory stays flat however long they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, and_, bindparam, not_, or_, select, true, tuple_

from csdesk.errors import NotFound
from csdesk.models import (
    Allocation,
    AuditEntry,
    CreditAccount,
    Customer,
    Deal,
    Delivery,
    DeliveryEvent,
    Document,
    DocumentLine,
    Escalation,
    ImportQuarantine,
    OpenItem,
    OrderLine,
    Price,
    PriceList,
    Product,
    Receipt,
    SalesOrder,
    Stock,
    StockMovement,
    Survey,
    Ticket,
    table,
)
from csdesk.models.types import Minor, Scaled
from csdesk.money import show_quantity
from csdesk.services import seeing
from csdesk.services.reports_base import Books, Cell, books, stands
from csdesk.services.tx import Tx, reads

CUSTOMER, ACCOUNT, PRODUCT, STOCK = table(Customer), table(CreditAccount), table(Product), table(Stock)
ORDER, ORDER_LINE, DOCUMENT, LINE = table(SalesOrder), table(OrderLine), table(Document), table(DocumentLine)
ITEM, RECEIPT, DELIVERY, EVENT = table(OpenItem), table(Receipt), table(Delivery), table(DeliveryEvent)
MOVED, PRICE, LIST, DEAL = table(StockMovement), table(Price), table(PriceList), table(Deal)
TICKET, ESCALATION, SURVEY = table(Ticket), table(Escalation), table(Survey)
WAITING, AUDIT, ALLOCATION = table(ImportQuarantine), table(AuditEntry), table(Allocation)
OF_TICKETS = ("ticket", "escalation", "supervising", "corrective", "surveys", "callbacks", "replacing", "handover")
_PAYER = CUSTOMER.alias("payer")
_DEBIT, _CREDIT = ITEM.alias("debit"), ITEM.alias("credit")

Join = tuple[Any, Any, Any]  # (table, its column, the column it must equal), company beside


@dataclass(frozen=True)
class Listing:
    """A list: its main table, the key it is ordered by, what is joined, and the columns with their titles."""

    main: Any
    key: tuple[Any, ...]
    columns: tuple[tuple[str, Any], ...]
    joins: tuple[Join, ...] = ()
    seen: Callable[[Tx], Any] | None = None  # the rows that are for the reader; None: all


def _seen(tx: Tx) -> Any:
    """The entries of the audit trail about tickets the reader may see, and about all else; of what others took back or
    were refused on tickets, whose words may be a ticket's, nothing. Who reads all tickets has the trail whole."""
    if tx.actor.may(seeing.ALL):
        return true()
    tickets = select(TICKET.c.id).where(seeing.visible(tx))
    elsewhere = AUDIT.c.subject.not_in(("ticket", "escalation", "survey", "command"))
    refused = or_(*(AUDIT.c.verb.like(f"refused:{module}%") for module in OF_TICKETS))
    ways = [and_(elsewhere, not_(refused)), AUDIT.c.lane == tx.actor.id]
    ways.append((AUDIT.c.subject == "ticket") & AUDIT.c.subject_id.in_(tickets))
    for name, of in (("escalation", ESCALATION), ("survey", SURVEY)):
        mine = select(of.c.id).where(of.c.company == tx.company, of.c.ticket_id.in_(tickets))
        ways.append((AUDIT.c.subject == name) & AUDIT.c.subject_id.in_(mine))
    return or_(*ways)


def _own(of: Table, names: str) -> tuple[tuple[str, Any], ...]:
    return tuple((name, of.c[name]) for name in names.split())


_OF_CUSTOMER: tuple[tuple[str, Any], ...] = (("customer", CUSTOMER.c.code),)
_OF_PRODUCT: tuple[tuple[str, Any], ...] = (("product", PRODUCT.c.code),)


def _customer(of: Table) -> Join:
    return CUSTOMER, CUSTOMER.c.id, of.c.customer_id


def _product(of: Table) -> Join:
    return PRODUCT, PRODUCT.c.id, of.c.product_id


LISTS: dict[str, Listing] = {
    "customers": Listing(
        CUSTOMER,
        (CUSTOMER.c.id,),
        (
            *_own(CUSTOMER, "code name"),
            ("bill_to", _PAYER.c.code),
            *_own(CUSTOMER, "segment price_group terms country currency on_hold anonymous opened_on"),
            *_own(ACCOUNT, "credit_limit orders delivered billed open_debit open_credit last_payment last_payment_on"),
        ),
        ((ACCOUNT, ACCOUNT.c.id, CUSTOMER.c.account_id), (_PAYER, _PAYER.c.id, CUSTOMER.c.bill_to_id)),
    ),
    "products": Listing(
        PRODUCT,
        (PRODUCT.c.id,),
        _own(PRODUCT, "code name kind base_unit sales_unit tax_code retail_price barcode notes"),
    ),
    "stock": Listing(
        STOCK,
        (STOCK.c.product_id, STOCK.c.warehouse),
        (*_OF_PRODUCT, *_own(STOCK, "warehouse on_hand reserved reorder_level target_level bin")),
        (_product(STOCK),),
    ),
    "prices": Listing(
        PRICE,
        (PRICE.c.id,),
        (
            ("list", LIST.c.code), ("kind", LIST.c.kind), *_OF_PRODUCT,
            *_own(PRICE, "unit amount per min_quantity valid_from valid_to"),
        ),
        ((LIST, LIST.c.id, PRICE.c.price_list_id), _product(PRICE)),
    ),
    "deals": Listing(
        DEAL, (DEAL.c.id,), _own(DEAL, "code name kind price_group group_code value buy free valid_from valid_to")
    ),
    "orders": Listing(
        ORDER,
        (ORDER.c.id,),
        (
            ("number", ORDER.c.number), *_OF_CUSTOMER,
            *_own(ORDER, "status channel customer_reference placed_at requested_on promised_on picked_at"),
            *_own(ORDER, "net tax gross exposure source"),
        ),
        (_customer(ORDER),),
    ),
    "order-lines": Listing(
        ORDER_LINE,
        (ORDER_LINE.c.order_id, ORDER_LINE.c.line),
        (
            ("order", ORDER.c.number), ("line", ORDER_LINE.c.line), *_OF_PRODUCT,
            *_own(ORDER_LINE, "description unit factor quantity original_quantity price price_source net tax_rate tax"),
            *_own(ORDER_LINE, "cancelled_quantity cancel_reason allocated backordered picked shipped delivered"),
        ),
        ((ORDER, ORDER.c.id, ORDER_LINE.c.order_id), _product(ORDER_LINE)),
    ),
    "documents": Listing(
        DOCUMENT,
        (DOCUMENT.c.id,),
        (
            *_own(DOCUMENT, "kind number"), *_OF_CUSTOMER, ("order", ORDER.c.number),
            *_own(DOCUMENT, "issued_on due_on net tax gross currency reason source flags"),
        ),
        (_customer(DOCUMENT), (ORDER, ORDER.c.id, DOCUMENT.c.order_id)),
    ),
    "document-lines": Listing(
        LINE,
        (LINE.c.document_id, LINE.c.line),
        (
            ("kind", DOCUMENT.c.kind), ("document", DOCUMENT.c.number), ("line", LINE.c.line), *_OF_PRODUCT,
            *_own(LINE, "description unit quantity price net tax_rate tax flags"),
        ),
        ((DOCUMENT, DOCUMENT.c.id, LINE.c.document_id), _product(LINE)),
    ),
    "open-items": Listing(
        ITEM,
        (ITEM.c.id,),
        (*_own(ITEM, "kind number"), *_OF_CUSTOMER, *_own(ITEM, "posted_on due_on face open currency")),
        (_customer(ITEM),),
    ),
    "receipts": Listing(
        RECEIPT, (RECEIPT.c.id,), _own(RECEIPT, "number received_on amount currency method reference source")
    ),
    "allocations": Listing(
        ALLOCATION,
        (ALLOCATION.c.id,),
        (("document", _DEBIT.c.number), ("paid_by", _CREDIT.c.number), *_own(ALLOCATION, "amount applied_on")),
        ((_DEBIT, _DEBIT.c.id, ALLOCATION.c.debit_item_id), (_CREDIT, _CREDIT.c.id, ALLOCATION.c.credit_item_id)),
    ),
    "deliveries": Listing(
        DELIVERY,
        (DELIVERY.c.id,),
        (
            ("number", DELIVERY.c.number), ("order", ORDER.c.number), *_OF_CUSTOMER,
            *_own(DELIVERY, "carrier tracking planned_on dispatched_at delivered_at received_by source"),
        ),
        (_customer(DELIVERY), (ORDER, ORDER.c.id, DELIVERY.c.order_id)),
    ),
    "delivery-events": Listing(
        EVENT,
        (EVENT.c.delivery_id, EVENT.c.seq),
        (("delivery", DELIVERY.c.number), *_own(EVENT, "seq at event status comment")),
        ((DELIVERY, DELIVERY.c.id, EVENT.c.delivery_id),),
    ),
    "stock-movements": Listing(
        MOVED,
        (MOVED.c.id,),
        (*_OF_PRODUCT, *_own(MOVED, "warehouse kind number quantity note at source")),
        (_product(MOVED),),
    ),
    "quarantine": Listing(
        WAITING, (WAITING.c.id,), _own(WAITING, "id source part entity file row key code reason data resolved_at")
    ),
    "audit": Listing(
        AUDIT, (AUDIT.c.lane, AUDIT.c.seq), _own(AUDIT, "lane seq at actor verb subject subject_id before after hash"),
        seen=_seen,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class ListPage:
    """A page of a list; `after` is where the next one begins, empty at the end. `stands`: how old it is."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    after: tuple[Any, ...]
    stands: str = ""


@reads("report.read", replica=True)
def page(tx: Tx, name: str, after: tuple[Any, ...] = (), limit: int = 2000) -> ListPage:
    """Rows of a list in the order of its key. Amounts are in major units. Raises NotFound for an unknown list."""
    listing = LISTS.get(name)
    if listing is None:
        raise NotFound(f"There is no list '{name}'; there are {', '.join(LISTS)}, and every report.", field="what")
    keys = [column.label(f"_key{place}") for place, column in enumerate(listing.key)]
    statement = select(*(column for _, column in listing.columns), *keys).select_from(_joined(listing))
    statement = statement.where(
        listing.main.c.company == tx.company, true() if listing.seen is None else listing.seen(tx)
    )
    if after:
        bound = [
            bindparam(f"after{n}", value, type_=column.type)
            for n, (column, value) in enumerate(zip(listing.key, after, strict=True))
        ]
        statement = statement.where(tuple_(*listing.key) > tuple_(*bound))
    found: Sequence[Any] = tx.rows(statement.order_by(*listing.key).limit(limit))
    own, width = books(tx), len(listing.columns)
    types = [column.type for _, column in listing.columns]
    rows = tuple(tuple(_cell(value, kind, own) for value, kind in zip(row, types, strict=False)) for row in found)
    more = tuple(found[-1][width:]) if len(found) == limit else ()
    return ListPage(tuple(title for title, _ in listing.columns), rows, more, stands(tx, own))


def _joined(listing: Listing) -> Any:
    joined = listing.main
    for other, column, same in listing.joins:
        joined = joined.outerjoin(other, (other.c.company == listing.main.c.company) & (column == same))
    return joined


def _cell(value: Any, kind: Any, own: Books) -> Cell:
    if value is None or isinstance(value, str):
        return value
    if isinstance(kind, Minor):
        return own.major(value)
    if isinstance(kind, Scaled):
        return Decimal(show_quantity(value))
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, int | date) else str(value)
