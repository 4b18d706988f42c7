"""What the forms offer of a customer's deliveries and of what they carried."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from csdesk.money import show_quantity
from csdesk.services import earlier_claims, ticket_subjects

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk

Options = list[tuple[str, tuple[str, ...]]]  # (value, cells)
WRONG_WEEKS = 6  # so long a delivery with something wrong is offered first


async def deliveries(desk: Desk, customer_id: int) -> Options:
    """Deliveries: those of the last weeks with something wrong first, and marked; the place is what is typed, 1 is the
    latest wherever it stands."""
    rows = await desk.store.read(ticket_subjects.deliveries, customer_id)
    zone, since = desk.now.zone, desk.clock() - timedelta(weeks=WRONG_WEEKS)
    rows = tuple(sorted(rows, key=lambda row: not (row.wrong and row.at is not None and row.at >= since)))
    return [
        (str(row.place), (row.number, f"{row.at.astimezone(zone):%a %d %b}" if row.at else "", f"order {row.order}",
                          f"! {row.wrong}" if row.wrong else f"{row.lines} lines"))
        for row in rows
    ]  # fmt: skip


async def carried(desk: Desk, customer_id: int, place: int) -> Options:
    """The lines of a delivery by its place, with what was wrong and what was claimed of each before."""
    seen = await desk.store.read(ticket_subjects.delivery, customer_id, place)
    before = await desk.store.read(earlier_claims.of_delivery, seen.id)
    return [
        (str(row.line), (row.code, row.name, f"{show_quantity(row.quantity)} {row.unit}",
                         f"! {row.wrong}" if row.wrong else "",
                         f"before {before[row.line]}" if row.line in before else ""))
        for row in await desk.store.read(ticket_subjects.carried, seen.id)
    ]  # fmt: skip
