"""Approved prices at work: which lines of an order may have one, what became of one that was asked for, who may use it.

Internal to services. What is used of an approved price is what the lines that name it as their source come to
(`catalog.used`); the pricing rule puts it before every list.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, or_, select

from csdesk.errors import Conflict, Refused
from csdesk.models import ApprovalMark, ApprovalRequest, PriceOverride, table
from csdesk.money import show_quantity
from csdesk.rules.separation import BLOCK, conflict_between
from csdesk.services import catalog, drafts, separating
from csdesk.services.drafts import DraftLine, DraftRow
from csdesk.services.quoting import Quoted
from csdesk.services.tx import Tx

OVERRIDE, REQUEST, MARK = table(PriceOverride), table(ApprovalRequest), table(ApprovalMark)
KIND = "price_override"
_PREFIX = "override "


def number_of(source: str) -> str:
    """The number of the request a price comes from; '' for one from a list."""
    return source.removeprefix(_PREFIX) if source.startswith(_PREFIX) else ""


def of_numbers(tx: Tx, numbers: Iterable[str]) -> dict[str, Row[Any]]:
    """Approved prices by number."""
    wanted = sorted(set(numbers) - {""})
    if not wanted:
        return {}
    rows = tx.rows(select(OVERRIDE).where(OVERRIDE.c.company == tx.company, OVERRIDE.c.number.in_(wanted)))
    return {row.number: row for row in rows}


def taken_up(tx: Tx, order_id: int, customer_id: int, day: date, lines: Sequence[DraftLine]) -> tuple[DraftLine, ...]:
    """An order's lines as an amendment opens them: those whose price was approved meanwhile are priced anew,
    unless the actor approved it."""
    asked = select(OVERRIDE).where(
        OVERRIDE.c.company == tx.company, OVERRIDE.c.customer_id == customer_id, OVERRIDE.c.order_id == order_id,
        OVERRIDE.c.valid_from <= day, OVERRIDE.c.valid_until >= day,
    )  # fmt: skip
    rows = tx.rows(asked)
    own = _approved_by_actor(tx, [row.number for row in rows])
    rows = [row for row in rows if row.number not in own]
    used = catalog.used(tx, customer_id, {row.number: row.unit for row in rows}, order_id)

    def fits(line: DraftLine) -> bool:
        return any(
            (row.product_id, row.unit) == (line.product_id, line.unit)
            and line.quantity <= row.quantity - used.get(row.number, Decimal(0))
            and number_of(line.source) != row.number
            for row in rows
        )

    return tuple(
        replace(line, touched=True) if not line.fixed and line.quantity > 0 and fits(line) else line for line in lines
    )


def asked_words(tx: Tx, draft: DraftRow, quoted: Sequence[Quoted]) -> list[str]:
    """For the lines of a draft with a request for another price: where each stands, while it is not the price."""
    numbered = zip(drafts.numbers_of(draft), draft.lines, strict=True)
    asked = {number: line.asked for number, line in numbered if line.asked}
    if not asked:
        return []
    rows = {
        row.id: row
        for row in tx.rows(
            select(REQUEST).where(REQUEST.c.company == tx.company, REQUEST.c.id.in_(sorted(set(asked.values()))))
        )
    }
    priced = {number_of(each.source) for each in quoted}
    found = []
    for line, request in sorted(asked.items()):
        row = rows.get(request)
        if row is None or row.number in priced or row.state in {"withdrawn", "superseded"}:
            continue
        frozen = json.loads(row.payload)
        found.append(f"line {line}: {frozen['price']} asked, request {row.number} {_stands(row, frozen)}")
    return found


def _stands(row: Row[Any], frozen: Mapping[str, Any]) -> str:
    if row.state == "in_approval":
        return f"waits for {row.steps.split()[row.step - 1]}; . places it at the ordinary price"
    if row.state == "approved":
        return "is approved and counts in a moment"
    if row.state == "posted":
        most = f"{show_quantity(Decimal(frozen['quantity']))} {frozen['unit']}"
        return f"is approved for {most} in all until {date.fromisoformat(frozen['until']):%d %b %Y}"
    return f"is {row.state}{f': {row.why}' if row.why else ''}"


def never_ones_own(tx: Tx, order_id: int, quoted: Sequence[Quoted]) -> None:
    """Raises Refused when a line of the order a price was asked for gets it, anew, by the hands of whoever approved it.

    As far as the company's conflict of `order.enter` and `price.override` on the same order blocks.
    """
    fresh = of_numbers(tx, (number_of(each.source) for each in quoted if each.wanted.price is None))
    asked_here = [number for number, row in fresh.items() if row.order_id == order_id]
    for number in sorted(_approved_by_actor(tx, asked_here)):
        raise Refused(f"You approved the price of request {number}: somebody else must give it to this order.")


def _approved_by_actor(tx: Tx, numbers: Sequence[str]) -> frozenset[str]:
    """Of approved prices those the actor approved, or that were approved in his place, where that is a conflict."""
    if not numbers or not tx.actor.id:
        return frozenset()
    conflict = conflict_between("order.enter", "price.override", separating.conflicts(tx))
    if conflict is None or conflict.same_order != BLOCK:
        return frozenset()
    signed = (MARK.c.company == REQUEST.c.company) & (MARK.c.request_id == REQUEST.c.id)
    person = tx.actor.person_id
    mine = (
        select(REQUEST.c.number)
        .join(MARK, signed)
        .where(REQUEST.c.company == tx.company, REQUEST.c.number.in_(sorted(numbers)), MARK.c.decision == "approve")
        .where(MARK.c.version == REQUEST.c.version, or_(MARK.c.person_id == person, MARK.c.on_behalf_of == person))
    )
    return frozenset(row.number for row in tx.rows(mine))


def still_left(tx: Tx, order_id: int, customer_id: int, lines: Iterable[tuple[str, str, Decimal, Decimal]]) -> None:
    """Raises Conflict when lines of an order (source, unit, quantity, factor) that get an approved price back would
    use more of it than other orders have left."""
    wanted: dict[str, list[tuple[str, Decimal, Decimal]]] = {}
    for source, unit, quantity, factor in lines:
        wanted.setdefault(number_of(source), []).append((unit, quantity, factor))
    rows = of_numbers(tx, wanted)
    used = catalog.used(tx, customer_id, {number: row.unit for number, row in rows.items()}, order_id)
    for number, row in rows.items():
        mine = sum((q if unit == row.unit else q * factor for unit, q, factor in wanted[number]), Decimal(0))
        if mine + used.get(number, Decimal(0)) > row.quantity:
            raise Conflict(f"The price of request {number} was used on another order meanwhile; amend the order (e).")
