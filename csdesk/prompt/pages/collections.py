"""The collections work list as a page."""

from __future__ import annotations

from collections.abc import Sequence

from csdesk.money import show
from csdesk.prompt.page import Column, Page, Row
from csdesk.services.collecting import WorkRow

COLUMNS = (
    Column("", 3, "right"),
    Column("Customer", 8),
    Column("Name", 16, flex=True),
    Column("Past due", 11, "right"),
    Column("At risk", 11, "right"),
    Column("Cur", 3),
    Column("Why", 26, flex=True),
)


def collections_page(rows: Sequence[WorkRow]) -> Page:
    """Accounts ranked by value at risk, the reasons beside each."""
    shown = tuple(
        Row(
            (
                str(each.place), each.customer, each.name, show(each.overdue, each.currency),
                show(each.at_risk, each.currency), each.currency, "; ".join(each.reasons),
            ),
            "warn" if "promise" in " ".join(each.reasons) else "plain",
        )
        for each in rows
    )  # fmt: skip
    lead = () if shown else (Row(("Nobody is late.",), span=True),)
    title = f"COLLECTIONS   {len(shown)} accounts"
    return Page(title, COLUMNS if shown else (), shown, lead, cursor=0 if shown else None)
