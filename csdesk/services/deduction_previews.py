"""What a step on a deduction would do, in words and amounts: read before Enter, refused as the step itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import OpenItem, table
from csdesk.money import show
from csdesk.rules import disputes
from csdesk.rules.credit_notes import LineCredit
from csdesk.services import credits, deduction_limits, deductions, dispute_steps, one_credit, reasons, writing_off
from csdesk.services.deductions import EVIDENCE_KINDS
from csdesk.services.dispute_steps import REQUEST
from csdesk.services.tx import Tx, reads

ITEM = table(OpenItem)


def _money(row: Row[Any]) -> str:
    return f"{show(row.open, row.currency)} {row.currency}"


def _item(tx: Tx, row: Row[Any]) -> Row[Any]:
    item = tx.row(select(ITEM).where(ITEM.c.company == tx.company, ITEM.c.id == row.item_id))
    assert item is not None
    return item


def _decided(tx: Tx, dispute_id: int) -> Row[Any]:
    """A deduction that the actor may decide about. Raises Refused."""
    row = dispute_steps.get(tx, dispute_id)
    deduction_limits.may_decide(tx, row)
    return row


@reads("customer.read")
def code(tx: Tx, dispute_id: int, letter: str) -> str:
    """What giving it a reason would do. Raises like the act."""
    row = dispute_steps.get(tx, dispute_id)
    reason = reasons.reason_of(tx, letter, "short")
    disputes.move_deduction(row.state, "code" if row.state == "unidentified" else "recode")
    till = dispute_steps.deadline(tx, row.account_id, dispute_steps.events(tx, row.id)[0].on, reason.code)
    return f"gives deduction {row.number}, {_money(row)}, the reason {reason.name}; to be solved by {till:%a %d %b %Y}"


@reads("customer.read")
def decide(tx: Tx, dispute_id: int, verdict: str, amount: int | None = None, note: str = "") -> str:
    """What deciding about it would do. Raises like the act."""
    row = _decided(tx, dispute_id)
    event = deduction_limits.checked_verdict(row, verdict, amount)
    state = disputes.move_deduction(row.state, "research") if row.state == "coded" else row.state
    disputes.move_deduction(state, event)
    if verdict == "invalid":
        return f"deduction {row.number} is not valid: {_money(row)} stay owed{f'; {note}' if note else ''}"
    valid = row.open if amount is None else amount
    return f"valid: {show(valid, row.currency)} of {_money(row)} of deduction {row.number}"


@reads("customer.read")
def evidence(tx: Tx, dispute_id: int, kind: str, reference: str) -> str:
    """What noting evidence would do. Raises Invalid for a kind that is none."""
    row = dispute_steps.get(tx, dispute_id)
    if kind.lower() not in EVIDENCE_KINDS:
        raise Invalid(f"'{kind}' is no kind of evidence; there are {', '.join(EVIDENCE_KINDS)}.", field="kind")
    return f"notes {EVIDENCE_KINDS[kind.lower()]} {reference} with deduction {row.number}; it stands once written"


@reads("customer.read")
def credit(tx: Tx, dispute_id: int, wanted: tuple[LineCredit, ...], note: str = "") -> str:
    """What asking for its credit would ask. Raises like the act."""
    tx.need("credit.request")
    row = _decided(tx, dispute_id)
    head, reason = deductions.credited_on(tx, row)
    words = credits.preview(tx, head.id, wanted, reason.letter, note, True)
    gross = sum(each.net + each.tax for each in credits.reckoned(tx, head, wanted).values())
    deduction_limits.within(row, gross)
    return words


@reads("customer.read")
def link(tx: Tx, dispute_id: int, number: str) -> str:
    """What settling it by a request made already would do. Raises like the act as far as that can be known."""
    row = _decided(tx, dispute_id)
    disputes.move_deduction(row.state, "credit")
    found = tx.row(
        select(REQUEST).where(
            REQUEST.c.company == tx.company, REQUEST.c.number == number.strip(), REQUEST.c.account_id == row.account_id,
            REQUEST.c.kind.in_(("credit_note", "goodwill_credit")), REQUEST.c.state.in_(sorted(dispute_steps.LIVE)),
        )
    )  # fmt: skip
    if found is None:
        raise NotFound(f"No credit request {number.strip()} of this account waits or is posted.", field="number")
    if (other := dispute_steps.of_request(tx, found.id)) is not None:
        raise Refused(f"Request {found.number} settles deduction {other.number} already.")
    one_credit.linked(tx, row, _item(tx, row), found)
    amount = f"{show(found.amount, found.currency)} {found.currency}, {found.state.replace('_', ' ')}"
    return f"credit request {found.number} ({amount}) settles deduction {row.number}, {_money(row)} open"


@reads("customer.read")
def bill_back(tx: Tx, dispute_id: int) -> str:
    """What billing it back would do. Raises like the act."""
    row = _decided(tx, dispute_id)
    waits = dispute_steps.live_request(tx, row)
    if waits is not None and waits.state != "posted":
        raise Refused(f"Request {waits.number} waits still; bill the rest back once it is posted.")
    disputes.move_deduction(row.state, "bill_back")
    return f"bills back {_money(row)} of {_item(tx, row).number}: out of dispute, due again, reminders go on"


@reads("customer.read")
def write_off(tx: Tx, dispute_id: int, letter: str) -> str:
    """What asking to write it off would ask. Raises like the act."""
    tx.need("writeoff.request")
    row = _decided(tx, dispute_id)
    disputes.move_deduction(row.state, "write_off")
    if (waits := dispute_steps.live_request(tx, row)) is not None:
        raise Refused(f"Request {waits.number} settles deduction {row.number} already ({waits.state}).")
    item = _item(tx, row)
    if item.open != row.open:
        raise Refused(f"More is open of {item.number} than is in dispute; it is not written off as a deduction.")
    return writing_off.preview(tx, row.item_id, letter, "deduction_write_off")
