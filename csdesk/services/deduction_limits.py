"""What a deduction may be credited with at most, and which credit request may settle it. Internal to services."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Invalid, Refused
from csdesk.models import Document, OpenItem, table
from csdesk.money import show
from csdesk.services import dispute_steps, separating
from csdesk.services.tx import Tx

ITEM, DOCUMENT = table(OpenItem), table(Document)
VERDICTS = {"valid": "accept", "invalid": "deny", "part": "accept_part"}  # -> event of a deduction


def due(row: Row[Any]) -> int:
    """What is to be credited of a deduction at most, gross in minor units: found valid, and open still."""
    return int(min(row.open, row.open if row.valid is None else row.valid))


def within(row: Row[Any], gross: int) -> None:
    """Raises Refused when a credit is more than a deduction may have."""
    if gross > due(row):
        asked, most = show(gross, row.currency), show(due(row), row.currency)
        raise Refused(
            f"{asked} {row.currency} are more than the {most} {row.currency} that are valid of deduction {row.number}.",
            field="amount",
        )


def may_decide(tx: Tx, row: Row[Any]) -> None:
    """Raises Refused when the actor did something about the same order or customer that must not go together with
    deciding what becomes of a deduction: set its payment against the invoice, say."""
    paper = (ITEM.c.source == "document") & (DOCUMENT.c.company == ITEM.c.company) & (DOCUMENT.c.id == ITEM.c.source_id)
    found = select(DOCUMENT.c.order_id).join_from(ITEM, DOCUMENT, paper)
    order = tx.value(found.where(ITEM.c.company == tx.company, ITEM.c.id == row.item_id))
    about = separating.About(order, row.customer_id, row.account_id)
    separating.refuse(tx, "dispute.resolve", [tx.actor.person_id], about)


def left(tx: Tx, row: Row[Any]) -> None:
    """Raises Refused when nothing of a deduction that ended is left to dispute."""
    opened = tx.value(select(ITEM.c.open).where(ITEM.c.company == tx.company, ITEM.c.id == row.item_id))
    others = sum(each.open for each in dispute_steps.of_item(tx, row.item_id))
    if row.state == "withdrawn" or not 0 < row.open <= int(opened or 0) - others:
        raise Refused(f"Nothing of deduction {row.number} is left to dispute.")


def settles(tx: Tx, row: Row[Any], item: Row[Any], request: Row[Any]) -> None:
    """Raises Refused for a credit request that is not on the invoice of a deduction's item, unless it has enough to
    give to any item: what is left of its note; while it waits, its amount when it is on no invoice."""
    if item.source == "document" and request.document_id == item.source_id:
        return
    if request.state == "posted":
        note = select(ITEM.c.open).where(
            ITEM.c.company == tx.company, ITEM.c.source == "document", ITEM.c.source_id == request.posted_id
        )
        left = -int(tx.value(note) or 0)
    else:
        left = int(request.amount) if request.document_id is None else 0
    if left < due(row):
        wanted = f"{show(due(row), row.currency)} {row.currency}"
        raise Refused(f"Request {request.number} is not on {item.number}, and has no {wanted} left to settle it with.")


def checked_verdict(row: Row[Any], verdict: str, amount: int | None) -> str:
    """The event of a verdict. Raises Invalid for a verdict that is none, or a part that is nothing or all."""
    if verdict not in VERDICTS:
        raise Invalid(f"'{verdict}' is no verdict; there are valid, invalid and part.", field="verdict")
    if verdict == "part" and (amount is None or not 0 < amount < row.open):
        most = f"{show(row.open, row.currency)} {row.currency}"
        raise Invalid(f"What is valid in part is more than 0 and less than the {most} that are open.", field="amount")
    return VERDICTS[verdict]
