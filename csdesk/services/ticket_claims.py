"""What became of the amount and the quantity of a ticket's line. Internal to services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Row, func, select

from csdesk.models import CreditClaim, table
from csdesk.rules.approvals import HOLDING
from csdesk.rules.claims import parted
from csdesk.services import asking, dispute_steps, replaced
from csdesk.services.tx import Tx

CLAIM = table(CreditClaim)


def claim_of(tx: Tx, line: Row[Any]) -> dict[str, int]:
    """What became of a line's amount by the parts of `rules.claims`, minor units.

    With a dispute the parts are the dispute's, and what was billed back of it was upheld; else the credit is what its
    request posted and nobody reversed. A replacement counts once its order was made, until that is cancelled.
    """
    return parted(line.claimed, facts_of(tx, line))


def facts_of(tx: Tx, line: Row[Any]) -> dict[str, int]:
    """What the ledger, requests and decisions say became of a line, each by itself: nothing is cut to the claim."""
    facts = {"credited": 0, "paid": 0, "written_off": 0, "replaced": 0, "upheld": line.upheld}
    if line.request_id is not None:
        facts["credited"] = _noted(tx, line.request_id)
    again = replaced.of_line(tx, line)
    if again is not None and again.state == "posted":
        facts["replaced"] = again.amount
    if line.dispute_id is not None:
        held = dispute_steps.get(tx, line.dispute_id)
        facts["paid"], facts["written_off"] = held.paid, held.cleared
        facts["credited"] = max(facts["credited"], held.credited)
        if held.closed_at is not None and held.state in {"closed", "billed_back"}:
            facts["upheld"] = max(line.upheld, held.open)
    return facts


def _noted(tx: Tx, request_id: int) -> int:
    """What a request was credited with, tax in it, and is still."""
    mine = (CLAIM.c.company == tx.company, CLAIM.c.request_id == request_id, CLAIM.c.state == "posted")
    return sum(int(row.net) + int(row.tax) for row in tx.rows(select(CLAIM.c.net, CLAIM.c.tax).where(*mine)))


def credit_of(tx: Tx, line: Row[Any]) -> Row[Any] | None:
    """The request that credits a ticket's line, while it waits or stands; None when there is none, or none any more."""
    if line.request_id is None:
        return None
    made = asking.get(tx, line.request_id)
    return made if made.state in HOLDING or made.state == "posted" else None


def credited_quantity(tx: Tx, line: Row[Any]) -> Decimal:
    """How much of a ticket's line is credited or asked to be, in the unit it was ordered in."""
    credit = credit_of(tx, line)
    if credit is None:
        return Decimal(0)
    mine = select(func.sum(CLAIM.c.quantity)).where(
        CLAIM.c.company == tx.company, CLAIM.c.request_id == credit.id, CLAIM.c.document_id == line.document_id,
        CLAIM.c.line == line.document_line, CLAIM.c.state != "void",
    )  # fmt: skip
    return Decimal(tx.value(mine) or 0)


def taken(tx: Tx, line: Row[Any]) -> Decimal:
    """How much of a ticket's line is credited or comes again."""
    return credited_quantity(tx, line) + replaced.quantity_of(replaced.of_line(tx, line))
