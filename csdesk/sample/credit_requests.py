"""The requests behind the sample's credit notes: asked for by a rep, approved as their tier says, then posted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from csdesk.ids import new_id
from csdesk.models import CreditClaim, table
from csdesk.rules.credit_notes import Credited
from csdesk.sample.company import REPS
from csdesk.sample.site import Site
from csdesk.services import asking, credits
from csdesk.services.tx import Tx

APPROVERS = {"lead": ("lead3", "lead5"), "supervisor": ("boss1",), "manager": ("chief1",)}  # by role of a tier
CLAIM = table(CreditClaim)


def approved(site: Site, at: datetime, invoice_id: int, line: int, credit: Mapping[str, Any], reason: str) -> int:
    """Asks for the credit of a line an hour before `at`, and has every step of its tier signed; gives the request."""
    asked = timedelta(hours=1)
    tx = site.at(at - asked, REPS[invoice_id % len(REPS)])
    head = credits.head_of(tx, invoice_id)
    found = {line: Credited(credit["quantity"], credit["net"], credit["tax"])}
    row = asking.submit(tx, asking.Wish(
        "credit_note", head.customer_id, head.account_id, head.currency, credit["net"] + credit["tax"], reason,
        credits.payload_of(head, found, reason, ""), head.id, head.order_id, "", credits.creators_of(tx, head),
    ))  # fmt: skip
    tx.do(insert(CLAIM), {
        "company": tx.company, "id": new_id(), "request_id": row["id"], "document_id": head.id, "line": line,
        "quantity": credit["quantity"], "net": credit["net"], "tax": credit["tax"], "state": "pending",
    })  # fmt: skip
    barred = set(row["creators"].split())  # a lead who changed the order does not approve what is about it
    for step, role in enumerate(row["steps"].split(), 1):
        login = next(each for each in APPROVERS[role] if str(site.actors[each].person_id) not in barred)
        _sign(site.at(at - asked / 2, login), row["id"], step, role)
    return int(row["id"])


def _sign(tx: Tx, request_id: int, step: int, role: str) -> None:
    asking.change(tx, request_id, step=step)
    asking.sign(tx, asking.get(tx, request_id), "approve", role)


def posted(site: Site, at: datetime, request_id: int, note_id: int) -> None:
    """The request is posted by its note."""
    credits.settle_claims(site.tx, request_id, "posted")
    done = {"decided_at": at - timedelta(minutes=30), "post_after": at - timedelta(minutes=29)}
    asking.change(site.tx, request_id, state="posted", posted_id=note_id, **done)
