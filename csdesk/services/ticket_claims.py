"""What became of the amount and the quantity of a ticket's line. Internal to services."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, func, select

from csdesk.models import CreditClaim, Dispute, table
from csdesk.rules.approvals import HOLDING
from csdesk.rules.claims import parted
from csdesk.services import asking, replaced
from csdesk.services.tx import Tx

CLAIM, DISPUTE = table(CreditClaim), table(Dispute)


def claim_of(tx: Tx, line: Row[Any]) -> dict[str, int]:
    """What became of a line's amount by the parts of `rules.claims`, minor units.

    What disputes held for it came to counts of each of them, what was billed back of the last one was upheld unless it
    was credited or comes again all the same; the credit beside them is what its request posted and nobody reversed. A
    replacement counts once its order was made, until that is cancelled.
    """
    return parted(line.claimed, facts_of(tx, line))


def facts_of(tx: Tx, line: Row[Any]) -> dict[str, int]:
    """What the ledger, requests and decisions say became of a line, each by itself: nothing is cut to the claim."""
    facts = {"credited": 0, "paid": 0, "written_off": 0, "replaced": 0, "upheld": line.upheld}
    again = replaced.of_line(tx, line)
    if again is not None and again.state == "posted":
        facts["replaced"] = again.amount
    held = disputes_of(tx, line)
    facts["credited"] = _credited(tx, line, held)
    facts["paid"], facts["written_off"] = sum(each.paid for each in held), sum(each.cleared for each in held)
    last = next((each for each in held if each.id == line.dispute_id), None)
    if last is not None and last.closed_at is not None and last.state in {"closed", "billed_back"}:
        rest = line.claimed - sum(value for name, value in facts.items() if name != "upheld")
        facts["upheld"] = max(line.upheld, min(last.open, rest))
    return facts


def disputes_of(tx: Tx, line: Row[Any], live: bool = False) -> Sequence[Row[Any]]:
    """The disputes held for a line so far in the order they were opened, those withdrawn too; with `live` the open
    ones."""
    if line.dispute_id is None:
        return ()
    mine = select(DISPUTE).where(
        DISPUTE.c.company == tx.company, DISPUTE.c.ticket_id == line.ticket_id, DISPUTE.c.ticket_line == line.line
    )
    if live:
        mine = mine.where(DISPUTE.c.closed_at.is_(None))
    return tx.rows(mine.order_by(DISPUTE.c.id))


def open_of(tx: Tx, line: Row[Any]) -> int:
    """What of a line nobody has settled, what was upheld taken as open anew, and what is to come again as settled."""
    again = replaced.of_line(tx, line)
    facts = facts_of(tx, line) | {"upheld": 0, "replaced": again.amount if again is not None else 0}
    return parted(line.claimed, facts)["open"]


def _credited(tx: Tx, line: Row[Any], held: Sequence[Row[Any]]) -> int:
    """What disputes were credited with, and what the line's own note is over beside the dispute it settles: that counts
    once, whether or not it was applied."""
    of_disputes = sum(int(each.credited) for each in held)
    if line.request_id is None:
        return of_disputes
    settles = asking.get(tx, line.request_id).dispute_id
    its = next((int(each.credited) for each in held if each.id == settles), of_disputes)
    return of_disputes - its + max(its, _noted(tx, line.request_id))


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
