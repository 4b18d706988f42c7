"""Search as it is typed: customers, products, documents and tickets by whatever piece of them the caller gives.

What a text is looked for is decided in search_routes; this module turns what was found into views.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from csdesk.models import ContactPhone, CreditAccount, Customer, Product, ShipTo, UsualItem, table
from csdesk.services import knowledge, search_documents, search_routes, search_tickets
from csdesk.services.search_documents import DocumentHit
from csdesk.services.search_routes import Hit, Typed
from csdesk.services.tx import Tx, reads

CUSTOMER, ACCOUNT, PRODUCT = table(Customer), table(CreditAccount), table(Product)
SHIP, PHONE, USUAL = table(ShipTo), table(ContactPhone), table(UsualItem)

MOST_HITS = 50
MOST_USUAL = 200
MOST_TICKETS = 3  # of a list of hits that are sure of a place


@dataclass(frozen=True)
class CustomerHit:
    """A customer found. `phone` is the matching one, else the first; `matched` says by what it was found.

    `bill_to` is the name of whoever pays, empty when it is the customer. Matched: code, phone, name, contact,
    document or town.
    """

    id: int
    code: str
    name: str
    town: str
    phone: str
    bill_to: str
    on_hold: bool
    rank: int
    matched: str


@dataclass(frozen=True)
class ProductHit:
    """A product found by code, name, group or barcode. `usual` is its number on the customer's usual list, or None."""

    id: int
    code: str
    name: str
    sales_unit: str
    usual: int | None
    rank: int
    matched: str


@dataclass(frozen=True)
class JumpHit:
    """Something the jump box leads to: `kind` is customer, product, article, ticket, order, invoice, credit_note
    or debit_note. `customer_id` says whose it is, None for a product, an article or a ticket; `place` is where it
    stands among those of its rank.
    """

    kind: str
    id: int
    code: str
    title: str
    detail: str
    rank: int
    customer_id: int | None = None
    place: int = 0


@reads("customer.read", quick=True)
def customers(tx: Tx, text: str, limit: int = 9) -> tuple[CustomerHit, ...]:
    """The customers a text fits, best first, then by name and code; () for a text without letter or digit.

    Text is a code, a phone number or its ending in any notation, the exact number of an order or document, or words of
    name, town, postcode and contacts in any order and unfinished. Two first hits of the same rank are ambiguous.
    """
    return _customer_hits(tx, search_routes.customers(tx, Typed(text), _bounded(limit)))


@reads("customer.read", quick=True)
def products(tx: Tx, text: str, limit: int = 9, customer_id: int | None = None) -> tuple[ProductHit, ...]:
    """The products a text fits: code (in any case), name, group or barcode.

    Best first, then by name and code; with a customer, within a rank those of its usual list before the others.
    """
    usual = _usual(tx, customer_id) if customer_id is not None else {}
    return _product_hits(tx, search_routes.products(tx, Typed(text), _bounded(limit), usual), usual)


@reads("customer.read", quick=True)
def documents(tx: Tx, text: str, customer_id: int | None = None, limit: int = 9) -> tuple[DocumentHit, ...]:
    """Orders, invoices and notes by number, the exact one first, then the latest.

    With a customer: its documents whose number ends with the text; without: those whose number begins with it.
    """
    return search_documents.find(tx, text, customer_id, _bounded(limit))


@reads("customer.read", quick=True)
def jump(tx: Tx, text: str, limit: int = 9, customer_id: int | None = None) -> tuple[JumpHit, ...]:
    """Customers, documents, products, tickets and articles in one list: best rank first, in that order within a rank.

    Of a whole number the ticket comes first, then what is that of `customer_id`, who is on the line: a number may be
    that of a document of somebody else too. Customers found by nothing but such a number come last.
    """
    callers = customers(tx, text, limit)
    hits = [
        JumpHit("customer", hit.id, hit.code, hit.name, hit.town, hit.rank, hit.id,
                _LAST if hit.matched == "document" else _place(hit.id, customer_id)) for hit in callers
    ]  # fmt: skip
    hits += [
        JumpHit(hit.kind, hit.id, hit.number, hit.customer_name, hit.status, hit.rank, hit.customer_id,
                _place(hit.customer_id, customer_id))
        for hit in documents(tx, text, limit=limit)
    ]  # fmt: skip
    hits += [
        JumpHit("product", hit.id, hit.code, hit.name, hit.sales_unit, hit.rank, place=_OTHERS)
        for hit in products(tx, text, limit)
    ]
    found = search_tickets.find(tx, text, _bounded(limit), _meant(callers))
    hits += [
        JumpHit("ticket", hit.id, hit.number, hit.subject, f"{hit.customer}  {hit.state}".strip(), hit.rank,
                place=_OTHERS if hit.rank else _FIRST)
        for hit in found
    ]  # fmt: skip
    hits += [
        JumpHit("article", hit.id, hit.code, hit.title, hit.category, hit.rank, place=_OTHERS)
        for hit in knowledge.find(tx, text, limit, loosely=False)
    ]
    return _mixed(sorted(hits, key=_order), _bounded(limit))


