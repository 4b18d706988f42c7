"""The kinds of controlled acts: what each is called, how it is checked anew, posted, and set free. A kind is one entry.

Internal to services. `recheck` raises when the request no longer fits, `post` does what was approved and gives one
sentence, `free` gives back what it held.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row

from csdesk.errors import NotFound
from csdesk.services import (
    closing,
    credit_changes,
    crediting,
    credits,
    debits,
    delegating,
    goodwill,
    overriding,
    price_overriding,
    proposing,
    provisioning,
    releasing,
    replacing,
    reversing,
    writing_off,
)
from csdesk.services.asking import Change, Wish
from csdesk.services.crediting import RequestLine
from csdesk.services.tx import Tx

Requested = Row[Any]


def _nothing(tx: Tx, row: Requested) -> None:
    return None


def _no_lines(tx: Tx, row: Requested) -> tuple[RequestLine, ...]:
    return ()


def _no_facts(tx: Tx, row: Requested) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class Kind:
    """One kind of controlled act: its short name, and what it takes. `facts` are further lines for the approver;
    `owes` tells which way its amount moves the customer's balance: -1 a credit, 1 a debit, 0 neither. `hold` takes
    again what `free` gave back, `edit` makes the wish of a new version, which needs the duty `asks`; a kind without it
    is withdrawn and asked for anew."""

    name: str
    post: Callable[[Tx, Requested], str]
    recheck: Callable[[Tx, Requested], object] = _nothing
    free: Callable[[Tx, Requested], None] = _nothing
    lines: Callable[[Tx, Requested], tuple[RequestLine, ...]] = _no_lines
    facts: Callable[[Tx, Requested], tuple[str, ...]] = _no_facts
    owes: int = 0
    books: bool = True  # it posts into the books, so that the period counts
    hold: Callable[[Tx, Requested], None] = _nothing
    edit: Callable[[Tx, Requested, Change], Wish] | None = None
    asks: str = "credit.request"


def _free_claims(tx: Tx, row: Requested) -> None:
    credits.settle_claims(tx, row.id, "void")


_CREDIT = Kind(
    "credit", crediting.post, credits.recheck, _free_claims, crediting.lines, owes=-1, hold=credit_changes.hold,
    edit=credit_changes.edit,
)  # fmt: skip
_WRITE_OFF = Kind("write-off", writing_off.post, writing_off.recheck, facts=writing_off.facts, owes=-1)
KINDS: dict[str, Kind] = {
    "credit_note": _CREDIT,
    "goodwill_credit": Kind(
        "goodwill",
        goodwill.post,
        goodwill.recheck,
        _free_claims,
        goodwill.lines,
        goodwill.facts,
        owes=-1,
        hold=credit_changes.hold,
        edit=credit_changes.edit,
    ),
    "debit_note": Kind("debit", debits.post, lines=debits.lines, owes=1),
    "write_off": _WRITE_OFF,
    "deduction_write_off": replace(_WRITE_OFF, name="deduction"),
    "small_difference": replace(_WRITE_OFF, name="small difference"),
    "reversal": Kind("reversal", reversing.post, reversing.recheck),
    "credit_limit": Kind("limit", proposing.post, proposing.recheck, facts=proposing.facts, books=False),
    "terms": Kind("terms", proposing.post, proposing.recheck, facts=proposing.facts, books=False),
    "dunning_block": Kind("no dunning", proposing.post, proposing.recheck, facts=proposing.facts, books=False),
    "provision": Kind("provision", provisioning.post, provisioning.recheck, facts=provisioning.facts),
    "replacement": Kind(
        "replace",
        replacing.post,
        replacing.recheck,
        _free_claims,
        replacing.lines,
        replacing.facts,
        books=False,
        hold=replacing.hold,
    ),
    "order_release": Kind("release", releasing.post, releasing.recheck, facts=releasing.facts, books=False),
    "delegation": Kind("delegation", delegating.post, delegating.recheck, facts=delegating.facts, books=False),
    "price_override": Kind(
        "price", price_overriding.post, price_overriding.recheck, facts=price_overriding.facts, books=False
    ),
    "override": Kind("override", overriding.post, overriding.recheck, facts=overriding.facts, books=False),
    "period_unlock": Kind("period", closing.post, closing.recheck, facts=closing.facts, books=False),
}


def of(row: Requested) -> Kind:
    """The kind of a request. Raises NotFound for one no longer known."""
    if row.kind not in KINDS:
        raise NotFound(f"Request {row.number} is a {row.kind.replace('_', ' ')}, which this desk does not know.")
    return KINDS[row.kind]
