"""The queue below the approvals, and what Enter opens there: a held order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from csdesk.money import show
from csdesk.prompt.page import Column, Page, Row
from csdesk.services.queue import Entry
from csdesk.services.releasing import HeldView

COLUMNS = (
    Column("", 2, "right"),
    Column("Kind", 9),
    Column("Customer", 16, flex=True),
    Column("Amount", 11, "right"),
    Column("Cur", 3),
    Column("Why", 30, flex=True),
    Column("Since", 6),
)


def queue_page(approvals: Page, many: int, entries: Sequence[Entry]) -> Page:
    """The page of the `many` approvals with the other things that wait below, numbered on."""
    if not entries:
        return approvals
    if not many:
        rows = tuple(_row(n, each, False) for n, each in enumerate(entries, 1))
        return Page(f"QUEUE   {len(rows)} waiting", COLUMNS, rows, cursor=0)
    more = tuple(_row(n, each, True) for n, each in enumerate(entries, many + 1))
    return replace(approvals, title=f"{approvals.title}   and {len(more)} more", rows=(*approvals.rows, *more))


def _row(n: int, each: Entry, below: bool) -> Row:
    """A thing that waits; below approvals in their columns."""
    amount = "" if each.amount is None else show(each.amount, each.currency)
    first = (str(n) if n < 10 else "", each.kind, each.customer, amount, each.currency, each.words)
    return Row((*first, "", f"{each.due:%d %b}", "") if below else (*first, f"{each.due:%d %b}"))


def held_page(view: HeldView) -> Page:
    """A held order: why, what it would take of the limit, and what y and n do."""
    cur = view.currency
    left = "no limit" if view.limit is None else f"limit {show(view.limit, cur)}"
    lead = [
        Row((f"{show(view.gross, cur)} {cur}, placed by {view.placed_by} on {view.placed_at:%d %b %H:%M}",), "strong",
            span=True),
        Row((view.customer,), span=True),
        *(Row((f"held: {each}",), "warn", span=True) for each in view.holds),
        Row((f"exposure {show(view.exposure, cur)} -> {show(view.exposure + view.gross, cur)}   {left}",), span=True),
    ]  # fmt: skip
    if view.asked:
        lead.append(Row((f"request {view.asked} about it waits for a decision",), span=True))
    verdict = (
        f"! {view.barred}" if view.barred else "y releases it   n reason  leaves it held, with the reason   F3 back"
    )
    return Page(
        f"HELD ORDER {view.number}",
        rows=tuple(lead),
        foot=(Row((verdict,), "warn" if view.barred else "head", span=True),),
    )