_FIRST, _OWN, _OTHERS, _LAST = range(4)


def _place(owner: int, customer_id: int | None) -> int:
    return _OWN if owner == customer_id else _OTHERS


def _order(hit: JumpHit) -> tuple[bool, int, int]:
    return hit.place == _LAST, hit.rank, hit.place


def _meant(hits: Sequence[CustomerHit]) -> list[int]:
    """The customer whose tickets are shown too: the only one found best, unless by the number of a document."""
    best = [hit for hit in hits if hit.rank == hits[0].rank]
    return [best[0].id] if len(best) == 1 and best[0].matched != "document" else []


def _mixed(hits: Sequence[JumpHit], limit: int) -> tuple[JumpHit, ...]:
    """The best so many, a few tickets among them where there are any: many names that fit never hide them all."""
    kept = [hit for hit in hits if hit.kind == "ticket"][:MOST_TICKETS]
    room = limit - len(kept)
    others = [hit for hit in hits if hit not in kept][:room]
    return tuple(sorted([*others, *kept], key=_order)[:limit])


def _bounded(limit: int) -> int:
    return max(1, min(limit, MOST_HITS))


def _customer_hits(tx: Tx, hits: Sequence[Hit]) -> tuple[CustomerHit, ...]:
    if not hits:
        return ()
    rows = {row.id: row for row in tx.rows(_CUSTOMERS, {"company": tx.company, "ids": [hit.owner for hit in hits]})}
    return tuple(
        CustomerHit(
            row.id, row.code, row.name, row.town or "", hit.phone or row.phone or "", row.bill_to or "",
            row.on_hold or row.account_on_hold, hit.rank, hit.matched,
        )
        for hit in hits if (row := rows.get(hit.owner)) is not None
    )  # fmt: skip


def _product_hits(tx: Tx, hits: Sequence[Hit], usual: Mapping[int, int]) -> tuple[ProductHit, ...]:
    if not hits:
        return ()
    rows = {row.id: row for row in tx.rows(_PRODUCTS, {"company": tx.company, "ids": [hit.owner for hit in hits]})}
    return tuple(
        ProductHit(row.id, row.code, row.name, row.sales_unit, usual.get(row.id), hit.rank, hit.matched)
        for hit in hits
        if (row := rows.get(hit.owner)) is not None
    )


def _usual(tx: Tx, customer_id: int) -> dict[int, int]:
    """The first products of a customer's usual list and their numbers on it."""
    rows = tx.rows(_USUAL, {"company": tx.company, "customer": customer_id})
    return {row.product_id: row.position for row in reversed(rows)}


_BILL_TO = CUSTOMER.alias("bill_to")
# Ordered by id + 0: for an order by id alone SQLite would walk the primary key instead of the customer's few rows.
_TOWN = (
    select(SHIP.c.city)
    .where(SHIP.c.company == CUSTOMER.c.company, SHIP.c.customer_id == CUSTOMER.c.id, SHIP.c.city != "")
    .order_by(SHIP.c.is_default.desc(), SHIP.c.id + 0)
    .limit(1)
    .scalar_subquery()
)
_PHONE = (
    select(PHONE.c.raw)
    .where(PHONE.c.company == CUSTOMER.c.company, PHONE.c.customer_id == CUSTOMER.c.id)
    .order_by(PHONE.c.id + 0)
    .limit(1)
    .scalar_subquery()
)
_CUSTOMERS = (
    select(
        CUSTOMER.c.id, CUSTOMER.c.code, CUSTOMER.c.name, CUSTOMER.c.on_hold,
        ACCOUNT.c.on_hold.label("account_on_hold"), _BILL_TO.c.name.label("bill_to"),
        _TOWN.label("town"), _PHONE.label("phone"),
    )
    .join(ACCOUNT, (ACCOUNT.c.company == CUSTOMER.c.company) & (ACCOUNT.c.id == CUSTOMER.c.account_id))
    .outerjoin(_BILL_TO, (_BILL_TO.c.company == CUSTOMER.c.company) & (_BILL_TO.c.id == CUSTOMER.c.bill_to_id))
    .where(CUSTOMER.c.company == bindparam("company"), CUSTOMER.c.id.in_(bindparam("ids", expanding=True)))
)  # fmt: skip
_PRODUCTS = select(PRODUCT.c.id, PRODUCT.c.code, PRODUCT.c.name, PRODUCT.c.sales_unit).where(
    PRODUCT.c.company == bindparam("company"), PRODUCT.c.id.in_(bindparam("ids", expanding=True))
)
_USUAL = (
    select(USUAL.c.product_id, USUAL.c.position)
    .where(USUAL.c.company == bindparam("company"), USUAL.c.customer_id == bindparam("customer"))
    .order_by(USUAL.c.position)
    .limit(MOST_USUAL)
)
