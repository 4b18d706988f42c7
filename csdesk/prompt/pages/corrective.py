"""Corrective actions as a page, and as lines on their ticket."""

from __future__ import annotations

from collections.abc import Sequence

from csdesk.prompt.page import Column, Page, Row, counted
from csdesk.services.corrective import ActionView


def correctives_page(rows: Sequence[ActionView]) -> Page:
    """The open ones, the next due first; late ones stand out."""
    columns = (
        Column("", 2, "right"), Column("Until", 9), Column("Who", 14), Column("What", 24, flex=True),
        Column("Ticket", 8), Column("Customer", 18, wide=100),
    )  # fmt: skip
    made = tuple(
        Row((str(each.place), f"{each.due_on:%a %d %b}", each.owner, each.action, each.ticket, each.customer),
            "warn" if each.late else "plain")
        for each in rows
    )  # fmt: skip
    late = sum(each.late for each in rows)
    title = f"CORRECTIVE ACTIONS   {counted(len(rows))} open" + (f"   {late} late" if late else "")
    lead = () if rows else (Row(("No corrective action is open.",), span=True),)
    return Page(title, columns if rows else (), made, lead, cursor=0 if rows else None)


def action_rows(actions: Sequence[ActionView]) -> list[Row]:
    """The actions of a ticket, one line each."""
    return [
        Row(
            (
                f"d{each.place}  {each.owner} until {each.due_on:%d %b}: {each.action}"
                + (f"  (done: {each.result})" if each.done else "  LATE" if each.late else ""),
            ),
            "dim" if each.done else "warn" if each.late else "plain",
            span=True,
        )
        for each in actions
    ]
