"""The collections work list as a page."""

from __future__ import annotations

from collections.abc import Sequence

from csdesk.money import show
from csdesk.prompt.page import Column, Page, Row, counted
from csdesk.services.collecting import WorkRow

COLUMNS = (
    Column("", 3, "right"),
    Column("Customer", 24),
    Column("At risk", 11, "right"),
    Column("Why", 32, flex=True),
    Column("Past due", 11, "right", wide=100),
    Column("Cur", 3, wide=100),
)


def collections_page(rows: Sequence[WorkRow]) -> Page:
    """Accounts ranked by value at risk, the reasons beside each."""
    shown = tuple(
        Row(
            (
                str(each.place), f"{each.customer} {each.name}", show(each.at_risk, each.currency),
                "; ".join(each.reasons), show(each.overdue, each.currency), each.currency,
            ),
            "warn" if "promise" in " ".join(each.reasons) else "plain",
        )
        for each in rows
    )  # fmt: skip
    lead = () if shown else (Row(("Nobody is late.",), span=True),)
    many = f"{counted(len(shown))} account{'s' * (len(shown) != 1)}"
    title = f"COLLECTIONS   {many}   {', '.join(sorted({r.currency for r in rows}))}"
    return Page(title, COLUMNS if shown else (), shown, lead, cursor=0 if shown else None)
