"""The tax category of a document's lines: taken from the customer once, when it is posted. Internal to services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from csdesk.documents.paper import CATEGORIES
from csdesk.models import Customer, table
from csdesk.services.tx import Tx

CUSTOMER = table(Customer)
WITHOUT_REASON = frozenset({"S", "Z"})


def category_of(rate: Decimal, exempt: bool, own: str) -> str:
    """The tax category (UNTDID 5305) of a rate: S above 0; at 0 the exempt customer's `own` (E when it names none),
    else Z."""
    if rate > 0:
        return "S"
    return (own or "E") if exempt else "Z"


def reason_of(category: str, own: str) -> str:
    """Why there is no tax, as the paper says it: the customer's `own` words, else those of the category."""
    return "" if category in WITHOUT_REASON else own or CATEGORIES.get(category, "")


def kept(line: Any) -> dict[str, str]:
    """What a note takes over from the line it corrects; nothing where that line tells no category."""
    return {"tax_category": line.tax_category, "tax_reason": line.tax_reason}


def stamped(tx: Tx, customer_id: int, lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines of a document with category and reason; those that have a category keep it."""
    here = (CUSTOMER.c.company == tx.company, CUSTOMER.c.id == customer_id)
    columns = (CUSTOMER.c.tax_exempt, CUSTOMER.c.exempt_category, CUSTOMER.c.exempt_reason)
    who = tx.row(select(*columns).where(*here))
    assert who is not None
    found = []
    for line in lines:
        category = category_of(line["tax_rate"], who.tax_exempt, who.exempt_category)
        own = {"tax_category": category, "tax_reason": reason_of(category, who.exempt_reason)}
        found.append({**line, **({} if line.get("tax_category") else own)})
    return found
