"""One credit per source: an invoice line is credited once for one case, whichever way the credit came in. Internal.

Asked for when a credit is requested, edited, set up again after a decision was taken back, approved and posted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Refused
from csdesk.models import CreditClaim, Dispute, Document, OpenItem, table
from csdesk.services import asking, deduction_limits, dispute_steps
from csdesk.services.asking import REQUEST
from csdesk.services.dispute_steps import LIVE
from csdesk.services.tx import Tx

CLAIM, DISPUTE, DOCUMENT, ITEM = table(CreditClaim), table(Dispute), table(Document), table(OpenItem)


def once(
    tx: Tx, head: Row[Any], lines: Iterable[int], reason: str, note: str = "", *, of_deduction: bool = False,
    apart_from: int = 0,
) -> None:  # fmt: skip
    """Raises Refused when lines of an invoice are credited, or about to be, for the same reason already, by another
    request than `apart_from`.

    While a request waits nothing else may ask for the same: more pieces are an edit of it. Once it is posted a further
    case may be asked for; where either of the two settles a deduction (`of_deduction`: this one), whoever asks must say
    in a note of his own what the further case is.
    """
    joined = (CLAIM.c.company == REQUEST.c.company) & (CLAIM.c.request_id == REQUEST.c.id)
    told = (DISPUTE.c.company == REQUEST.c.company) & (DISPUTE.c.id == REQUEST.c.dispute_id)
    waits = REQUEST.c.state != "posted"
    statement = (
        select(REQUEST.c.number, REQUEST.c.state, CLAIM.c.line, DISPUTE.c.number.label("dispute"))
        .join_from(REQUEST, CLAIM, joined)
        .join(DISPUTE, told, isouter=True)
        .where(
            REQUEST.c.company == tx.company, CLAIM.c.document_id == head.id, CLAIM.c.line.in_(sorted(lines)),
            REQUEST.c.id != apart_from, REQUEST.c.reason == reason, CLAIM.c.state != "void",
            REQUEST.c.state.in_(sorted(LIVE)), REQUEST.c.id.not_in(asking.lapsed(tx)),
        )
        .order_by(waits.desc(), REQUEST.c.id)
    )  # fmt: skip
    if note.strip() or not of_deduction:
        statement = statement.where(waits if note.strip() else waits | DISPUTE.c.id.is_not(None))
    if (found := tx.row(statement.limit(1))) is not None:
        raise Refused(_sentence(head, found, of_deduction), field="reason")


def _sentence(head: Row[Any], found: Row[Any], of_deduction: bool) -> str:
    what = f"Invoice {head.number} line {found.line} is credited for this reason already: request {found.number}"
    if found.dispute:
        what += f" out of deduction {found.dispute}"
    ways = []
    if found.state == "posted":
        ways.append("if this is another case, say which behind the reason")
    elif not of_deduction:
        ways.append("it waits: edit it (e) or have it withdrawn (x) first, q shows it")
    if of_deduction and not found.dispute:
        ways.append(f"if it is this case, a{found.number} settles the deduction by it")
    return f"{'; '.join([what, *ways])}."


def fits(tx: Tx, row: Row[Any], head: Row[Any], lines: Iterable[int], reason: str, gross: int, note: str) -> None:
    """Raises Refused when a request as it is to stand asks for what another does, or for more (gross, minor units) than
    was found valid of the deduction on its invoice that it settles."""
    mine = _settled(tx, row)
    own = "" if mine is not None and note == usual_note(mine.number) else note
    once(tx, head, lines, reason, own, of_deduction=mine is not None, apart_from=row.id)
    if mine is not None and (mine.source, mine.source_id) == ("document", head.id):
        deduction_limits.within(mine, gross)


def _settled(tx: Tx, row: Row[Any]) -> Row[Any] | None:
    """The deduction a request settles, and what its item stands for; None when it settles none."""
    item = (ITEM.c.company == DISPUTE.c.company) & (ITEM.c.id == DISPUTE.c.item_id)
    statement = select(DISPUTE, ITEM.c.source, ITEM.c.source_id).join(ITEM, item)
    return tx.row(statement.where(DISPUTE.c.company == tx.company, DISPUTE.c.id == row.dispute_id))


def usual_note(deduction: str) -> str:
    """The note of a credit that settles a deduction, where none was typed."""
    return f"Deduction {deduction}"


def linked(tx: Tx, dispute: Row[Any], item: Row[Any], request: Row[Any]) -> None:
    """Raises Refused for a credit request that cannot settle a deduction: one on another invoice unless enough of its
    note is left; and one on its invoice that waits and is more than is valid, or asks what another request gave."""
    deduction_limits.settles(tx, dispute, item, request)
    if request.state == "posted" or (item.source, item.source_id) != ("document", request.document_id):
        return
    head = tx.row(select(DOCUMENT).where(DOCUMENT.c.company == tx.company, DOCUMENT.c.id == request.document_id))
    assert head is not None
    lines = [each["line"] for each in asking.payload(request)["lines"]]
    once(tx, head, lines, request.reason, request.note, of_deduction=True, apart_from=request.id)
    deduction_limits.within(dispute, request.amount)


def stands_again(tx: Tx, row: Row[Any]) -> None:
    """Raises Refused when a request that had ended is to count again and the deduction it was to settle went on without
    it: another request settles it now, or it is to be decided anew."""
    dispute = dispute_steps.of_request(tx, row.id)
    if dispute is None or dispute.request_id == row.id:
        return
    other = dispute_steps.live_request(tx, dispute)
    now = f"request {other.number} settles it" if other is not None else f"it is {dispute.state.replace('_', ' ')}"
    raise Refused(f"Deduction {dispute.number} went on without request {row.number}: {now}; ask anew for what is left.")
