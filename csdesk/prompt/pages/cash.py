"""The cash page: credits with money left, what rule makes of each, and what was applied last."""

from __future__ import annotations

from csdesk.money import show
from csdesk.prompt.page import Column, Page, Row
from csdesk.services.applying import Cash

KINDS = {"receipt": "receipt", "credit_note": "credit", "reversal": "reversal", "write_off": "written"}


def cash_page(cash: Cash) -> Page:
    """Two numbered lists: o1 applies the first of the upper one, o-1 takes the first of the lower one back."""
    cur = cash.currency
    columns = (
        Column("", 3, "right"),
        Column("Kind", 8),
        Column("Number", 10),
        Column("Of", 9),
        Column("Left", 11, "right"),
        Column("By rule", 20, flex=True),
        Column("Reference", 16, wide=100),
    )
    rows = tuple(
        Row(
            (
                str(each.place), KINDS.get(each.kind, each.kind), each.number, f"{each.posted_on:%d %b %y}",
                show(each.left, cur), each.proposal or "nothing fits: stays on account", each.reference,
            )
        )
        for each in cash.unapplied
    )  # fmt: skip
    none = () if rows else (Row(("No credit has money left; o+250 takes in money.",), "dim", span=True),)
    foot = [Row(("Applied last   (o-1 takes the first back)",), "head", span=True)] if cash.applied else []
    foot += [
        Row((f"{each.place}  {each.applied_on:%d %b %y}  {show(each.amount, cur):>11}  {each.credit} on {each.debit}",),
            span=True)
        for each in cash.applied
    ]  # fmt: skip
    return Page(f"CASH   {len(rows)} unapplied", columns if rows else (), rows, none, tuple(foot))
